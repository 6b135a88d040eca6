#pragma once
/// The oracles' evidence in counts: errors, requests, restarts. Likelihood ratios of one-step predictive densities, which
/// multiply to the marginal likelihoods' ratio (Dawid, JRSS A 147, 1984).
///
/// Errors and requests: given its mean, a scrape's count is negative binomial, Poisson with a Gamma of known cv. A pod's
/// rate has a Gamma prior: mean and its uncertainty from the pods that are no candidates (their counts weighted by
/// 1/(1 + mean cv^2), as over-dispersion asks: McCullagh, Nelder, Generalized Linear Models, section 6.2), plus the known
/// spread between pods and nodes. Under the null the rate is learnt from the candidate's own scrapes as well; its predictive
/// is negative binomial with cv^2 + the rate's relative variance. Under a fault it is the prior's mean, times or plus the
/// effect: what the spread adds there is less than the effect's size. The null's density is the exact one up to the moments
/// of a Gamma, and the other is a density, so the ratio has an expectation of 1 under the null.
///
/// Restarts: Poisson of known rate against the rate plus the fault's.
#include "tests/bench/release_regression/oracle_onsets.hpp"

#include <optional>

namespace charon::bench {

/// log of the negative binomial probability of `count`, up to what does not depend on mean and cv.
double log_negative_binomial(double count, double mean, double relative_variance);

class RateEvidence {
 public:
  static constexpr std::size_t max_sizes = 5;

  /// `add`: effects are added to the rate (errors), else it is multiplied (requests). `tolerated`: an effect that the null
  /// includes, if any.
  RateEvidence(double cv, double spread_variance, bool add, std::vector<double> sizes, std::optional<double> tolerated);

  void begin();
  void observe_stable(double count, double exposure);
  void start_of(int index) { sums_.start_of(index); }
  void observe_candidate(std::size_t pod, double count, double exposure);
  double mixture() const { return sums_.mixture(sizes_.size(), tolerated_ ? sizes_.size() : max_sizes); }
  double log_ratio(std::size_t size, int onset, std::size_t scope) const { return sums_.log_ratio(size, onset, scope); }
  const std::vector<double>& sizes() const { return sizes_; }

 private:
  double weight(double exposure, double count) const;

  double cv2_, spread_variance_;
  bool add_;
  std::vector<double> sizes_;
  std::optional<double> tolerated_;
  double count_ = 0, exposure_ = 0;  // weighted, of pods that are no candidates
  std::array<double, oracle_pods> own_count_{}, own_exposure_{};
  OnsetSums<max_sizes> sums_;
};

class RestartEvidence {
 public:
  static constexpr std::size_t max_sizes = 4;
  /// Per second; seconds, also those between restarts that the null includes, if any.
  RestartEvidence(double rate, std::vector<double> means, std::optional<double> tolerated) : rate_(rate), means_(std::move(means)), tolerated_(tolerated) {}

  void begin() { sums_.clear(); }
  void start_of(int index) { sums_.start_of(index); }
  void observe(std::size_t pod, bool restarted, double seconds);
  double mixture() const { return sums_.mixture(means_.size(), tolerated_ ? means_.size() : max_sizes); }
  double log_ratio(std::size_t size, int onset, std::size_t scope) const { return sums_.log_ratio(size, onset, scope); }
  const std::vector<double>& sizes() const { return means_; }

 private:
  double rate_;
  std::vector<double> means_;
  std::optional<double> tolerated_;
  OnsetSums<max_sizes> sums_;
};

}  // namespace charon::bench
