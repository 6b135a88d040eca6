#pragma once
/// Bucket probabilities of a log-normal duration whose median is shifted, from a table: eleven error functions a histogram
/// and scrape would take most of the simulator's time. Steps of 1/64 in the shift, linear in between: off by less than
/// 1e-4 of a bucket's probability at its steepest.
#include "tests/bench/release_regression/random.hpp"

#include <array>
#include <span>
#include <vector>

namespace charon::bench {

class HistogramTable {
 public:
  static constexpr std::size_t buckets = 12;  ///< +Inf included
  static constexpr double lowest = -3, highest = 4, step = 1.0 / 64;

  HistogramTable() = default;
  /// `median` in seconds; `sigma`: sd of the log; `bounds`: 11 upper bounds in seconds.
  HistogramTable(double median, double sigma, std::span<const double> bounds);

  /// Distributes `count` durations, adding to the cumulative `bucket[0..11]`.
  void draw(double count, double shift, Random& random, double* bucket) const;
  /// Probability of each bucket alone (not cumulative), shift in log.
  std::array<double, buckets> probabilities(double shift) const;
  double mean() const { return mean_; }                  ///< seconds, without shift
  double relative_sd() const { return relative_sd_; }

 private:
  using Row = std::array<double, buckets>;
  Row at(double shift) const;  // cumulative

  std::vector<Row> rows_;
  double mean_ = 0, relative_sd_ = 0;
};

}  // namespace charon::bench
