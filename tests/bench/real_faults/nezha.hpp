#pragma once
/// The pod metrics of IntelligentDDS/Nezha (rca_data, MIT): one row a minute and pod, faults injected at known times.
///
/// A row's time is that of its column Time: TimeStamp is the same number in every file but adservice's of 2022-08-22, where
/// digits are wrong. Rows come sorted, one a time. A cell that is no number is NaN (latencies without requests are written
/// so); a row with another number of cells than the header, or without a time, is cut.
/// front_service.csv is not trustworthy and is not read; neither are the files without a pod. Left out as metrics: names
/// and times, and what is one value throughout (PodSuccessRate is 0 everywhere).
#include "lib/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace charon::bench {

struct PodTable {
  std::string pod;                          ///< "cartservice-579f59597d-wc2lz"
  std::vector<std::string> metrics;
  std::vector<std::int64_t> times;          ///< seconds since the epoch, rising
  std::vector<std::vector<double>> values;  ///< [metric][row]

  std::string service() const { return pod.substr(0, pod.find('-')); }
};

struct InjectedFault {
  std::int64_t at = 0;  ///< seconds since the epoch
  std::string pod;
  std::string type;     ///< cpu_contention, cpu_consumed, network_delay, return, exception
};

inline constexpr std::size_t max_nezha_bytes = std::size_t{16} << 20;

/// errors: invalid_input (no rows, no header), too_large
Result<PodTable> parse_pod_table(std::string_view csv);
/// In order of time. errors: invalid_input, too_large
Result<std::vector<InjectedFault>> parse_faults(std::string_view json);

}  // namespace charon::bench
