#include "coordinator/core/rollback_policy.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::coordinator;

namespace {

PolicyObject read(std::string_view spec) { return read_policy(boost::json::parse(R"({"metadata":{"name":"p"},"spec":)" + std::string(spec) + "}").as_object(), {}); }

std::string entries(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += std::string(i > 0 ? "," : "") + R"({"name":"x"})";
  return R"({"metrics":[)" + out + "]}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rollback_policy)

BOOST_AUTO_TEST_CASE(policies_out_of_bounds_are_refused_whole) {
  const struct { const char* spec; bool good; } rows[] = {
      {R"({"alpha":0.01})", true}, {R"({"alpha":0})", false}, {R"({"alpha":0.5})", false}, {R"({"settleTime":"1h"})", true}, {R"({"settleTime":"0s"})", false},
      {R"({"action":"explode"})", false}, {R"({"ambiguous":"patch"})", true}, {R"({"reportInterval":"1ms"})", false}, {R"({"minimumCoverage":2})", false},
      {R"({"selector":{"matchExpressions":[{}]}})", false}, {R"({"unknown":1})", true}};
  for (const auto& row : rows) {
    const auto policy = read(row.spec);
    BOOST_TEST(policy.problem.empty() == row.good, row.spec << " " << policy.problem);
  }
}

BOOST_AUTO_TEST_CASE(reports_come_no_more_often_than_scrapes) {
  using namespace std::chrono_literals;
  BOOST_TEST((read("{}").policy.agent.report_interval == 5s));
  BOOST_TEST((read(R"({"scrapeInterval":"1m"})").policy.agent_policy().report_interval == 1min));
  BOOST_TEST((read(R"({"scrapeInterval":"1s","reportInterval":"10s"})").policy.agent_policy().report_interval == 10s));
}

BOOST_AUTO_TEST_CASE(levels_decide_unless_the_policy_says_otherwise) {
  BOOST_TEST(read("{}").policy.agent_policy().levels_decide);
  BOOST_TEST(!read(R"({"levelsDecide":false})").policy.agent_policy().levels_decide);
}

BOOST_AUTO_TEST_CASE(what_metrics_mean_is_read_and_goes_to_agents) {
  const auto policy = read(R"({"metrics":[{"name":"queue_*","kind":"gauge","direction":"down","scale":"absolute","effect":3,"weight":2,"critical":true},{"name":"old","ignore":true}]})");
  BOOST_TEST(policy.problem == "");
  const auto metrics = policy.policy.agent_policy().metrics;
  BOOST_TEST_REQUIRE(metrics.size() == 2U);
  BOOST_TEST(metrics[0].pattern == "queue_*");
  BOOST_TEST((metrics[0].kind == wire::OverrideKind::gauge && metrics[0].direction == wire::Direction::down && metrics[0].scale == wire::Scale::absolute));
  BOOST_TEST((metrics[0].effect == 3.0 && metrics[0].weight == 2.0 && metrics[0].critical == true && !metrics[0].ignore));
  BOOST_TEST((metrics[1].ignore == true && !metrics[1].kind && !metrics[1].effect));
}

BOOST_AUTO_TEST_CASE(a_mistake_under_metrics_is_named) {
  const struct { std::string spec, problem; } rows[] = {
      {R"({"metrics":{}})", "metrics: expected an array"},
      {R"({"metrics":[{"name":"a","kind":"banana"}]})", "metrics[0].kind: expected one of error_ratio latency counter_rate gauge restarts"},
      {R"({"metrics":[{"name":"a"},{"kind":"gauge"}]})", "metrics[\"\"].name: expected 1 to 256 characters"},
      {R"({"metrics":[{"name":"a b"}]})", "metrics[\"a b\"].name: expected letters, digits, _, :, * and ?"},
      {R"({"metrics":[{"name":"a","effect":0}]})", "metrics[\"a\"].effect: expected a number above 0"},
      {R"({"metrics":[{"name":"a","weight":101}]})", "metrics[\"a\"].weight: expected a number from 0 to 100"},
      {R"({"metrics":[{"name":"a","critical":1}]})", "metrics[0].critical: expected true or false"},
      {R"({"metrics":[{"name":"a","critical":true,"ignore":true}]})", "metrics[\"a\"].critical: expected not together with ignore"},
      {R"({"metrics":[{"name":"a","kind":"latency","direction":"down"}]})", "metrics[\"a\"].direction: expected up for latency"},
      {entries(64), ""},
      {entries(65), "metrics: at most 64 entries"}};
  for (const auto& row : rows) BOOST_TEST(read(row.spec).problem == row.problem);
}

BOOST_AUTO_TEST_CASE(the_classic_engine_takes_its_librarys_parameters) {
  const auto policy = read(R"({"detector":"anomalyzer","anomalyzer":{"threshold":0.9,"sensitivity":0.1,"upperBound":5,"lowerBound":1,"activeSize":2,"nSeasons":6,"delay":true,"methods":["fence","ks"]}})");
  BOOST_TEST(policy.problem == "");
  const wire::AgentPolicy agent = policy.policy.agent_policy();
  BOOST_TEST((agent.detector == wire::DetectorKind::anomalyzer));
  BOOST_TEST((agent.anomalyzer.threshold == 0.9 && agent.anomalyzer.upper_bound == 5.0 && agent.anomalyzer.n_seasons == 6U && agent.anomalyzer.delay));
  BOOST_TEST((agent.anomalyzer.methods == std::vector{wire::AnomalyzerMethod::fence, wire::AnomalyzerMethod::ks}));

  const struct { std::string_view parameters, field; } mistakes[] = {
      {R"({"threshold":0.4})", "anomalyzer.threshold"}, {R"({"threshold":1})", "anomalyzer.threshold"}, {R"({"sensitivity":2})", "anomalyzer.sensitivity"},
      {R"({"activeSize":0})", "anomalyzer.activeSize"}, {R"({"nSeasons":3})", "at least 4"}, {R"({"activeSize":20,"nSeasons":5})", "at most 100"},
      {R"({"activeSize":-1})", "anomalyzer.activeSize"}, {R"({"methods":[]})", "anomalyzer.methods"}, {R"({"methods":["rank"]})", "anomalyzer.methods[0]"},
      {R"({"methods":["fence"]})", "anomalyzer.upperBound"}, {R"({"upperBound":1,"lowerBound":2})", "anomalyzer.upperBound"}};
  for (const auto& row : mistakes) {
    const auto bad = read(R"({"detector":"anomalyzer","anomalyzer":)" + std::string(row.parameters) + "}");
    BOOST_TEST(bad.problem.find(row.field) != std::string::npos, row.parameters << ": " << bad.problem);
    BOOST_TEST((bad.policy.action == PolicyAction::notify));
  }
  BOOST_TEST(!read(R"({"detector":"oracle"})").problem.empty());
}

BOOST_AUTO_TEST_CASE(the_version_changes_with_what_agents_are_told_and_only_then) {
  RollbackPolicy a, b;
  BOOST_TEST(a.agent_policy().version == b.agent_policy().version);
  BOOST_TEST(a.agent_policy().version != 0u);
  b.agent.tolerance = 0.4;
  BOOST_TEST(a.agent_policy().version != b.agent_policy().version);
  const auto one = read(R"({"metrics":[{"name":"a","weight":1}]})"), other = read(R"({"metrics":[{"name":"a","weight":2}]})");
  BOOST_TEST(one.policy.agent_policy().version != other.policy.agent_policy().version);
}

BOOST_AUTO_TEST_SUITE_END()
