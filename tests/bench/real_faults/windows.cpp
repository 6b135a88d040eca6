#include "tests/bench/real_faults/windows.hpp"

#include <algorithm>
#include <cstdlib>

namespace charon::bench {
namespace {

bool near_a_fault(std::int64_t time, const std::vector<InjectedFault>& faults) {
  return std::any_of(faults.begin(), faults.end(), [&](const InjectedFault& fault) {
    return time >= fault.at - before_fault && time <= fault.at + after_fault;
  });
}

Rows rows_of(const PodTable& table, const std::vector<std::size_t>& rows) {
  Rows out;
  for (const auto& column : table.values) {
    std::vector<double> values;
    for (const std::size_t row : rows) values.push_back(column[row]);
    out.push_back(std::move(values));
  }
  return out;
}

/// `first`: the candidate's first row.
Window window_at(const PodTable& table, const std::vector<InjectedFault>& faults, std::size_t first, std::int64_t distance) {
  const std::int64_t from = table.times[first];
  const std::int64_t to = table.times[first + candidate_rows - 1];
  std::vector<std::size_t> baseline;
  for (std::size_t row = first; row-- > 0 && baseline.size() < baseline_rows;) {
    if (from - table.times[row] >= distance && !near_a_fault(table.times[row], faults)) baseline.push_back(row);
  }
  Window window;
  if (baseline.size() < least_rows_before) {
    for (std::size_t row = first + candidate_rows; row < table.times.size() && baseline.size() < baseline_rows; ++row) {
      if (table.times[row] - to < distance || near_a_fault(table.times[row], faults)) continue;
      baseline.push_back(row);
      window.rows_after = true;
    }
  }
  std::sort(baseline.begin(), baseline.end());
  std::vector<std::int64_t> distances;
  for (const std::size_t row : baseline) distances.push_back(std::abs(table.times[row] - from));
  std::sort(distances.begin(), distances.end());
  if (!distances.empty()) window.distance = distances[distances.size() / 2];
  std::vector<std::size_t> candidate;
  for (std::size_t row = first; row < first + candidate_rows; ++row) candidate.push_back(row);
  window.service = table.service();
  window.metrics = table.metrics;
  window.baseline = rows_of(table, baseline);
  window.candidate = rows_of(table, candidate);
  return window;
}

}  // namespace

std::vector<Window> windows_of(const PodTable& table, const std::vector<InjectedFault>& faults) {
  std::vector<Window> windows;
  const auto row_after = [&](std::int64_t time) {
    return static_cast<std::size_t>(std::upper_bound(table.times.begin(), table.times.end(), time) - table.times.begin());
  };
  std::int64_t tail = 0;
  for (const InjectedFault& fault : faults) {
    tail = std::max(tail, fault.at + after_fault);
    if (fault.pod != table.pod) continue;
    const std::size_t first = row_after(fault.at);
    const std::size_t last = first + candidate_rows - 1;
    // A gap in the rows would let the candidate reach beyond the fault.
    if (last >= table.times.size() || table.times[last] > fault.at + after_fault + before_fault) continue;
    windows.push_back(window_at(table, faults, first, 0));
    windows.back().fault = fault.type;
  }
  for (std::size_t first = row_after(tail); first + candidate_rows <= table.times.size(); first += candidate_rows) {
    windows.push_back(window_at(table, faults, first, control_distance));
  }
  return windows;
}

}  // namespace charon::bench
