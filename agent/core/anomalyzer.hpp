#pragma once
/// The classic engine: lytics/anomalyzer's weighted mean of its tests over a short window of one series, for those who
/// come from it (`detector: anomalyzer`) and as a column of the benchmark. Definitions: anomalyzer_tests.hpp. Parameter
/// names are the library's: sensitivity, upperBound, lowerBound, activeSize, nSeasons, methods, delay, permCount.
///
/// Weaknesses, none of which its parameters mend; tests/bench/release_regression puts numbers on them:
///  - It looks at every scrape and keeps no account of having looked: a threshold bounds neither the errors of a release
///    nor those of a day. With many series and scrapes some false alarm is certain.
///  - The score is no probability: a mean of shares of permutations and of relative changes, with weights that jump from
///    0.5 to 5 where magnitude or fence pass 0.8.
///  - Permutations assume that the values are exchangeable; scrapes are correlated, so a slow drift looks like a change.
///    With the usual window of 1 + 4 values the rank tests cannot exceed 0.8 and `diff` not 1 in any honest way: with
///    500 random permutations what lies above is chance.
///  - It remembers `activeSize * (1 + nSeasons)` values: a leak, and a fault that lasts longer than the window, become
///    the reference and vanish; a release that is bad from its start was never anything else.
///  - Magnitude jumps to 1 where the reference mean is 0 (the first error in a quiet minute) and never alarms where it
///    is negative; it knows no direction, so an improvement counts as much as a fault.
///  - No stable release, no other pod and no load enter: it cannot tell a release from its node or from the traffic.
///
/// Differs from the library: keeps at most the two windows (there, `Update` cuts to them and `Push` keeps everything, so
/// that its permutation tests compare with all history); values that are not finite are left out; equal values around a
/// NaN difference are ranked in a defined order. `ks` is the library's bootstrap over the KS statistic.
#include "agent/core/anomalyzer_tests.hpp"
#include "lib/base/wire_policy.hpp"

namespace charon::agent {

using wire::AnomalyzerMethod;

/// Defaults are the library's; `methods` as its code has them (its README says magnitude and cdf).
struct AnomalyzerSettings {
  double sensitivity = 0.1;            ///< below this magnitude the score is 0
  std::optional<double> upper_bound;   ///< fence, in the metric's unit
  std::optional<double> lower_bound;
  std::size_t active_size = 1;         ///< values
  std::size_t n_seasons = 4;           ///< reference window in active windows
  std::size_t perm_count = 500;
  bool delay = false;                  ///< score 0 until both windows are full
  std::vector<AnomalyzerMethod> methods = {AnomalyzerMethod::magnitude, AnomalyzerMethod::ks};
};

inline constexpr std::size_t max_anomalyzer_values = 10'000;       ///< of both windows
inline constexpr std::size_t max_anomalyzer_permutations = 100'000;

/// One series. Allocates within `score`.
class Anomalyzer {
 public:
  /// errors: invalid_input (a window below 1 or a reference below 4 values, a fence without or with crossed bounds, no
  /// methods), too_large
  static Result<Anomalyzer> create(AnomalyzerSettings settings);

  /// Adds the newest value; NaN and infinities are left out.
  void push(double value);
  /// Weighted mean of the methods' scores, 0 to 1.
  double score(PermutationSource& source) const;
  /// The score if it is above the threshold; without permutations where they cannot decide that.
  std::optional<double> score_above(double threshold, PermutationSource& source) const;
  /// Of the values before the active window; nothing where there are none.
  std::optional<double> reference_mean() const;

 private:
  explicit Anomalyzer(AnomalyzerSettings settings);
  bool has(AnomalyzerMethod method) const;
  template <class PermutationScore>
  double weighted_mean(PermutationScore permutation_score) const;

  AnomalyzerSettings settings_;
  AnomalyzerWindows windows_;
  std::vector<double> values_;  ///< the newest last
};

}  // namespace charon::agent
