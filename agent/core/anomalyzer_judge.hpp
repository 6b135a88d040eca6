#pragma once
/// The classic engine as judge of a pod (RollbackPolicy's `detector: anomalyzer`): an Anomalyzer for each metric, fed a
/// value a scrape. The pod's release fails as soon as one metric's score is above the threshold, and stays failed until it
/// is restarted: the engine's window forgets a fault within a few scrapes, and its ancestor acted on the first alarm. It
/// never passes. What its scores are worth is said in anomalyzer.hpp.
///
/// Evidence has one scale for all detectors to be shown on: a score of s stands as -log(1 - s), so that 1 - 1/e^evidence,
/// the probability in the agent's log, is the score. It bounds no error.
#include "agent/core/anomalyzer.hpp"
#include "agent/core/evidence.hpp"

#include <span>

namespace charon::agent {

class AnomalyzerJudge {
 public:
  struct Value {
    std::string_view metric;
    wire::MetricKind kind = wire::MetricKind::level;
    Excluded excluded = Excluded::no;
    double value = 0;  ///< in the metric's unit, or a share; NaN: not in this scrape
  };

  /// Other parameters start anew. `policy` is valid (wire::validate).
  void configure(const wire::AnomalyzerPolicy& policy);
  void restart() { series_.clear(); }
  /// One good scrape: all metrics, excluded ones too.
  void scrape(std::span<const Value> values, Time now);
  /// Verdict, combined evidence and metrics; `decides` false: never a verdict.
  void describe(Evidence& out, bool decides) const;

 private:
  struct Series {
    MetricEvidence shown;   ///< from an alarm on as it was then
    Anomalyzer engine;
  };
  Series& series_of(const Value& value);

  wire::AnomalyzerPolicy policy_;
  RandomPermutations permutations_{0};
  std::vector<Series> series_;
};

}  // namespace charon::agent
