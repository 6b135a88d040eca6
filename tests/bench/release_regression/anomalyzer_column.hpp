#pragma once
/// The ancestor of this agent: an anomalyzer per metric on every pod (agent/core/anomalyzer.hpp), diff, fence, highrank,
/// lowrank and magnitude, sensitivity 0.01, active size 1, 4 seasons; the first weighted mean above 0.85 on a pod of the
/// candidate rolls back. It looks at every scrape, knows no stable release and never passes.
///
/// The fence needs bounds, which its users set per metric: here twice the highest value that any stable pod showed
/// (1 where that is 0), no lower bound. A pod that has been seen for fewer scrapes than both windows is looked at too, as
/// without `delay`. Random permutations are seeded alike for every release.
#include "agent/core/anomalyzer.hpp"
#include "tests/bench/release_regression/rival_readings.hpp"

#include <map>
#include <optional>

namespace charon::bench {

class AnomalyzerColumn : public Column {
 public:
  explicit AnomalyzerColumn(double threshold) : AnomalyzerColumn(threshold, threshold) {}
  /// Works out scores above `look_from` too, for `highest_score`.
  AnomalyzerColumn(double threshold, double look_from)
      : threshold_(threshold), look_from_(look_from), permutations_(0) {}

  /// The highest score so far on the candidate's pods: what the threshold must reach for this release not to be rolled
  /// back; 0 if none is above `look_from`.
  double highest_score() const { return highest_score_; }

  void begin(const Setting& setting) override;
  Decision scrape(const FleetScrape& fleet) override;

 private:
  using PodEngines = std::array<std::optional<agent::Anomalyzer>, metric_count>;

  double threshold_;
  double look_from_;
  double highest_score_ = 0;
  agent::RandomPermutations permutations_;
  PodReadings readings_;
  MetricValues highest_{};                 ///< of stable pods, by metric
  std::map<int, PodEngines> candidates_;   ///< by pod
};

std::unique_ptr<Column> anomalyzer_ancestor();
std::unique_ptr<Column> anomalyzer_ancestor_calibrated();

}  // namespace charon::bench
