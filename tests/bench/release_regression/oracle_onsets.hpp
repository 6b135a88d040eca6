#pragma once
/// The oracles' grid of onsets, and evidence that is a sum of per-scrape log likelihood ratios.
#include "tests/bench/release_regression/column.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace charon::bench {

inline constexpr int onset_grid = 6;                                    ///< scrapes
inline constexpr int onset_count = candidate_scrapes / onset_grid;      ///< 0, 6, ..., 354
inline constexpr std::size_t oracle_pods = pods_per_release;            ///< an autoscaler's are not looked at
inline constexpr std::size_t scopes = oracle_pods + 1;                  ///< each pod alone; the last: all of them

/// Half the weight at the start, half evenly over the rest.
inline double onset_weight(int onset) { return onset == 0 ? 0.5 : 0.5 / (onset_count - 1); }
/// Half on all devices, half on one.
inline double scope_weight(std::size_t scope) { return scope == oracle_pods ? 0.5 : 0.5 / static_cast<double>(oracle_pods); }

/// exp, where what is too small to matter beside the threshold of 1,000 costs nothing.
inline double ratio_of(double log_ratio) { return log_ratio < -10 ? 0 : std::exp(std::min(log_ratio, 200.0)); }

/// Sums of log ratios by pod and hypothesis, remembered at each onset: the hypothesis "from o on" has the sum since o.
template <std::size_t Hypotheses>
class OnsetSums {
 public:
  void clear() { *this = OnsetSums(); }
  /// Before the candidate's scrape `index` adds anything.
  void start_of(int index) {
    if (index % onset_grid != 0) return;
    at_[static_cast<std::size_t>(index / onset_grid)] = now_;
    started_ = index / onset_grid + 1;
  }
  void add(std::size_t pod, std::size_t hypothesis, double log_ratio) { now_[hypothesis][pod] += log_ratio; }

  /// log LR; 0 before the onset.
  double log_ratio(std::size_t hypothesis, int onset, std::size_t scope) const {
    if (onset >= started_) return 0;
    const Sums& from = at_[static_cast<std::size_t>(onset)];
    if (scope < oracle_pods) return now_[hypothesis][scope] - from[hypothesis][scope];
    double sum = 0;
    for (std::size_t p = 0; p < oracle_pods; ++p) sum += now_[hypothesis][p] - from[hypothesis][p];
    return sum;
  }
  /// Mean of the likelihood ratios over onsets and scopes by their weights, summed over the first `count` hypotheses; against
  /// `reference` of the same onset and scope instead of health, where that is one of them.
  double mixture(std::size_t count, std::size_t reference = Hypotheses) const {
    double sum = 0, waiting = 0;
    for (int o = started_; o < onset_count; ++o) waiting += onset_weight(o);
    for (std::size_t h = 0; h < count; ++h) {
      sum += waiting;
      for (int o = 0; o < started_; ++o)
        for (std::size_t s = 0; s < scopes; ++s)
          sum += onset_weight(o) * scope_weight(s) * ratio_of(log_ratio(h, o, s) - (reference < Hypotheses ? log_ratio(reference, o, s) : 0));
    }
    return sum;
  }

 private:
  using Sums = std::array<std::array<double, oracle_pods>, Hypotheses>;
  Sums now_{};
  std::array<Sums, onset_count> at_{};
  int started_ = 0;
};

}  // namespace charon::bench
