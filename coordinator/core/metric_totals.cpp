#include "coordinator/core/metric_totals.hpp"

#include <algorithm>
#include <numeric>

namespace charon::coordinator {
namespace {

bool same_shape(const wire::MetricCounts& a, const wire::MetricCounts& b) {
  return a.kind == b.kind && a.bounds == b.bounds && a.counts.size() == b.counts.size();
}

double each_window(const wire::MetricCounts& m) {
  const std::uint64_t requests = std::accumulate(m.counts.begin(), m.counts.end(), std::uint64_t{0});
  return m.windows > 0 ? static_cast<double>(requests) / static_cast<double>(m.windows) : 0;
}

}  // namespace

void MetricTotals::add(const std::vector<wire::MetricCounts>& increments) {
  for (const wire::MetricCounts& more : increments) {
    const auto found = totals_.find(more.metric);
    if (found == totals_.end()) {
      if (totals_.size() < wire::max_metrics) totals_.emplace(more.metric, more);
      continue;
    }
    wire::MetricCounts& total = found->second;
    if (!same_shape(total, more)) continue;
    for (std::size_t i = 0; i < total.counts.size(); ++i) total.counts[i] = std::min(total.counts[i] + more.counts[i], std::uint64_t{1} << 53);
    total.windows += more.windows;
  }
}

void MetricTotals::bound_windows(std::uint64_t most) {
  for (auto& [name, total] : totals_)
    while (total.windows > most) {
      for (auto& count : total.counts) count /= 2;
      total.windows /= 2;
    }
}

std::uint64_t MetricTotals::windows() const {
  std::uint64_t most = 0;
  for (const auto& [name, total] : totals_) most = std::max(most, total.windows);
  return most;
}

double MetricTotals::requests_per_window() const {
  double most = 0;
  for (const auto& [name, total] : totals_) most = std::max(most, each_window(total));
  return most;
}

std::vector<wire::MetricCounts> MetricTotals::list() const {
  std::vector<wire::MetricCounts> out;
  for (const auto& [name, total] : totals_) out.push_back(total);
  return out;
}

double requests_per_window(const std::vector<wire::MetricCounts>& counts) {
  double most = 0;
  for (const wire::MetricCounts& m : counts) most = std::max(most, each_window(m));
  return most;
}

std::uint64_t windows(const std::vector<wire::MetricCounts>& counts) {
  std::uint64_t most = 0;
  for (const wire::MetricCounts& m : counts) most = std::max(most, m.windows);
  return most;
}

std::vector<wire::MetricCounts> increments(const std::vector<wire::MetricCounts>& before, const std::vector<wire::MetricCounts>& now) {
  std::vector<wire::MetricCounts> out;
  for (const wire::MetricCounts& total : now) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const auto& m) { return m.metric == total.metric; });
    wire::MetricCounts& more = out.emplace_back(total);
    if (old == before.end()) continue;
    if (!same_shape(*old, total) || old->windows > total.windows) {
      out.pop_back();
      continue;
    }
    more.windows -= old->windows;
    for (std::size_t i = 0; i < more.counts.size(); ++i) more.counts[i] -= std::min(old->counts[i], more.counts[i]);
  }
  return out;
}

}  // namespace charon::coordinator
