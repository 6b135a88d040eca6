#pragma once
/// A variance that is known from some degrees of freedom only: X times its estimate, 1/X ~ chi^2 / degrees, so that what it
/// scales is Student's t, a mixture of Gaussians over scaled inverse chi^2 variances (A. Gelman et al., Bayesian Data Analysis, 3rd
/// ed., 17.2). Departs from it by a grid of X, which ends at 0.25 and 8: the tails are lighter beyond.
#include <array>
#include <cmath>

namespace charon::detection {

inline constexpr std::array<double, 6> variance_factors = {0.25, 0.5, 1, 2, 4, 8};  ///< X

/// Their probabilities: the density of log X, summing to 1.
inline std::array<double, variance_factors.size()> variance_weights(double degrees) {
  std::array<double, variance_factors.size()> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] = std::exp(degrees / 2 * (1 - std::log(variance_factors[i]) - 1 / variance_factors[i]));
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace charon::detection
