#pragma once
/// The device as the program itself can measure it, from inside its container.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace charon::test_app {

struct Device {
  double processor_share = 1;                          ///< of one core that a busy thread gets
  std::uint64_t memory_bytes = UINT64_MAX;             ///< least limit of this control group and, where visible, its parents
  std::map<std::string, std::string> labels;           ///< of the node (node_labels.hpp), empty unless asked for
};

/// Keeps the processor busy for 0.3 s and compares the thread's processor time with the clock. Where that is far from a
/// whole core it is tried again, ten times at most, and the best counts: a neighbour's load passes, a quota does not.
double measure_processor_share();

/// The memory limit in bytes. `v1_stat` is control group v1's memory.stat, whose hierarchical_memory_limit includes the
/// parents; `v2_max` is v2's memory.max, which shows this group alone. Either may be empty; UINT64_MAX: no limit.
std::uint64_t read_memory_limit(std::string_view v1_stat, std::string_view v2_max);

/// Memory and, on request, since that takes its time, the processor, measured now; no labels.
Device measure_device(bool processor);

}  // namespace charon::test_app
