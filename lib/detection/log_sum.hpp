#pragma once
/// Mixtures of e-values that are known by their logarithms, of which some may be too large for a double.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace charon::detection {

/// log of the sum of weights[i] exp(logs[i]); of one length. What has a weight of 0 may be anything.
inline double log_sum(std::span<const double> weights, std::span<const double> logs) {
  double largest = std::numeric_limits<double>::lowest(), sum = 0;
  for (std::size_t i = 0; i < logs.size(); ++i)
    if (weights[i] > 0) largest = std::max(largest, logs[i]);
  for (std::size_t i = 0; i < logs.size(); ++i)
    if (weights[i] > 0) sum += weights[i] * std::exp(logs[i] - largest);
  return largest + std::log(sum);
}

}  // namespace charon::detection
