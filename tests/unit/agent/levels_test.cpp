/// Levels through the detector: a pod that shows requests, a queue and its memory, beside a stable one on its node.
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

#include <limits>

namespace charon::agent::test {
namespace {

constexpr std::string_view memory = "process_resident_memory_bytes", rate = "http_requests_total{code=\"5xx\"} rate", duration = "http_request_duration_seconds mean";

class Pod {
 public:
  Pod(const wire::AgentPolicy& policy, double alpha, std::uint32_t seed) : detector(policy, alpha), served_(seed) {}

  void step(double bytes, double requests = 100) {
    served_.serve({.requests = requests, .errors = 0.001, .slow = 0.05, .overdispersion = 0});
    served_.now += Duration{5'000};
    detector.begin_scrape(served_.now);
    served_.emit(detector);
    const double noisy = bytes * std::exp(0.02 * normal_(served_.random()));
    detector.observe({.family = memory, .name = memory, .labels = {}, .value = noisy, .type = FamilyType::gauge, .timestamp = {}});
    detector.end_scrape();
  }
  void restart() {
    served_.restart();
    served_.process_start = std::chrono::duration<double>(served_.now.time_since_epoch()).count();
  }
  Time now() const { return served_.now; }
  wire::Report report() const {
    wire::Report out;
    detector.fill(out);
    return out;
  }

  Detector detector;

 private:
  SimulatedPod served_;
  std::normal_distribution<double> normal_;
};

wire::AgentPolicy policy(bool decide) {
  wire::AgentPolicy out;
  out.levels_decide = decide;
  return out;
}

wire::Baseline stable_baseline() {
  Pod pod(policy(true), 0, 1);
  for (int i = 0; i < 400; ++i) pod.step(1e8);
  wire::Baseline out = baseline_of(pod.detector);
  for (wire::LevelSummary& level : out.levels) level.young.clear();
  out.same_node_levels = out.levels;
  return out;
}

/// A candidate for `scrapes` beside a stable pod that reports each time; the last one, at scrape `until`, a spike.
struct Outcome { wire::Verdict verdict; int failed_at; MetricEvidence memory, rate; std::string assumption; std::optional<wire::Suspension> suspended; };
Outcome candidate(bool decide, double bytes, double requests, int scrapes, double stable_bytes = 1e8, double known_spread = 0, int until = 1000) {
  wire::Baseline baseline = stable_baseline();
  if (known_spread > 0)
    for (const std::string_view metric : {memory, rate}) baseline.spreads.push_back({.metric = std::string(metric), .squares = 20 * 2 * known_spread * known_spread, .degrees = 20});
  Pod stable(policy(decide), 0, 2), pod(policy(decide), 0.001, 3);
  pod.detector.set_baseline(baseline);
  wire::Report before;
  wire::Control control;
  Outcome out{wire::Verdict::inconclusive, -1, {}, {}, {}, {}};
  for (int t = 0; t < scrapes; ++t) {
    if (t <= until) stable.step(t == until ? stable_bytes / 3 : stable_bytes);
    const wire::Report now = stable.report();
    if (t <= until) control = {};
    control.pods = control.same_node_pods = 1;
    if (t <= until) control.same_node_levels_reported = Time{} + std::chrono::seconds{t + 1};
    for (const wire::LevelSum& sum : now.level_sums) {
      double value = sum.sum, n = static_cast<double>(sum.scrapes);
      for (const wire::LevelSum& old : before.level_sums)
        if (old.metric == sum.metric) value -= old.sum, n -= static_cast<double>(old.scrapes);
      if (n > 0) control.same_node_levels.push_back({.metric = sum.metric, .value = value / n, .pods = 1});
    }
    before = now;
    pod.detector.set_control(control, pod.now());
    pod.step(bytes, requests);
    out.verdict = pod.detector.evidence().verdict;
    if (out.failed_at < 0 && out.verdict == wire::Verdict::fail) out.failed_at = t;
  }
  out.memory = *find_metric(pod.detector.evidence(), memory);
  out.rate = *find_metric(pod.detector.evidence(), rate);
  out.assumption = pod.detector.evidence().assumption;
  out.suspended = pod.report().suspended;
  return out;
}

BOOST_AUTO_TEST_SUITE(levels)

BOOST_AUTO_TEST_CASE(a_process_that_begins_again_does_not_teach_its_start_as_the_level_of_an_old_one) {
  Pod pod(policy(true), 0, 4);
  pod.restart();
  for (int t = 0; t < 700; ++t) {
    if (t == 450) pod.restart();
    pod.step(t >= 450 && t < 510 ? 3e7 : 1e8);
  }
  const wire::Report report = pod.report();
  const auto summary = std::find_if(report.levels.begin(), report.levels.end(), [](const auto& s) { return s.metric == memory; });
  BOOST_REQUIRE((summary != report.levels.end()));
  BOOST_TEST(summary->level == std::log(1e8), boost::test_tools::tolerance(0.002));
  for (const double difference : summary->young) BOOST_TEST(std::abs(difference) < 0.05);
}

BOOST_AUTO_TEST_CASE(a_pod_that_differs_from_its_start_is_not_condemned_by_a_documented_spread_alone) {
  const Outcome found = candidate(true, 4e8, 100, 60);
  BOOST_TEST((found.verdict == wire::Verdict::inconclusive));
  BOOST_TEST(found.assumption == memory);
  BOOST_TEST(candidate(true, 1.05e8, 100, 60).assumption.empty());
}

BOOST_AUTO_TEST_CASE(much_more_memory_than_the_stable_pod_beside_it_fails_the_release) {
  const Outcome found = candidate(true, 4e8, 100, 60, 1e8, 0.05);
  BOOST_TEST((found.verdict == wire::Verdict::fail));
  BOOST_TEST(found.assumption.empty());
  BOOST_TEST(found.failed_at >= 2);  // no scrape decides, nor do two
  BOOST_TEST((found.memory.kind == wire::MetricKind::level));
  BOOST_TEST(found.memory.now / found.memory.baseline > 1.8);
}

BOOST_AUTO_TEST_CASE(what_earlier_releases_differed_by_makes_a_smaller_rise_telling) {
  BOOST_TEST(candidate(true, 1.7e8, 100, 60).failed_at == -1);
  BOOST_TEST(candidate(true, 1.7e8, 100, 60, 1e8, 0.03).failed_at > 0);
}

BOOST_AUTO_TEST_CASE(a_level_that_stands_as_the_stable_pods_does_excludes_the_effect_that_matters) {
  BOOST_TEST(candidate(true, 1e8, 100, 60, 1e8, 0.03).memory.log_pass_evidence > std::log(100));
  BOOST_TEST(candidate(true, 1.2e8, 100, 60, 1e8, 0.03).memory.log_pass_evidence < std::log(10));
}

BOOST_AUTO_TEST_CASE(levels_are_shown_and_do_not_decide_unless_the_policy_says_so) {
  const Outcome found = candidate(false, 4e8, 100, 60);
  BOOST_TEST(found.failed_at == -1);
  BOOST_TEST((found.memory.excluded == Excluded::for_the_record));
  BOOST_TEST(found.memory.now / found.memory.baseline > 1.8);
}

BOOST_AUTO_TEST_CASE(what_the_stable_pod_beside_it_shows_too_is_not_the_releases) {
  BOOST_TEST(candidate(true, 4e8, 100, 60, 4e8).failed_at == -1);
}

BOOST_AUTO_TEST_CASE(the_last_word_of_a_stable_pod_that_is_gone_counts_once) {
  BOOST_TEST(candidate(true, 1e8, 100, 34, 1e8, 0, 30).memory.log_evidence < 1);
}

/// The evidence of four times the memory of a stable pod that shows nothing but that, and always the same.
double beside_a_constant(Time first_reported, std::chrono::seconds until_next) {
  wire::Baseline baseline = stable_baseline();
  baseline.spreads.push_back({.metric = std::string(memory), .squares = 0.1, .degrees = 20});
  Pod pod(policy(true), 0.001, 3);
  pod.detector.set_baseline(baseline);
  for (int t = 0; t < 60; ++t) {
    wire::Control control;
    control.pods = control.same_node_pods = 1;
    control.same_node_levels = {{.metric = std::string(memory), .value = std::log(1e8), .pods = 1}};
    control.same_node_levels_reported = first_reported + t * until_next;
    pod.detector.set_control(control, pod.now());
    pod.step(4e8);
  }
  return find_metric(pod.detector.evidence(), memory)->log_evidence;
}

BOOST_AUTO_TEST_CASE(stable_pods_whose_levels_never_move_are_heard_each_time_they_report) {
  const Time reported = *parse_time("2026-11-23T12:00:00Z");
  const double heard = beside_a_constant(reported, std::chrono::seconds{5});
  BOOST_TEST(heard > std::log(1e4));
  BOOST_TEST(beside_a_constant(reported, std::chrono::seconds{0}) < heard / 2);  // one word, repeated
  BOOST_TEST(beside_a_constant({}, std::chrono::seconds{0}) == heard);           // a coordinator that does not tell
}

BOOST_AUTO_TEST_CASE(a_little_more_memory_for_ever_is_no_degradation) { BOOST_TEST(candidate(true, 1.08e8, 100, 360).failed_at == -1); }

BOOST_AUTO_TEST_CASE(levels_say_nothing_of_a_pod_that_gets_more_requests_than_its_control) {
  const Outcome found = candidate(true, 4e8, 250, 60);
  BOOST_TEST(found.failed_at == -1);
  BOOST_TEST(found.rate.now > 40);  // requests per second
  BOOST_TEST_REQUIRE(found.suspended.has_value());
  BOOST_TEST(found.suspended->requests == 2.5, boost::test_tools::tolerance(0.1));
  BOOST_TEST(found.suspended->concurrent);
  BOOST_TEST(found.suspended->metrics == (std::vector<std::string>{std::string(memory), std::string(duration)}), boost::test_tools::per_element());  // not the rate itself
}

BOOST_AUTO_TEST_CASE(a_pass_that_waits_for_levels_which_are_not_judged_says_so) {
  // Durations of requests decide too, and are silent from the start.
  const Outcome busy = candidate(true, 1e8, 250, 60, 1e8, 0.03);
  BOOST_TEST((busy.verdict == wire::Verdict::inconclusive));
  BOOST_TEST((busy.suspended && busy.suspended->pass_waits));
  const Outcome early = candidate(true, 1e8, 250, 5, 1e8, 0.03);  // errors and slow requests are short of it as well
  BOOST_TEST((early.suspended && !early.suspended->pass_waits));
}

BOOST_AUTO_TEST_CASE(levels_that_are_judged_or_have_no_part_are_not_called_suspended) {
  BOOST_TEST(!candidate(true, 1e8, 100, 60).suspended.has_value());
  BOOST_TEST(!candidate(false, 1e8, 250, 60).suspended.has_value());
}

BOOST_AUTO_TEST_CASE(with_the_history_alone_far_fewer_requests_suspend_levels_too) {
  Pod pod(policy(true), 0.001, 3);
  pod.detector.set_baseline(stable_baseline());
  for (int t = 0; t < 20; ++t) pod.step(1e8, 40);
  const auto suspended = pod.report().suspended;
  BOOST_TEST_REQUIRE(suspended.has_value());
  BOOST_TEST(suspended->requests == 0.4, boost::test_tools::tolerance(0.1));
  BOOST_TEST(!suspended->concurrent);
  for (int t = 0; t < 20; ++t) pod.step(1e8, 100);
  BOOST_TEST(!pod.report().suspended.has_value());
}

BOOST_AUTO_TEST_CASE(far_fewer_requests_than_the_control_serves_are_a_stall) { BOOST_TEST(candidate(true, 1e8, 10, 120, 1e8, 0.05).failed_at > 0); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
