#include "agent/shell/supervisor.hpp"

#include "agent/shell/events.hpp"
#include "lib/base/backoff.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace charon::agent {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Duration long_life = std::chrono::minutes{1};  ///< after which a worker's end is not the same trouble as before

/// Between fork and exec: only what is safe there.
[[noreturn]] void become_worker(const SupervisorConfig& config, const sigset_t& signals) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit data{worker_memory(config.memory_limit), worker_memory(config.memory_limit)};
  ::setrlimit(RLIMIT_DATA, &data);
  const rlimit stack{1 << 20, 1 << 20};  // also the size of a resolver thread's stack, which counts as data
  ::setrlimit(RLIMIT_STACK, &stack);
  if (const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); score >= 0) {
    [[maybe_unused]] const auto written = ::write(score, "1000", 4);
    ::close(score);
  }
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  ::execl(config.program.c_str(), "charon-agent", "run", nullptr);
  ::_exit(127);
}

/// The next of `signals`, 0 after `at_most`.
int wait_signal(const sigset_t& signals, Duration at_most) {
  const auto end = Clock::now() + at_most;
  for (;;) {
    const auto left = std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds(end - Clock::now()));
    const timespec wait{static_cast<time_t>(left.count() / 1'000'000'000), static_cast<long>(left.count() % 1'000'000'000)};
    const int signal = ::sigtimedwait(&signals, nullptr, &wait);
    if (signal > 0) return signal;
    if (errno == EAGAIN) return 0;  // EINTR: a stop and continue; wait on
  }
}

/// Reaps every ended child; the worker's status if it is among them.
std::optional<int> reap(pid_t worker) {
  std::optional<int> ended;
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == worker) ended = status;
  return ended;
}

void end_worker(pid_t worker, const sigset_t& signals, Duration grace, const Log& log) {
  ::kill(worker, SIGTERM);
  const auto end = Clock::now() + grace;
  while (Clock::now() < end) {
    wait_signal(signals, std::chrono::duration_cast<Duration>(end - Clock::now()));
    if (reap(worker)) return;
  }
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  log.warn(events::worker_killed(grace));
}

}  // namespace

std::uint64_t worker_memory(std::uint64_t container_limit) {
  constexpr std::uint64_t kept = 8u << 20;  // for the supervisor, page tables and socket buffers
  return container_limit > 2 * kept ? container_limit - kept : container_limit / 2;
}

std::string describe_exit(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

int supervise(const SupervisorConfig& config, const Log& log) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::setenv("MALLOC_ARENA_MAX", "1", 0);  // one arena is enough for a worker of one thread, and spares memory

  std::minstd_rand random{std::random_device{}()};
  Backoff backoff(config.first_backoff, config.longest_backoff);
  for (;;) {
    const auto began = Clock::now();
    const pid_t worker = ::fork();
    if (worker == 0) become_worker(config, signals);
    std::optional<int> ended;
    while (worker > 0 && !ended) {
      const int signal = wait_signal(signals, std::chrono::hours{1});
      if (signal == SIGTERM || signal == SIGINT) {
        end_worker(worker, signals, config.grace, log);
        return 0;
      }
      ended = reap(worker);
    }
    if (Clock::now() - began > long_life) backoff.reset();
    const Duration pause = backoff.next(random);
    log.error(worker > 0 ? events::worker_ended(describe_exit(*ended), pause) : events::cannot_fork(std::strerror(errno), pause));
    for (const auto end = Clock::now() + pause; Clock::now() < end;) {
      const int signal = wait_signal(signals, std::chrono::duration_cast<Duration>(end - Clock::now()));
      if (signal == SIGTERM || signal == SIGINT) return 0;
      reap(0);
    }
  }
}

}  // namespace charon::agent
