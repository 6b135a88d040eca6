#pragma once
/// The device as the program itself can measure it, from inside its container.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace charon::test_app {

struct Device {
  double processor_share = 1;                          ///< of one core that a busy thread gets, or as much of it as was asked for
  std::uint64_t memory_bytes = UINT64_MAX;             ///< least limit of this control group and, where visible, its parents
  std::map<std::string, std::string> labels;           ///< of the node (node_labels.hpp), empty unless asked for
};

/// What a thread that kept busy for 0.3 s got of the processor, in cores, and how many cores of the machine were idle meanwhile.
struct Trial {
  double share = 0, idle = 0;
};
Trial busy_trial();

/// The best share of at most 40 trials: a neighbour's load passes, a quota does not. The first that is `enough` is the last, as it
/// settles that the device has as much. Less than that tells of a quota only where the machine had a processor to spare, and a
/// device no trial tells of is no weak one: 1.
double best_share(const std::function<Trial()>& trial, double enough);

/// The memory limit in bytes. `v1_stat` is control group v1's memory.stat, whose hierarchical_memory_limit includes the
/// parents; `v2_max` is v2's memory.max, which shows this group alone. Either may be empty; UINT64_MAX: no limit.
std::uint64_t read_memory_limit(std::string_view v1_stat, std::string_view v2_max);

/// Memory and, if asked whether the processor is below a share of a core, since that takes its time, the processor, measured
/// now; no labels.
Device measure_device(std::optional<double> processor_below);

}  // namespace charon::test_app
