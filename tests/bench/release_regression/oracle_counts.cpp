#include "tests/bench/release_regression/oracle_counts.hpp"

#include <boost/math/special_functions/gamma.hpp>

namespace charon::bench {
namespace {

constexpr double jeffreys = 0.5;  // of the common rate's prior, in counts

}  // namespace

double log_negative_binomial(double count, double mean, double relative_variance) {
  using boost::math::policies::promote_double;
  const boost::math::policies::policy<promote_double<false>> in_double;  // long double costs five times as much
  const double k = 1 / relative_variance;
  const double gammas = count > 0 ? boost::math::lgamma(count + k, in_double) - boost::math::lgamma(k, in_double) : 0;
  return gammas - k * std::log1p(mean / k) + (count > 0 ? count * std::log(mean / (k + mean)) : 0);
}

RateEvidence::RateEvidence(double cv, double spread_variance, bool add, std::vector<double> sizes, std::optional<double> tolerated)
    : cv2_(cv * cv), spread_variance_(spread_variance), add_(add), sizes_(std::move(sizes)), tolerated_(tolerated) {}

void RateEvidence::begin() {
  count_ = exposure_ = 0;
  own_count_.fill(0);
  own_exposure_.fill(0);
  sums_.clear();
}

double RateEvidence::weight(double exposure, double count) const {
  const double mean = exposure_ > 0 ? (count_ + jeffreys) / exposure_ * exposure : count;
  return 1 / (1 + mean * cv2_);
}

void RateEvidence::observe_stable(double count, double exposure) {
  const double w = weight(exposure, count);
  count_ += w * count;
  exposure_ += w * exposure;
}

void RateEvidence::observe_candidate(std::size_t pod, double count, double exposure) {
  if (exposure_ <= 0 || exposure <= 0) return;
  const double common = (count_ + jeffreys) / exposure_;
  const double prior_shape = 1 / (spread_variance_ + 1 / (count_ + jeffreys));
  const double shape = prior_shape + own_count_[pod];
  const double rate = shape / (prior_shape / common + own_exposure_[pod]);
  const double healthy = log_negative_binomial(count, rate * exposure, cv2_ + 1 / shape);
  const auto see = [&](std::size_t s, double size) {
    const double faulty = add_ ? common + size : common * size;
    const double spread = add_ ? 0 : spread_variance_ + 1 / (count_ + jeffreys);
    sums_.add(pod, s, log_negative_binomial(count, faulty * exposure, cv2_ + spread) - healthy);
  };
  for (std::size_t s = 0; s < sizes_.size(); ++s) see(s, sizes_[s]);
  if (tolerated_) see(sizes_.size(), *tolerated_);
  const double w = 1 / (1 + rate * exposure * cv2_);
  own_count_[pod] += w * count;
  own_exposure_[pod] += w * exposure;
}

void RestartEvidence::observe(std::size_t pod, bool restarted, double seconds) {
  const auto see = [&](std::size_t s, double mean) { sums_.add(pod, s, (restarted ? std::log1p(1 / (mean * rate_)) : 0) - seconds / mean); };
  for (std::size_t s = 0; s < means_.size(); ++s) see(s, means_[s]);
  if (tolerated_) see(means_.size(), *tolerated_);
}

}  // namespace charon::bench
