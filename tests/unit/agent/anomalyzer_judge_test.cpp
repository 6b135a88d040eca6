/// `detector: anomalyzer`, through the detector's seam.
#include "agent/core/anomaly_text.hpp"
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::agent::test {
namespace {

constexpr std::string_view errors = "http_requests_total{code=\"5xx\"}";

wire::AgentPolicy classic() {
  wire::AgentPolicy out;
  out.detector = wire::DetectorKind::anomalyzer;
  return out;
}

/// Healthy scrapes, then scrapes of `fault`.
Detector after(const wire::AgentPolicy& policy, double alpha, int healthy, int faulty, const Quality& fault = {.requests = 1'000, .errors = 0.3}) {
  Detector detector(policy, alpha);
  SimulatedPod pod(4);
  // Without chance: 1,000 requests, one error, always the same durations.
  for (int i = 0; i < healthy + faulty; ++i) {
    const double bad = i < healthy ? 1 : fault.requests * fault.errors;
    pod.good += 1'000 - bad;
    pod.failed += bad;
    pod.buckets[0] += 1'000;
    pod.scrape(detector);
  }
  return detector;
}

const MetricEvidence& find(const Evidence& evidence, std::string_view metric) {
  const auto found = std::find_if(evidence.metrics.begin(), evidence.metrics.end(), [&](const auto& m) { return m.metric == metric; });
  BOOST_REQUIRE((found != evidence.metrics.end()));
  return *found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(anomalyzer_judge)

BOOST_AUTO_TEST_CASE(it_needs_no_baseline_fails_at_the_first_alarm_and_never_passes) {
  const Detector healthy = after(classic(), 1e-3, 200, 0);
  BOOST_TEST((healthy.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST(healthy.evidence().log_pass_evidence == 0);

  const Detector alarmed = after(classic(), 1e-3, 50, 1);
  BOOST_TEST((alarmed.evidence().verdict == wire::Verdict::fail));
  BOOST_TEST(find(alarmed.evidence(), errors).baseline == 0.001, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(find(alarmed.evidence(), errors).now == 0.3, boost::test_tools::tolerance(1e-6));
  const std::string text = anomaly_text(alarmed.evidence());
  BOOST_TEST(text.find("reference 0.1%, now 30.0%; above 0.8500 by the classic engine") != std::string::npos, text);

  wire::Report report;
  report.boot_id = BootId{"b"};
  alarmed.fill(report);
  BOOST_TEST((report.detector == wire::DetectorKind::anomalyzer));
  BOOST_TEST(wire::validate(report).has_value());
  BOOST_TEST(!report.totals.empty());  // it counts on, for whoever judges by evidence later
}

BOOST_AUTO_TEST_CASE(an_alarm_stands_after_the_window_has_forgotten_the_fault) {
  const Detector detector = after(classic(), 1e-3, 50, 60);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::fail));
  BOOST_TEST((find(detector.evidence(), errors).since == detector.evidence().degraded_since));
  BOOST_TEST((detector.evidence().degraded_since < detector.evidence().started.value() + std::chrono::minutes{6}));
}

BOOST_AUTO_TEST_CASE(without_a_share_of_alpha_it_decides_nothing) {
  BOOST_TEST((after(classic(), 0, 50, 5).evidence().verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(its_parameters_are_the_policys) {
  wire::AgentPolicy policy = classic();
  policy.anomalyzer.methods = {wire::AnomalyzerMethod::fence};
  policy.anomalyzer.upper_bound = 100;  // of shares and durations, not of rates
  policy.levels_decide = false;
  BOOST_TEST((after(policy, 1e-3, 50, 20).evidence().verdict == wire::Verdict::inconclusive));
  policy.anomalyzer.upper_bound = 0.301;
  BOOST_TEST((after(policy, 1e-3, 50, 20).evidence().verdict == wire::Verdict::fail));
  policy = classic();
  policy.anomalyzer.threshold = 0.9999;
  policy.anomalyzer.methods = {wire::AnomalyzerMethod::highrank};  // of five values, at most 0.8
  BOOST_TEST((after(policy, 1e-3, 50, 20).evidence().verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(what_the_policy_ignores_raises_no_alarm) {
  wire::AgentPolicy policy = classic();
  policy.ignore = {"http_requests_total"};
  const Detector detector = after(policy, 1e-3, 50, 5);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST((find(detector.evidence(), errors).excluded == Excluded::ignored));
}

BOOST_AUTO_TEST_CASE(levels_have_a_part_unless_the_policy_takes_it) {
  wire::AgentPolicy policy = classic();
  BOOST_TEST((find(after(policy, 1e-3, 10, 0).evidence(), std::string(errors) + " rate").excluded == Excluded::no));
  policy.levels_decide = false;
  const Detector detector = after(policy, 1e-3, 10, 0);
  BOOST_TEST((find(detector.evidence(), "http_request_duration_seconds mean").excluded == Excluded::no));  // mean durations decide whatever it says
  BOOST_TEST((find(detector.evidence(), std::string(errors) + " rate").excluded == Excluded::for_the_record));
}

BOOST_AUTO_TEST_CASE(a_change_of_detector_starts_anew) {
  Detector detector = after(classic(), 1e-3, 50, 1);
  BOOST_TEST_REQUIRE((detector.evidence().verdict == wire::Verdict::fail));
  detector.configure({}, 1e-3);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST((detector.evidence().detector == wire::DetectorKind::charon));
  detector.configure(classic(), 1e-3);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::agent::test
