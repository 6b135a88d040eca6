/// The built program as process 1 of a container would run it.
#include "agent/shell/supervisor.hpp"
#include "tests/integration/agent/agent_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

// Shadow memory counts as data: under a sanitizer only a worker without a bound to speak of can start.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHARON_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CHARON_TEST_SANITIZED 1
#endif
#endif
#ifndef CHARON_TEST_SANITIZED
#define CHARON_TEST_SANITIZED 0
#endif

namespace charon::agent::test {
namespace {

constexpr bool sanitized = CHARON_TEST_SANITIZED;
constexpr const char* memory_setting = sanitized ? "CHARON_MEMORY_LIMIT_BYTES=1152921504606846976" : "CHARON_MEMORY_LIMIT_BYTES=50331648";

std::string program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "charon-agent";
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The program's process with its log in a file.
struct Program {
  pid_t pid = -1;
  std::filesystem::path log;

  Program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    log = std::filesystem::temp_directory_path() / fmt::format("charon-agent-log-{}-{}", ::getpid(), static_cast<const void*>(this));
    std::ofstream(log).flush();
    std::vector<char*> argv, envp;
    const std::string path = program();
    argv.push_back(const_cast<char*>(path.c_str()));
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    for (const std::string& e : environment) envp.push_back(const_cast<char*>(e.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    pid = ::fork();
    if (pid != 0) return;
    if (!std::freopen(log.c_str(), "a", stderr)) ::_exit(126);
    ::execve(path.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  ~Program() {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    std::filesystem::remove(log);
  }

  /// The worker; 0: none now.
  pid_t child() const {
    std::ifstream in(fmt::format("/proc/{}/task/{}/children", pid, pid));
    pid_t worker = 0;
    in >> worker;
    return in ? worker : 0;
  }
  bool said(std::string_view text) const { return slurp(log).find(text) != std::string::npos; }
  bool ended(int& status) {
    if (::waitpid(pid, &status, WNOHANG) != pid) return false;
    pid = -1;
    return true;
  }
};

struct Container : World {
  std::vector<std::string> environment() const {
    return {"CHARON_COORDINATOR=https://127.0.0.1:" + settings.coordinator_port, "CHARON_TRUST_ROOTS=" + settings.trust_roots,
            "CHARON_TOKEN_FILE=" + token_file.string(), "CHARON_METRICS_PORT=" + std::to_string(settings.metrics_port),
            "CHARON_SCRAPE_INTERVAL=500ms", "CHARON_ADMIN_PORT=" + std::to_string(free_port()), memory_setting};
  }
  unsigned short free_port() const {
    asio::io_context own;
    asio::ip::tcp::acceptor acceptor(own, asio::ip::tcp::endpoint(asio::ip::tcp::v4(), 0));
    return acceptor.local_endpoint().port();
  }
};

BOOST_FIXTURE_TEST_SUITE(agent_supervisor, Container)

BOOST_AUTO_TEST_CASE(a_killed_worker_is_started_again_and_sigterm_ends_both) {
  Program supervisor({"supervise"}, environment());
  int status = -1;
  pid_t first = 0, second = 0;
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty(); });
    first = supervisor.child();
    if (first <= 0 || coordinator.reports.empty()) co_return;
    BOOST_TEST(slurp(fmt::format("/proc/{}/oom_score_adj", first)) == "1000\n");
    ::kill(first, SIGKILL);
    const std::string boot = last().boot_id.value;
    co_await until([&] { return last().boot_id.value != boot; });
    second = supervisor.child();
    BOOST_TEST(second > 0);
    ::kill(supervisor.pid, SIGTERM);
    co_await until([&] { return supervisor.ended(status); });
    co_await end();
  };
  run(test);
  BOOST_REQUIRE(first > 0);
  BOOST_REQUIRE(second > 0);
  BOOST_TEST(first != second);
  BOOST_TEST(supervisor.said("The worker killed by signal 9 (Killed); it starts again in"));
  BOOST_TEST(supervisor.said("Stopping on signal 15"));
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  BOOST_TEST(::kill(second, 0) == -1);
}

BOOST_AUTO_TEST_CASE(a_worker_that_passes_its_memory_bound_ends_alone) {
  if (sanitized) {
    BOOST_TEST_MESSAGE("SKIPPED: a sanitizer's shadow memory does not fit below the bound");
    return;
  }
  auto settings_of_test = environment();
  settings_of_test.back() = "CHARON_MEMORY_LIMIT_BYTES=16777216";  // 8 MiB for the worker; a body may have as much
  bool huge = false;
  app.answer = [&] {
    HttpResponse response;
    response.body = huge ? std::string(8'380'000, '\n') : app.metrics();
    return response;
  };
  Program supervisor({"supervise"}, settings_of_test);
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty(); });
    if (coordinator.reports.empty()) co_return;
    huge = true;
    co_await until([&] { return supervisor.said("it starts again in"); });
    huge = false;
    const std::string boot = last().boot_id.value;
    co_await until([&] { return last().boot_id.value != boot; });
    co_await end();
  };
  run(test);
  int status = -1;
  BOOST_TEST(!supervisor.ended(status));
}

