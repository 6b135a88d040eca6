#pragma once
/// The mean likelihood ratio of an onset over the sizes that a fault may have, none of them more likely than another.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace charon::detection {

struct OverSizes {
  double mean = 0;
  double best = std::numeric_limits<double>::lowest();  ///< log ratio of the likeliest size
  /// Nothing began there: to give up what its weight is worth only lowers a mixture over onsets.
  bool hopeless() const { return best < -7; }
};

/// `log_ratio(size)`: natural logarithm. Few pass e^700 and none matters then: the mean saturates instead of overflowing.
template <class LogRatio>
OverSizes over_sizes(std::span<const double> sizes, const LogRatio& log_ratio) {
  constexpr double negligible = -16;  // adds less than 2e-7
  constexpr double most = 600;
  OverSizes out;
  for (const double size : sizes) {
    const double ratio = log_ratio(size);
    out.best = std::max(out.best, ratio);
    if (ratio > negligible) out.mean += std::exp(std::min(ratio, most));
  }
  out.mean /= static_cast<double>(sizes.size());
  return out;
}

}  // namespace charon::detection
