#pragma once
/// Process 1 of the agent's container. A container that restarts makes its pod NotReady, so this one does not end: the
/// worker runs below it and is started again here, with a bound on its memory that lies below the container's limit.
///
/// The bound is RLIMIT_DATA, so that a worker that asks for too much is refused and ends by itself. Where the kernel has
/// to kill in the container's control group, oom_score_adj makes the worker its choice. (Since Kubernetes 1.28 the kubelet
/// sets memory.oom.group on cgroup v2, by which the kernel would take the whole container: one more reason for the bound.)
#include "lib/base/log.hpp"

#include <string>

namespace charon::agent {

struct SupervisorConfig {
  std::uint64_t memory_limit;      ///< bytes, the container's
  std::string program = "/proc/self/exe";
  Duration first_backoff{1'000}, longest_backoff{30'000};
  Duration grace{5'000};           ///< from SIGTERM to SIGKILL for the worker, which needs less than 4 s
};

/// Of the container's memory, what the worker may have as data: bytes.
std::uint64_t worker_memory(std::uint64_t container_limit);
/// "killed by signal 9 (Killed)", "exited with status 1"; `status` as waitpid gives it.
std::string describe_exit(int status);

/// Returns the program's exit status after SIGTERM or SIGINT: 0, however the worker ended.
int supervise(const SupervisorConfig& config, const Log& log);

}  // namespace charon::agent
