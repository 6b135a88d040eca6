#pragma once
/// What the oracles read from the scrapes of one pod: differences of counters, gauges on their scale, net of what they
/// know (load and start-up).
#include "tests/bench/release_regression/histogram_table.hpp"
#include "tests/bench/release_regression/world.hpp"

namespace charon::bench {

/// A duration's median from bucket counts by Fisher scoring: one observation of the shift with known information.
///
/// Around m: y = m + U(m) / (n I(m)), U = sum counts * d log p / dm the score, n I the expected information; y has the
/// mean of the shift and variance 1/(n I). Repeated where counts are many (it then is the maximum likelihood estimate); a
/// few counts are taken once, at the expected shift, where the sum of many such scores is sufficient (Le Cam's one-step
/// estimator; van der Vaart, Asymptotic Statistics, section 5.7).
class ShiftReader {
 public:
  ShiftReader() = default;
  ShiftReader(double median, double sigma, std::span<const double> bounds);
  struct Shift {
    double y = 0, variance = 0;  ///< variance 0: nothing seen
  };
  Shift read(const std::array<double, buckets>& counts, double expected) const;

 private:
  struct Row {
    std::array<double, buckets> score{};
    double information = 0;
  };
  static constexpr double lowest = -2.5, highest = 3.5, step = 1.0 / 64;
  std::vector<Row> rows_;
};

struct Reading {
  double seconds = 0;                      ///< since the last scrape that succeeded; of counters
  bool restarted = false;
  double total = 0, bad = 0;               ///< requests since then
  bool has_counts = false;
  std::array<std::array<double, buckets>, histogram_count> counts{};  ///< per bucket, not cumulative
  std::array<bool, histogram_count> has_histogram{};
  std::array<double, level_count> level{};  ///< on the metric's scale; rates over exactly one interval only
  std::array<bool, level_count> has_level{};
};

class PodReader {
 public:
  void clear() { seen_ = false; }
  /// False for a lost scrape.
  bool read(const PodScrape& scrape, int step, Reading& out);

 private:
  bool seen_ = false;
  int step_ = 0;
  double time_ = 0;
  std::array<double, series_count> last_{};
};

}  // namespace charon::bench
