#include "examples/test-app/device.hpp"

#include "examples/test-app/work.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace charon::test_app {
namespace {

std::string file(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Of all processors of the machine, seen from a container too, since it started: idle, waiting for a disk, or at work for processes
/// of low priority (nice). Source: proc(5), /proc/stat.
double idle_seconds() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, disk = 0;
  stat >> cpu >> user >> nice >> system >> idle >> disk;
  return (nice + idle + disk) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double best_share(const std::function<Trial()>& trial, double enough) {
  constexpr double to_spare = 0.2;
  std::optional<double> best;
  for (int i = 0; i < 40 && best.value_or(0) < enough; ++i)
    if (const Trial t = trial(); t.share >= enough || t.idle >= to_spare) best = std::max(best.value_or(0), t.share);
  return best.value_or(1);
}

Trial busy_trial() {
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  const double used = thread_seconds(), idle = idle_seconds();
  while (clock::now() - began < std::chrono::milliseconds(300)) work(10);  // three periods of a processor quota
  const double elapsed = std::chrono::duration<double>(clock::now() - began).count();
  return {(thread_seconds() - used) / elapsed, (idle_seconds() - idle) / elapsed};
}

std::uint64_t read_memory_limit(std::string_view v1_stat, std::string_view v2_max) {
  constexpr std::string_view key = "hierarchical_memory_limit ";
  std::string_view number = v2_max;
  if (const auto at = v1_stat.find(key); at != std::string_view::npos) number = v1_stat.substr(at + key.size());
  std::uint64_t limit = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), limit);
  constexpr std::uint64_t beyond_any_device = 1ull << 60;  // v1 writes "no limit" as the largest page-aligned number
  return error == std::errc{} && limit < beyond_any_device ? limit : UINT64_MAX;  // v2: "max"
}

Device measure_device(std::optional<double> processor_below) {
  Device device;
  if (processor_below) device.processor_share = best_share(busy_trial, *processor_below);
  device.memory_bytes = read_memory_limit(file("/sys/fs/cgroup/memory/memory.stat"), file("/sys/fs/cgroup/memory.max"));
  return device;
}

}  // namespace charon::test_app
