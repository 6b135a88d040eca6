#pragma once
/// Figures that tables and plots share.
#include "tests/bench/release_regression/results.hpp"

#include <string>
#include <string_view>

namespace charon::bench {

struct Counted {
  std::int64_t events = 0, trials = 0;
  void add(std::int64_t more_events, std::int64_t more_trials) {
    events += more_events;
    trials += more_trials;
  }
  double share() const { return trials > 0 ? static_cast<double>(events) / static_cast<double>(trials) : 0; }
};

/// A share of `events` in `trials` with its exact (Clopper and Pearson 1934) two-sided 95% interval.
struct Rate {
  double share = 0, lower = 0, upper = 1;
};
Rate clopper_pearson(std::int64_t events, std::int64_t trials);

/// A cell in which an oracle leaves room for a target: its p90 within a third of the scrapes left after the onset.
bool qualifies(const FaultResult& oracle);

/// Median at most 1.5 times the oracle's + 3 scrapes (2 times + 3 from phi 0.95 on), p90 at most 2 times + 3, at least 99%
/// of the runs detected.
struct DelayTarget {
  double median = 0, p90 = 0;
  bool median_met = false, p90_met = false, detection_met = false;
  bool met() const { return median_met && p90_met && detection_met; }
};
DelayTarget delay_target(const FaultResult& column, const FaultResult& oracle);

/// A fault from the start of what Pass asks for by default: errors, latency, restarts.
bool deciding_from_start(const FaultResult& fault);
/// Such a fault of the size that matters, which must pass in at most 1% of the runs: errors +1%, latency x1.2.
bool must_not_pass(const FaultResult& fault);

/// Where an oracle for Pass passes 95% a column has to pass 90%.
struct PassTarget {
  bool asked = false, met = false;
};
PassTarget pass_target(const HealthyResult& column, const HealthyResult& oracle);
/// At 0.1 requests a second nothing can be said of errors.
inline constexpr double too_few_requests = 0.1;

/// The same world, layout, history, phi and load, of another column; null if it did not run there.
const HealthyResult* same_world(const ColumnResults& column, const HealthyResult& world);
/// The same fault at the same place, time and load, of another column; null if it did not run there.
const FaultResult* same_fault(const ColumnResults& column, const FaultResult& fault);

/// What the delay targets hold for: layout A with history.
bool has_target(const FaultResult& fault);

inline constexpr std::string_view calibrated_suffix = "_calibrated";
/// Without that suffix.
std::string_view original_of(std::string_view column);

/// How tables name a healthy cell: the model by phi in layout A with history; every other world, layout and load pooled over phi.
std::string row_of(const HealthyResult& healthy);
/// "12", "-" for never.
std::string scrapes(double delay);

/// Charon first, then the oracles, then the rivals by name.
std::vector<std::string> ordered_columns(const Results& results);

}  // namespace charon::bench
