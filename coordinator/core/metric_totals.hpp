#pragma once
/// Sums of what agents counted. Counts of one metric add up only where kind and bounds agree.
#include "lib/base/wire.hpp"

namespace charon::coordinator {

/// By metric name; at most wire::max_metrics.
class MetricTotals {
 public:
  /// A metric of another kind or other bounds than the one that is held is left out: the first seen wins.
  void add(const std::vector<wire::MetricCounts>& increments);
  /// Halves counts and windows of each metric until its windows are at most `most`: old scrapes weigh half as much as
  /// newer ones, so that totals stay recent.
  void bound_windows(std::uint64_t most);
  /// Of the metric with most windows.
  std::uint64_t windows() const;
  /// Of the metric with most of them.
  double requests_per_window() const;
  std::vector<wire::MetricCounts> list() const;
  bool empty() const { return totals_.empty(); }
  void clear() { totals_.clear(); }

 private:
  std::map<std::string, wire::MetricCounts> totals_;
};

/// Requests per scrape of the metric with most of them; 0: none.
double requests_per_window(const std::vector<wire::MetricCounts>& counts);
/// Scrapes of the metric with most of them.
std::uint64_t windows(const std::vector<wire::MetricCounts>& counts);

/// What one agent counted between two of its reports: never negative (a total that fell counts as nothing).
std::vector<wire::MetricCounts> increments(const std::vector<wire::MetricCounts>& before, const std::vector<wire::MetricCounts>& now);

}  // namespace charon::coordinator
