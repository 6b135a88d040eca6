#pragma once
/// One pod of the simulated service: its own effects, the state of its gauges, its process' counters.
#include "tests/bench/release_regression/histogram_table.hpp"
#include "tests/bench/release_regression/random.hpp"
#include "tests/bench/release_regression/world.hpp"

namespace charon::bench {

/// What the pods of one simulated release share.
struct Surroundings {
  struct Node {  // log (cache ratio: logit)
    std::array<double, level_count> levels{};
    std::array<double, histogram_count> latency{};
    double errors = 0;
  };
  const Model* model = nullptr;
  const Scenario* scenario = nullptr;
  int device = 0;  ///< the node, and the candidate on it, that effects on one device hit
  std::array<Node, nodes_per_fleet> nodes;
  std::array<double, level_count> base{};  ///< log (logit)
  std::array<HistogramTable, histogram_count> ordinary_tables, changed_tables;
};

/// Whether the effect is on at a scrape of the candidate (earlier ones are negative).
bool is_active(const Effect& effect, int scrape);

class SimulatedPod {
 public:
  bool running() const { return running_; }
  void stop() { running_ = false; }
  /// Starts, one interval before `now`. `stream`: of the simulated release.
  void start(const Surroundings& around, int number, int release, double now, std::uint64_t stream);
  /// One interval on; `at`: scrape of the candidate, earlier ones negative. The values shown are valid until the next call.
  PodScrape scrape(const Surroundings& around, int at, double planned, double load);

 private:
  struct Changes;
  bool is_hit(const Effect& effect, int device) const;
  Changes changes(const Surroundings& around, int at, double now) const;
  void restart(double now);
  void wander(const Surroundings& around, const Changes& c);
  void step_levels(const Surroundings& around, const Changes& c, double age, double log_load, double dt);
  void step_counts(const Surroundings& around, const Changes& c, double age, double load, double dt);
  PodScrape show(const Scenario& scenario, double now, bool lost);

  Random random_{0};
  int number_ = 0, node_ = 0, release_ = 0;
  bool running_ = false, fresh_ = false;  // fresh: restarted since the last scrape that succeeded
  double started_ = 0, last_ = 0;
  std::array<double, level_count> effect_{}, x_{};
  std::array<double, histogram_count> latency_effect_{};
  double error_effect_ = 0, request_effect_ = 0;
  double saw_period_ = 1, saw_phase_ = 0;
  int burst_phase_ = 0;
  std::array<double, series_count> values_{};
  std::array<double, series_count> shown_{};  // where series are missing
};

}  // namespace charon::bench
