#pragma once
/// Figures that tables and plots share.
#include "tests/bench/release_regression/results.hpp"

#include <string_view>

namespace charon::bench {

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

/// The same fault at the same place, time and load, of another column; null if it did not run there.
const FaultResult* same_fault(const ColumnResults& column, const FaultResult& fault);

/// What the delay targets hold for: layout A with history.
bool has_target(const FaultResult& fault);

inline constexpr std::string_view calibrated_suffix = "_calibrated";
/// Without that suffix.
std::string_view original_of(std::string_view column);

/// Charon first, then the oracles, then the rivals by name.
std::vector<std::string> ordered_columns(const Results& results);

}  // namespace charon::bench
