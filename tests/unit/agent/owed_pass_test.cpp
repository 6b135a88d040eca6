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

BOOST_AUTO_TEST_SUITE_END()
