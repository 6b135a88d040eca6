#include "lib/detection/pooled_shift.hpp"

#include "lib/detection/log_sum.hpp"
#include "lib/detection/variance_prior.hpp"

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

double log_likelihood(std::span<const PodShift> pods, double d, double factor) {
  double sum = 0, precisions = 0, score = 0, variances = 0, start = 0;
  for (const PodShift& pod : pods) {
    const double v = factor * pod.variance, k = 1 / (1 / pod.precision + v), rest = pod.mean - d;
    sum += (std::log(k) - k * rest * rest) / 2;
    precisions += k;
    score += k * rest;
    variances += v;
    start = std::max(start, std::abs(pod.in_common));
  }
  const double common = of_variance_in_common * variances / static_cast<double>(pods.size()) + start * start;
  return sum + score * score / (2 * (precisions + 1 / common)) - std::log(1 + common * precisions) / 2;
}

}  // namespace

double log_pooled_shift(std::span<const PodShift> pods, double degrees, double tolerance, std::span<const double> sizes) {
  if (pods.empty()) return 0;
  const auto weights = variance_weights(degrees);
  const auto log_marginal = [&](double d) {
    std::array<double, variance_factors.size()> logs{};
    for (std::size_t i = 0; i < logs.size(); ++i) logs[i] = log_likelihood(pods, d, variance_factors[i]);
    return log_sum(weights, logs);
  };
  const double null = log_marginal(tolerance);
  double sum = 0;
  for (const double size : sizes) sum += std::exp(std::min(log_marginal(size) - null, 600.0));
  return std::log(std::max(sum / static_cast<double>(sizes.size()), 1e-7));
}

}  // namespace charon::detection
