#include "tests/bench/release_regression/histogram_table.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace charon::bench {

HistogramTable::HistogramTable(double median, double sigma, std::span<const double> bounds)
    : mean_(median * std::exp(sigma * sigma / 2)), relative_sd_(std::sqrt(std::expm1(sigma * sigma))) {
  for (double shift = lowest; shift <= highest + step / 2; shift += step) {
    Row row{};
    for (std::size_t k = 0; k + 1 < buckets; ++k)
      row[k] = 0.5 * std::erfc(-(std::log(bounds[k] / median) - shift) / (sigma * std::numbers::sqrt2));
    row[buckets - 1] = 1;
    rows_.push_back(row);
  }
}

HistogramTable::Row HistogramTable::at(double shift) const {
  const double position = (std::clamp(shift, lowest, highest - step) - lowest) / step;
  const auto i = static_cast<std::size_t>(position);
  const double w = position - static_cast<double>(i);
  Row row;
  for (std::size_t k = 0; k < buckets; ++k) row[k] = rows_[i][k] + w * (rows_[i + 1][k] - rows_[i][k]);
  return row;
}

std::array<double, HistogramTable::buckets> HistogramTable::probabilities(double shift) const {
  Row row = at(shift);
  for (std::size_t k = buckets - 1; k > 0; --k) row[k] = std::max(1e-12, row[k] - row[k - 1]);
  row[0] = std::max(1e-12, row[0]);
  return row;
}

void HistogramTable::draw(double count, double shift, Random& random, double* bucket) const {
  const Row row = at(shift);
  if (count <= 16) {  // one by one
    for (int i = 0; i < static_cast<int>(count); ++i) {
      const double u = random.uniform();
      for (std::size_t k = buckets; k-- > 0;) {
        if (u > row[k]) break;
        bucket[k] += 1;
      }
    }
    return;
  }
  double left = count, below = 0, drawn = 0;
  for (std::size_t k = 0; k < buckets; ++k) {
    if (left > 0) {
      const double p = k + 1 == buckets || below >= 1 ? 1 : std::clamp((row[k] - below) / (1 - below), 0.0, 1.0);
      const double in = random.binomial(left, p);
      left -= in;
      drawn += in;
      below = row[k];
    }
    bucket[k] += drawn;
  }
}

}  // namespace charon::bench
