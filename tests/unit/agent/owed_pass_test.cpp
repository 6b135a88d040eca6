// What decides, what the stable release showed, and what cannot be compared: nothing passes without it.
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace charon::agent::test;

namespace {

const Quality healthy{.requests = 1000};

wire::Verdict verdict_of(const wire::Baseline& baseline, wire::AgentPolicy policy = {}) {
  Detector detector(policy, 0.001);
  detector.set_baseline(baseline);
  SimulatedPod pod(5);
  for (int i = 0; i < 360; ++i) pod.step(detector, healthy);
  return detector.evidence().verdict;
}

wire::AgentPolicy without_levels() {
  wire::AgentPolicy policy;
  policy.levels_decide = false;
  return policy;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(owed_pass)

BOOST_AUTO_TEST_CASE(a_stable_release_too_young_for_its_durations_lets_nothing_pass_on_its_shares_alone) {
  const wire::Baseline young = baseline_of(healthy, 30);
  BOOST_TEST((verdict_of(young) == wire::Verdict::inconclusive));
  BOOST_TEST((verdict_of(young, without_levels()) == wire::Verdict::pass));  // which durations have no part in
}

BOOST_AUTO_TEST_CASE(a_deciding_metric_with_too_few_stable_requests_lets_nothing_pass_unless_nobody_uses_it) {
  wire::Baseline baseline = baseline_of(healthy, 400);
  BOOST_TEST((verdict_of(baseline, without_levels()) == wire::Verdict::pass));
  wire::Baseline unused = baseline;
  unused.metrics.push_back({.metric = "grpc_server_handled_total", .kind = wire::MetricKind::error_ratio, .bounds = {}, .counts = {3, 0}, .windows = 3});
  BOOST_TEST((verdict_of(unused, without_levels()) == wire::Verdict::pass));
  for (wire::MetricCounts& metric : baseline.metrics)
    if (metric.kind == wire::MetricKind::error_ratio) metric.counts = {20, 0};
  BOOST_TEST((verdict_of(baseline, without_levels()) == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(changed_buckets_let_nothing_pass_and_a_metric_that_is_new_with_the_release_does) {
  wire::Baseline baseline = baseline_of(healthy, 400), other = baseline;
  for (wire::MetricCounts& metric : other.metrics)
    if (metric.kind == wire::MetricKind::latency) metric.bounds.back() *= 2;
  BOOST_TEST((verdict_of(other, without_levels()) == wire::Verdict::inconclusive));
  std::erase_if(baseline.metrics, [](const wire::MetricCounts& metric) { return metric.kind == wire::MetricKind::latency; });
  BOOST_TEST((verdict_of(baseline, without_levels()) == wire::Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_summary_that_the_stable_release_showed_too_little_of_lets_nothing_pass) {
  const wire::Baseline baseline = baseline_of(healthy, 400);  // has other levels, this one was too young
  Detector detector({}, 0.001);
  detector.set_baseline(baseline);
  SimulatedPod pod(5);
  double sum = 0, count = 0;
  for (int i = 0; i < 100; ++i) {
    pod.serve(healthy);
    detector.begin_scrape(pod.now += Duration{5'000});
    pod.emit(detector);
    const auto show = [&](std::string_view name, double value) {
      detector.observe({.family = "rpc_server_duration_seconds", .name = name, .labels = {}, .value = value, .type = FamilyType::summary, .timestamp = {}});
    };
    show("rpc_server_duration_seconds_sum", sum += 50);
    show("rpc_server_duration_seconds_count", count += 100);
    detector.end_scrape();
  }
  const std::vector<wire::PassWait> waits = pass_waits(detector.evidence());
  BOOST_TEST(std::any_of(waits.begin(), waits.end(), [](const wire::PassWait& wait) { return wait.metric == "rpc_server_duration_seconds mean" && wait.scrapes == 0; }));
}

BOOST_AUTO_TEST_CASE(how_many_more_scrapes_a_pass_takes_is_told_and_comes_true) {
  const wire::Baseline baseline = baseline_of(healthy, 400);
  Detector detector(without_levels(), 0.001);
  detector.set_baseline(baseline);
  SimulatedPod pod(5);
  std::uint64_t told = 0, passed_at = 0, at = 0;
  for (std::uint64_t i = 1; i <= 360 && passed_at == 0; ++i) {
    pod.step(detector, {.requests = 30});
    const std::vector<wire::PassWait> waits = pass_waits(detector.evidence());
    if (i == 8) {
      BOOST_TEST_REQUIRE(waits.size() > 0U);
      for (const wire::PassWait& wait : waits) told = std::max(told, wait.scrapes), at = i;
    }
    if (detector.evidence().verdict != wire::Verdict::pass) continue;
    passed_at = i;
    BOOST_TEST(waits.empty());
  }
  BOOST_TEST(told > 0U);
  BOOST_TEST(passed_at > 8U);
  BOOST_TEST(static_cast<double>(at + told) == static_cast<double>(passed_at), boost::test_tools::tolerance(0.5));
}

BOOST_AUTO_TEST_CASE(what_no_number_of_scrapes_decides_by_what_earlier_releases_showed_says_so) {
  for (const double spread : {0.02, 0.3}) {  // 0.3: healthy pods' durations differ by more than matters
    wire::Baseline baseline = baseline_of(healthy, 400);
    for (wire::LevelSummary& level : baseline.levels) {
      level.young.clear();
      baseline.spreads.push_back({.metric = level.metric, .squares = 20 * 2 * spread * spread, .degrees = 20});
    }
    baseline.same_node_levels = baseline.levels;
    Detector detector({}, 0.001);
    detector.set_baseline(baseline);
    SimulatedPod pod(5);
    for (int i = 0; i < 20; ++i) {
      wire::Control control;
      control.pods = control.same_node_pods = 1;
      control.same_node_levels_reported = pod.now;
      for (const wire::LevelSummary& level : baseline.levels) control.same_node_levels.push_back({.metric = level.metric, .value = level.level, .pods = 1});
      detector.set_control(control, pod.now);
      pod.step(detector, healthy);
    }
    bool undecidable = false;
    for (const wire::PassWait& wait : pass_waits(detector.evidence()))
      if (wait.metric == "http_request_duration_seconds mean") {
        BOOST_TEST(wait.pods == 1U);
        undecidable = wait.undecidable;
      }
    BOOST_TEST(undecidable == (spread > 0.1));
  }
}

BOOST_AUTO_TEST_SUITE_END()
