#include "ctl/replay.hpp"
#include "ctl/replay_policy.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace {

namespace fs = std::filesystem;
using namespace charon::ctl;

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("charon-replay-{}", std::random_device{}());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
};

/// A service's request counter as test-app shows it, one pod, as promtool dumps it. Times from `start` on, seconds.
std::string dump(const std::string& pod, long start, int scrapes, double errors, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string good, bad;
  long served = 0, failed = 0;
  for (int i = 0; i < scrapes; ++i) {
    const int requests = i ? std::poisson_distribution<int>(60)(random) : 0, broken = std::binomial_distribution<int>(requests, errors)(random);
    served += requests - broken;
    failed += broken;
    const std::string labels = fmt::format("job=\"test-app\",instance=\"{0}:8080\",pod=\"{0}\",path=\"/\"", pod);
    good += fmt::format("http_requests_total{{code=\"200\",{}}} {} {}.250\n", labels, served, start + 5 * i);
    bad += fmt::format("http_requests_total{{code=\"500\",{}}} {} {}.250\n", labels, failed, start + 5 * i);
  }
  return good + bad;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

int shell(const std::string& command) { return std::system(command.c_str()); }

constexpr long start = 1'795'428'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_files)

BOOST_AUTO_TEST_CASE(files_lead_to_the_documented_exit_status) {
  const Folder folder;
  write(folder.file("stable"), dump("s", start, 120, 0.001, 1) + "# EOF\n");
  write(folder.file("bad"), dump("b", start + 900, 60, 0.2, 2) + "# EOF\n");
  write(folder.file("good"), dump("g", start + 900, 120, 0.001, 3) + "# EOF\n");
  write(folder.file("short"), dump("h", start + 900, 3, 0.001, 4) + "# EOF\n");
  write(folder.file("both"), dump("s", start, 120, 0.001, 1) + dump("b", start + 900, 60, 0.2, 2) + "# EOF\n");
  write(folder.file("broken"), "a{ 1 2\n");
  write(folder.file("empty"), "");
  const auto against = [&](const std::string& candidate) { return replay_command({"--baseline", folder.file("stable"), "--candidate", folder.file(candidate)}); };
  BOOST_TEST(against("good") == replay_pass);
  BOOST_TEST(against("bad") == replay_fail);
  BOOST_TEST(against("short") == replay_inconclusive);
  BOOST_TEST(against("broken") == replay_bad_input);
  BOOST_TEST(against("empty") == replay_bad_input);
  BOOST_TEST(against("missing") == replay_bad_input);
  BOOST_TEST(replay_command({"--split", std::to_string(start + 900), folder.file("both"), "--json"}) == replay_fail);
  BOOST_TEST(replay_command({"--baseline", folder.file("stable"), "--candidate", folder.file("bad"), "--plot", folder.file("plot.svg")}) == replay_fail);
  BOOST_TEST(read(folder.file("plot.svg")).starts_with("<svg"));
  BOOST_TEST(replay_command({"--baseline", folder.file("stable"), "--candidate", folder.file("bad"), "--plot", folder.file("no/such/plot.svg")}) == replay_bad_input);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_meant_is_bad_usage_and_help_is_not) {
  BOOST_TEST(replay_command({}) == replay_bad_input);
  BOOST_TEST(replay_command({"--json"}) == replay_bad_input);
  BOOST_TEST(replay_command({"--nonsense"}) == replay_bad_input);
  BOOST_TEST(replay_command({"--help"}) == 0);
}

BOOST_AUTO_TEST_CASE(a_policy_is_read_from_its_file_or_the_replay_refused) {
  const Folder folder;
  write(folder.file("stable"), dump("s", start, 120, 0.001, 1) + "# EOF\n");
  write(folder.file("bad"), dump("b", start + 900, 60, 0.2, 2) + "# EOF\n");
  write(folder.file("ignore"), R"({"kind":"RollbackPolicy","spec":{"ignore":["http_requests_total"]}})");
  write(folder.file("wrong"), R"({"kind":"RollbackPolicy","spec":{"tolerance":2}})");
  write(folder.file("large"), R"({"kind":"RollbackPolicy","spec":{}})" + std::string(max_policy_bytes, ' '));
  const auto by = [&](const std::string& policy) { return replay_command({"--baseline", folder.file("stable"), "--candidate", folder.file("bad"), "--policy", folder.file(policy)}); };
  BOOST_TEST(by("ignore") == replay_inconclusive);
  for (const char* refused : {"wrong", "large", "missing"}) BOOST_TEST(by(refused) == replay_bad_input, refused);
}

BOOST_AUTO_TEST_CASE(the_examples_come_out_as_their_readme_says) {
  const std::string folder = "examples/replay/";
  BOOST_TEST(replay_command({"--baseline", folder + "stable.json", "--candidate", folder + "candidate.om"}) == replay_fail);
  BOOST_TEST(replay_command({"--baseline", folder + "stable.json", "--candidate", folder + "healthy.om"}) == replay_inconclusive);
  const Folder written;
  write(written.file("requests"), R"({"kind":"RollbackPolicy","spec":{"levelsDecide":false}})");
  BOOST_TEST(replay_command({"--baseline", folder + "stable.json", "--candidate", folder + "healthy.om", "--policy", written.file("requests")}) == replay_pass);
  BOOST_TEST(replay_command({"--baseline", folder + "stable.json", "--candidate", folder + "healthy.om", "--policy", folder + "classic.json"}) == replay_fail);
}

/// What a real Prometheus answers, and dumps: the samples go in by promtool and come out by its HTTP API.
BOOST_AUTO_TEST_CASE(a_prometheus_answers_what_replay_reads) {
  if (shell("command -v prometheus promtool curl >/dev/null") != 0) {
    fmt::print("SKIPPED: prometheus, promtool or curl is not installed\n");
    return;
  }
  const Folder folder;
  const long now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count() / 7200 * 7200 - 4 * 3600;
  write(folder.file("in"), dump("s", now, 120, 0.001, 1) + "# EOF\n");
  write(folder.file("in2"), dump("b", now + 900, 60, 0.2, 2) + "# EOF\n");
  for (const char* name : {"in", "in2"})
    BOOST_REQUIRE(shell(fmt::format("promtool tsdb create-blocks-from openmetrics {} {} >/dev/null 2>&1", folder.file(name), folder.file("data"))) == 0);
  write(folder.file("prometheus.yml"), "");
  const std::string script = fmt::format(
      "cd {0}; port=$((20000 + $$ % 20000))\n"
      "prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:$port >log 2>&1 & server=$!\n"
      "trap 'kill $server; wait $server' EXIT\n"
      "for i in $(seq 100); do curl -sf http://127.0.0.1:$port/-/ready >/dev/null && break; sleep 0.2; done\n"
      "ask() {{ curl -sfg http://127.0.0.1:$port/api/v1/$1 --data-urlencode \"query=$2\" $3 -o $4; }}\n"
      "ask query_range 'http_requests_total{{pod=\"s\"}}' '-d start={1} -d end={2} -d step=5' stable.json &&\n"
      "ask query 'http_requests_total{{pod=\"b\"}}[1h]' '-d time={3}' candidate.json\n",
      folder.path.string(), now, now + 600, now + 3000);
  write(folder.file("run"), script);
  BOOST_REQUIRE(shell("sh " + folder.file("run")) == 0);
  BOOST_TEST(replay_command({"--baseline", folder.file("stable.json"), "--candidate", folder.file("candidate.json")}) == replay_fail);
}

BOOST_AUTO_TEST_SUITE_END()
