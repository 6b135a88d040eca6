#pragma once
/// The rules for the samples that together are one point of one metric: a histogram's buckets, sum and count at one time
/// (OpenMetrics 1.0, "Histogram", "GaugeHistogram", "Counter"; Prometheus text format 0.0.4, "Histograms and summaries").
#include "agent/core/exposition_format.hpp"
#include "agent/core/sample.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace charon::agent {

class MetricPoint {
 public:
  MetricPoint(FamilyType type, Dialect dialect, std::size_t line) : type_(type), dialect_(dialect), line_(line) {}

  /// Of the first sample.
  std::size_t line() const { return line_; }

  /// The next sample, in the order of the text. `suffix`: "_bucket", "_count", ...; `bound`: a bucket's le. Returns what
  /// was expected where the sample breaks an order.
  std::optional<std::string> add(std::string_view suffix, double value, double bound);
  /// What was expected where the point as a whole is incomplete or contradicts itself.
  std::optional<std::string> finish() const;

 private:
  std::optional<std::string> finish_openmetrics_histogram() const;

  FamilyType type_;
  Dialect dialect_;
  std::size_t line_;
  std::optional<double> bound_, bucket_;  ///< of the last bucket
  std::optional<double> count_, sum_;
  bool negative_buckets_ = false, total_ = false, created_ = false;
};

}  // namespace charon::agent