/// Whatever the worker is in the middle of: a scrape and a call that nobody answers, a request of its own page half read.
BOOST_AUTO_TEST_CASE(a_worker_in_the_middle_of_everything_ends_in_time) {
  app.silent = coordinator.silent = true;
  auto settings_of_test = environment();
  settings_of_test.push_back("CHARON_SCRAPE_INTERVAL=5s");  // 4.5 s for a scrape
  std::erase(settings_of_test, "CHARON_SCRAPE_INTERVAL=500ms");
  settings_of_test.push_back("MALLOC_PERTURB_=165");  // what is used after it was freed shows
  const unsigned short admin_port = free_port();
  std::erase_if(settings_of_test, [](const std::string& e) { return e.starts_with("CHARON_ADMIN_PORT="); });
  settings_of_test.push_back(fmt::format("CHARON_ADMIN_PORT={}", admin_port));
  for (const int again : {0, SIGTERM}) BOOST_TEST_CONTEXT("then signal " << again) {
    coordinator.unanswered = 0;
    app.scrapes.clear();
    Program worker({"run"}, settings_of_test);
    int status = -1;
    std::chrono::steady_clock::time_point told;
    auto test = [&]() -> asio::awaitable<void> {
      co_await until([&] { return coordinator.unanswered > 0 && !app.scrapes.empty(); });
      asio::ip::tcp::socket half(context);
      const asio::ip::tcp::endpoint page(asio::ip::make_address("127.0.0.1"), admin_port);
      co_await half.async_connect(page, asio::use_awaitable);
      const std::string request = "GET /debug/evidence HTTP/1.1\r\nHost: a";
      co_await asio::async_write(half, asio::buffer(request), asio::use_awaitable);
      told = std::chrono::steady_clock::now();
      ::kill(worker.pid, SIGTERM);
      if (again) {
        co_await until([&] { return worker.said("Stopping on signal 15"); });
        ::kill(worker.pid, again);
      }
      co_await until([&] { return worker.ended(status); });
    };
    run(test);
    BOOST_TEST((std::chrono::steady_clock::now() - told < 4s));
    if (again) BOOST_TEST((WIFEXITED(status) || WTERMSIG(status) == SIGTERM));
    else BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    BOOST_TEST(!worker.said("Scrape failed"));
    BOOST_TEST(!worker.said("No coordinator"));
  }
}

BOOST_AUTO_TEST_CASE(settings_that_are_wrong_do_not_end_process_1) {
  Program supervisor({"supervise"}, {"CHARON_METRICS_PORT=http", memory_setting});
  int status = -1;
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return supervisor.said("CHARON_METRICS_PORT: expected a port") && supervisor.said("The worker exited with status 2"); });
    BOOST_TEST(!supervisor.ended(status));
    co_await end();
  };
  run(test);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(agent_supervision)

/// A process of the test's own as process 1, with a worker that is a shell script.
struct ScriptedWorker {
  std::filesystem::path folder;
  pid_t pid = -1;

  explicit ScriptedWorker(std::string_view script) {
    folder = std::filesystem::temp_directory_path() / fmt::format("charon-worker-{}-{}", ::getpid(), static_cast<const void*>(this));
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "worker") << "#!/bin/sh\n" << script;
    std::filesystem::permissions(folder / "worker", std::filesystem::perms::owner_all);
    SupervisorConfig config{1ull << 40};
    config.program = folder / "worker";
    config.grace = Duration{300};
    pid = ::fork();
    if (pid != 0) return;
    const Log log([this](std::string_view line) { std::ofstream(folder / "log", std::ios::app) << line << '\n'; }, wall_now);
    ::_exit(supervise(config, log));
  }
  ~ScriptedWorker() {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    std::filesystem::remove_all(folder);
  }
  bool wrote(const char* file) const { return std::filesystem::exists(folder / file); }
  /// Whether `condition` came to hold within 5 s.
  template <class Condition>
  static bool within(Condition condition) {
    for (int i = 0; i < 1'000 && !condition(); ++i) ::usleep(5'000);
    return condition();
  }
  bool ended(int& status) {
    if (pid > 0 && ::waitpid(pid, &status, WNOHANG) == pid) pid = -1;
    return pid < 0;
  }
};

BOOST_AUTO_TEST_CASE(a_worker_that_does_not_stop_is_killed_and_the_supervisor_ends_well) {
  for (const int signal : {SIGTERM, SIGINT}) BOOST_TEST_CONTEXT("signal " << signal) {
    ScriptedWorker worker("cd \"$(dirname \"$0\")\"; trap '' TERM; echo $$ > ready.new; mv ready.new ready; exec sleep 60\n");
    BOOST_TEST_REQUIRE(ScriptedWorker::within([&] { return worker.wrote("ready"); }));
    const pid_t child = std::stoi(slurp(worker.folder / "ready"));
    ::kill(worker.pid, signal);
    int status = -1;
    BOOST_TEST_REQUIRE(ScriptedWorker::within([&] { return worker.ended(status); }));
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    BOOST_TEST(::kill(child, 0) == -1);
    BOOST_TEST(slurp(worker.folder / "log").find("The worker did not stop within 300ms: killed") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_signal_is_passed_on_and_a_worker_that_fails_while_it_stops_is_no_failure) {
  ScriptedWorker worker("cd \"$(dirname \"$0\")\"; trap 'touch asked; exit 3' TERM; touch ready; while :; do sleep 0.02; done\n");
  BOOST_TEST_REQUIRE(ScriptedWorker::within([&] { return worker.wrote("ready"); }));
  ::kill(worker.pid, SIGTERM);
  int status = -1;
  BOOST_TEST_REQUIRE(ScriptedWorker::within([&] { return worker.ended(status); }));
  BOOST_TEST(worker.wrote("asked"));
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  BOOST_TEST(!worker.wrote("log"));
}

BOOST_AUTO_TEST_CASE(the_workers_bound_lies_below_the_containers) {
  BOOST_TEST(worker_memory(48u << 20) == 40u << 20);
  BOOST_TEST(worker_memory(16u << 20) == 8u << 20);
  BOOST_TEST(worker_memory(0) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
