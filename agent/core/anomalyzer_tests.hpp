#pragma once
/// The statistical tests of lytics/anomalyzer (Go, algorithms.go; ranks and differences as in drewlanenga/govector),
/// written anew from their definitions. A test looks at the newest `active` values and at the `reference` values before
/// them and gives a score from 0 (usual) to 1. What these scores are not is said in anomalyzer.hpp.
///
/// `nullopt`: too few values for this test. Values must be finite. Every test costs O(n log n), the permutation tests
/// that times `permutations`.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace charon::agent {

/// How many values each window holds, the newest last.
struct AnomalyzerWindows {
  std::size_t active = 1;
  std::size_t reference = 4;
};

/// Where the permutation tests take their orders from: random in use, all orders one after another in a unit test.
class PermutationSource {
 public:
  virtual ~PermutationSource() = default;
  /// `source` and `target` have the same size and do not overlap.
  virtual void permute(std::span<const double> source, std::span<double> target) = 0;
};

/// Uniform random orders; the same seed gives the same orders on every platform.
class RandomPermutations : public PermutationSource {
 public:
  explicit RandomPermutations(std::uint64_t seed) : engine_(seed) {}
  void permute(std::span<const double> source, std::span<double> target) override;

 private:
  std::mt19937_64 engine_;
};

/// |mean of active - mean of reference| / mean of reference, unbounded above. A reference mean of 0 gives 0 or 1; a
/// negative one gives a negative score.
std::optional<double> magnitude_score(std::span<const double> values, const AnomalyzerWindows& windows);

/// How near the active mean is to the upper bound or, with a lower one, to either, seen from their middle: distance d
/// from 0 to 1, as (10^d - 1) / 9.
std::optional<double> fence_score(std::span<const double> values, const AnomalyzerWindows& windows, double upper_bound,
                                  std::optional<double> lower_bound);

/// Where (mean of the active absolute differences - that of the reference) lies in the distribution function F of the
/// reference's absolute differences: |2 F - 1|.
std::optional<double> cdf_score(std::span<const double> values, const AnomalyzerWindows& windows);

/// Largest distance between both windows' distribution functions, looked at on as many evenly spaced points as both
/// windows have values. Needs a reference that is a multiple of the active window.
std::optional<double> ks_statistic(std::span<const double> values, const AnomalyzerWindows& windows);

/// Share of permutations whose rank sum in the active window is lower (`high_rank`) or higher (`low_rank`) than it is.
std::optional<double> high_rank_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                      std::size_t permutations, PermutationSource& source);
std::optional<double> low_rank_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                     std::size_t permutations, PermutationSource& source);
/// The same of the ranks of |x_i - x_(i-1)| / |x_i|, permuting the values and not the differences.
std::optional<double> diff_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                 std::size_t permutations, PermutationSource& source);
/// Share of permutations whose `ks_statistic` is lower.
std::optional<double> bootstrap_ks_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                         std::size_t permutations, PermutationSource& source);

/// Ranks from 0 as govector gives them: of equal values the first in order gets the highest of their ranks, the others
/// 0; NaN (0 against 0 among relative differences) gets 0 and takes no rank.
std::vector<double> govector_ranks(std::span<const double> values);

}  // namespace charon::agent
