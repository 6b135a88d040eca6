#include "agent/shell/check_metrics.hpp"
#include "agent/shell/events.hpp"
#include "agent/shell/parse_command.hpp"
#include "agent/shell/supervisor.hpp"
#include "agent/shell/worker.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace charon;
using namespace charon::agent;

constexpr const char* usage =
    "charon-agent: judges one pod's release beside it\n"
    "  supervise        process 1 of the container: runs the worker and starts it again (default)\n"
    "  run              the worker\n"
    "  check-metrics [--format auto|prometheus|openmetrics] [FILE]   says what is wrong with an exposition\n"
    "  parse [--format auto|prometheus|openmetrics] [FILE]           one JSON object a sample\n"
    "  idle             waits for SIGTERM: keeps the image on a node\n"
    "  version\n"
    "supervise and run are told by the environment: see docs/injection.md.\n";

const char* environment(const char* name) { return std::getenv(name); }

int run_worker(Log log) {
  const auto settings = read_settings(environment);
  if (!settings) {
    log.error(events::cannot_start(settings.error()));
    return 2;
  }
  log.threshold(settings->log_level);
  return work(*settings, log);
}

int idle() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  int signal = 0;
  return ::sigwait(&signals, &signal);
}

}  // namespace

int main(int argc, char** argv) {
  const Log log;
  const std::string command = argc > 1 ? argv[1] : "supervise";
  const std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
  if (command == "supervise") return supervise({read_memory_limit(environment)}, log);
  if (command == "run") return run_worker(log);
  if (command == "idle") return idle();
  if (command == "check-metrics") return check_metrics(arguments);
  if (command == "parse") return parse_command(arguments);
  if (command == "version" || command == "--version") return std::puts(CHARON_VERSION), 0;
  const bool asked = command == "help" || command == "--help";
  std::fputs(usage, asked ? stdout : stderr);
  return asked ? 0 : 2;
}
