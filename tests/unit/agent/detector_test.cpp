#include "agent/core/detector.hpp"

#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>

using namespace charon;
using namespace charon::agent;
using namespace charon::agent::test;

namespace {

constexpr double alpha = 1e-3;
const wire::AgentPolicy policy;
/// A Pass of levels takes stable pods that run beside the candidate, which most of these cases have not.
const wire::AgentPolicy without_levels = [] {
  wire::AgentPolicy out;
  out.levels_decide = false;
  return out;
}();
const Quality healthy;

Detector judging(const wire::Baseline& baseline, double pod_alpha = alpha, const wire::AgentPolicy& by = policy) {
  Detector detector(by, pod_alpha);
  detector.set_baseline(baseline);
  return detector;
}

/// Scrapes until Fail; 0: none within `most`.
int scrapes_to_fail(Detector& detector, SimulatedPod& pod, const Quality& quality, int most) {
  for (int i = 1; i <= most; ++i) {
    pod.step(detector, quality);
    if (detector.evidence().verdict == wire::Verdict::fail) return i;
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(detector)

BOOST_AUTO_TEST_CASE(clear_faults_are_found_within_a_minute) {
  struct Case { std::string_view what; Quality quality; std::string_view culprit; };
  const Case cases[] = {
      {"errors 8%", {.requests = 100, .errors = 0.08}, "http_requests_total{code=\"5xx\"}"},
      {"errors 8% at 4 requests per second", {.requests = 20, .errors = 0.08}, "http_requests_total{code=\"5xx\"}"},
      {"errors 8% at 1,000 requests per second", {.requests = 5'000, .errors = 0.08}, "http_requests_total{code=\"5xx\"}"},
      {"all errors", {.requests = 100, .errors = 1}, "http_requests_total{code=\"5xx\"}"},
      {"slow 60%", {.requests = 100, .slow = 0.6}, "http_request_duration_seconds"},
      {"slow 30%", {.requests = 100, .slow = 0.3}, "http_request_duration_seconds"},
  };
  const wire::Baseline baseline = baseline_of(healthy, 36);  // three minutes of one stable pod
  for (const Case& c : cases) {
    std::vector<int> delays;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      Detector detector = judging(baseline);
      SimulatedPod pod(seed);
      pod.step(detector, c.quality);
      delays.push_back(scrapes_to_fail(detector, pod, c.quality, 200));
      BOOST_TEST_REQUIRE(delays.back() > 0);
      wire::Report report;
      detector.fill(report);
      BOOST_TEST_REQUIRE(!report.culprits.empty());
      BOOST_TEST(report.culprits[0].metric == c.culprit);
      BOOST_TEST((report.verdict == wire::Verdict::fail));
      BOOST_TEST(report.degraded_since.has_value());
    }
    std::sort(delays.begin(), delays.end());
    BOOST_TEST_MESSAGE(c.what << ": median " << delays[10] << ", most " << delays.back() << " scrapes, of 20 runs");
    BOOST_TEST(delays[10] <= (c.quality.requests < 50 ? 30 : 12));
  }
}

BOOST_AUTO_TEST_CASE(healthy_releases_do_not_fail) {
  // 360 scrapes (30 minutes) each; the pod's own shares differ from the stable ones by a natural spread. Over-dispersion is
  // as the judge assumes it at most: a cv of 0.3 of errors is a correlation of 0.09 times their share.
  struct Case { std::string_view what; Quality quality; double spread; int runs; double wander = 0; };
  const Case cases[] = {
      {"as the stable release", {.requests = 100}, 0, 400},
      {"few requests", {.requests = 3, .errors = 0.01, .slow = 0.09}, 0.1, 400},
      {"many requests, spread 10%", {.requests = 5'000}, 0.1, 300},
      {"over-dispersed, spread 20%", {.requests = 300, .errors = 0.005, .slow = 0.08, .overdispersion = 0.0005}, 0.2, 400},
      {"over-dispersed, many errors", {.requests = 300, .errors = 0.02, .slow = 0.05, .overdispersion = 0.002}, 0.1, 300},
      {"wandering slowly by a third, spread 10%", {.requests = 300, .errors = 0.005, .slow = 0.06, .overdispersion = 0.0005}, 0.1, 300, 0.33},
  };
  for (const Case& c : cases) {
    int failed = 0, passed = 0;
    for (int run = 0; run < c.runs; ++run) {
      const auto seed = static_cast<std::uint32_t>(run);
      SimulatedPod pod(seed);
      const wire::Baseline baseline = baseline_of(c.quality, 120, seed + 100'000);
      Quality quality = c.quality;
      std::normal_distribution<double> spread(0, c.spread > 0 ? c.spread : 1e-9);
      quality.errors *= std::exp(spread(pod.random()));
      quality.slow *= std::exp(spread(pod.random()));
      Detector detector = judging(baseline), passing = judging(baseline, alpha, without_levels);
      double drift = 0;  // AR(1) with phi 0.95, of the logarithm of both shares
      bool fails = false;
      for (int i = 0; i <= 360 && !fails; ++i) {
        drift = 0.95 * drift + std::normal_distribution<double>(0, 1)(pod.random()) * c.wander * std::sqrt(1 - 0.95 * 0.95);
        Quality now = quality;
        now.errors *= std::exp(drift);
        now.slow *= std::exp(drift);
        pod.step(detector, now);
        pod.show(passing);
        fails = detector.evidence().verdict == wire::Verdict::fail || passing.evidence().verdict == wire::Verdict::fail;
      }
      failed += fails;
      passed += passing.evidence().verdict == wire::Verdict::pass;
    }
    BOOST_TEST_MESSAGE("healthy, " << c.what << ": " << failed << " failed, " << passed << " passed, of " << c.runs);
    BOOST_TEST(failed <= (c.wander > 0 ? 2 : 0));  // a share that wanders leaves the null for minutes now and then
    if (c.quality.requests >= 100) BOOST_TEST(passed >= (c.quality.errors > 0.001 ? c.runs / 2 : c.runs * 9 / 10));
  }
}

BOOST_AUTO_TEST_CASE(at_the_very_edge_of_tolerance_failures_stay_within_alpha) {
  // The worst releases that are still no degradation, at a large alpha so that a small number of runs can tell.
  for (const bool with_control : {false, true})
    for (const double correlation : {0.0, 0.003}) {  // of the edge's errors: a cv of 0.3
      const Quality stable_quality{.requests = 200, .errors = 0.02, .slow = 0.05, .overdispersion = correlation};
      const Quality edge{.requests = 200, .errors = 1.5 * 0.02 + 0.005, .slow = 1.5 * 0.05 + 0.05, .overdispersion = correlation};
      int failed = 0;
      const int runs = 200;
      for (std::uint32_t seed = 0; seed < runs; ++seed) {
        Detector detector = judging(baseline_of(stable_quality, 240, seed + 1'000'000), 0.1), measuring(policy, 0);
        SimulatedPod pod(seed), stable(seed + 5'000);
        for (int i = 0; i < 120; ++i) {
          pod.step(detector, edge);
          if (with_control) {
            stable.step(measuring, stable_quality);
            wire::Report report;
            measuring.fill(report);
            detector.set_control({.pods = 1, .same_node_pods = 0, .metrics = report.totals, .same_node = {}, .since = Time{Duration{1}}}, pod.now);
          }
          if (detector.evidence().verdict == wire::Verdict::fail) { ++failed; break; }
        }
      }
      BOOST_TEST_MESSAGE("at the edge, " << (with_control ? "control" : "history") << ", correlation " << correlation << ": " << failed << " failed of " << runs << " at alpha 0.1");
      BOOST_TEST(failed <= runs / 10);
    }
}

BOOST_AUTO_TEST_CASE(an_effect_that_matters_does_not_pass) {
  const wire::Baseline baseline = baseline_of(healthy, 360);
  int passed = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Detector detector = judging(baseline, 0);
    SimulatedPod pod(seed);
    bool ever = false;
    for (int i = 0; i < 120; ++i) {
      pod.step(detector, {.requests = 100, .errors = 0.001 + 0.01, .slow = 0.05});
      ever = ever || detector.evidence().verdict == wire::Verdict::pass;
    }
    passed += ever;
  }
  BOOST_TEST_MESSAGE("at the effect that matters: " << passed << " ever passed of 300");
  BOOST_TEST(passed <= 3);
}

BOOST_AUTO_TEST_CASE(a_harmless_rise_below_the_tolerance_never_fails_at_any_traffic) {
  const wire::Baseline baseline = baseline_of({.requests = 5'000}, 360);
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Detector detector = judging(baseline);
    SimulatedPod pod(seed);
    BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 5'000, .errors = 0.001 + 0.0045, .slow = 0.05 + 0.045}, 720) == 0);
  }
}

BOOST_AUTO_TEST_CASE(one_scrape_cannot_decide_and_two_cannot_either) {
  const wire::Baseline baseline = baseline_of({.requests = 10'000}, 720);
  for (const double pod_alpha : {0.2, 1e-3, 1e-5}) {
    Detector detector = judging(baseline, pod_alpha);
    SimulatedPod pod(3);
    for (int i = 0; i < 5; ++i) pod.step(detector, healthy);
    const Quality disaster{.requests = 100'000, .errors = 1, .slow = 1};
    pod.step(detector, disaster);
    BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
    pod.step(detector, disaster);
    BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
    BOOST_TEST(scrapes_to_fail(detector, pod, healthy, 100) == 0);
  }
}

BOOST_AUTO_TEST_CASE(scrapes_bring_half_of_what_is_needed_each_and_one_no_more_than_three_quarters_however_many_metrics_jump) {
  Detector detector = judging(baseline_of({.requests = 10'000}, 720), 1e-5);
  SimulatedPod pod(3);
  std::vector<double> seen{0};
  while (detector.evidence().verdict != wire::Verdict::fail) {
    pod.step(detector, {.requests = 100'000, .errors = 1, .slow = 1});
    const double now = std::max(detector.evidence().log_evidence, 0.0), half = detector.evidence().log_needed / 2;
    for (std::size_t back = 1; back <= seen.size(); ++back)
      BOOST_TEST_REQUIRE(now <= seen[seen.size() - back] + (static_cast<double>(back) + 0.5) * half + 1e-6);
    seen.push_back(now);
  }
}

BOOST_AUTO_TEST_CASE(a_late_fault_is_found_and_dated) {
  const wire::Baseline baseline = baseline_of(healthy, 120);
  for (const int onset : {50, 120, 350, 1'000}) {
    Detector detector = judging(baseline, alpha, without_levels);
    SimulatedPod pod(11);
    BOOST_TEST(scrapes_to_fail(detector, pod, healthy, onset) == 0);
    BOOST_TEST((detector.evidence().verdict == wire::Verdict::pass));
    const Time began = pod.now;
    const int delay = scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.08}, 100);
    BOOST_TEST_MESSAGE("fault after " << onset << " scrapes: found " << delay << " later");
    BOOST_TEST(delay > 0);
    BOOST_TEST(delay <= 20);
    BOOST_TEST_REQUIRE(detector.evidence().degraded_since.has_value());
    const auto off = *detector.evidence().degraded_since - began;
    BOOST_TEST(off >= Duration{-30'000});
    BOOST_TEST(off <= Duration{70'000});
  }
}

BOOST_AUTO_TEST_CASE(evidence_is_current_a_fault_that_ends_fades) {
  Detector detector = judging(baseline_of(healthy, 120));
  SimulatedPod pod(5);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.2}, 60) > 0);
  for (int i = 0; i < 60; ++i) pod.step(detector, healthy);
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(without_traffic_there_is_never_a_verdict) {
  Detector detector = judging(baseline_of(healthy, 120));
  SimulatedPod pod(1);
  for (int i = 0; i < 1'000; ++i) pod.scrape(detector);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST(detector.evidence().log_pass_evidence == 0);
}

BOOST_AUTO_TEST_CASE(without_a_baseline_there_is_never_a_verdict_but_totals_are_kept) {
  Detector detector(policy, alpha);
  SimulatedPod pod(1);
  for (int i = 0; i < 200; ++i) pod.step(detector, {.requests = 100, .errors = 0.5, .slow = 0.9});
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST(detector.evidence().log_evidence == 0);
  wire::Report report;
  detector.fill(report);
  report.boot_id = BootId{"boot"};
  BOOST_TEST(report.totals.size() == 2U);
  BOOST_TEST(report.culprits.empty());
  BOOST_TEST(wire::validate(report).has_value());
  BOOST_TEST((find_metric(detector.evidence(), "http_request_duration_seconds")->excluded == Excluded::no_baseline));
}

BOOST_AUTO_TEST_CASE(alpha_zero_never_fails_but_shows_its_evidence) {
  Detector detector = judging(baseline_of(healthy, 120), 0);
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 1, .slow = 1}, 300) == 0);
  BOOST_TEST(detector.evidence().log_evidence > 30);
  detector.configure(policy, alpha);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_histogram_with_other_buckets_is_excluded_and_said) {
  wire::Baseline baseline = baseline_of(healthy, 120);
  for (wire::MetricCounts& counts : baseline.metrics)
    if (counts.kind == wire::MetricKind::latency) counts.bounds[2] = 0.3;
  Detector detector = judging(baseline);
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .slow = 0.9}, 200) == 0);
  BOOST_TEST((find_metric(detector.evidence(), "http_request_duration_seconds")->excluded == Excluded::bounds_differ));
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.2, .slow = 0.9}, 60) > 0);  // errors are judged on
}

BOOST_AUTO_TEST_CASE(bounds_that_lost_a_last_digit_on_the_wire_are_the_same) {
  wire::Baseline baseline = baseline_of(healthy, 120);
  for (wire::MetricCounts& counts : baseline.metrics)
    for (double& bound : counts.bounds) bound = std::nextafter(bound, 2);
  Detector detector = judging(baseline);
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .slow = 0.6}, 30) > 0);
}

BOOST_AUTO_TEST_CASE(a_baseline_of_a_few_requests_judges_nothing) {
  Detector detector = judging(baseline_of({.requests = 4}, 3));
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 1, .slow = 1}, 100) == 0);
  BOOST_TEST((detector.evidence().metrics.at(0).excluded == Excluded::baseline_too_small));
}

BOOST_AUTO_TEST_CASE(ignored_families_are_counted_but_not_judged) {
  wire::AgentPolicy ignoring;
  ignoring.ignore = {"http_requests_total"};
  Detector detector(ignoring, alpha);
  detector.set_baseline(baseline_of(healthy, 120));
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.5}, 100) == 0);
  BOOST_TEST((find_metric(detector.evidence(), "http_requests_total{code=\"5xx\"}")->excluded == Excluded::ignored));
  wire::Report report;
  detector.fill(report);
  BOOST_TEST(report.totals.size() == 2U);
}

BOOST_AUTO_TEST_CASE(concurrent_control_that_degrades_too_acquits_the_release) {
  const wire::Baseline baseline = baseline_of(healthy, 120);
  for (const bool same_node : {true, false})
    for (const bool control_degrades : {true, false}) {
      Detector detector = judging(baseline), measuring(policy, 0);
      SimulatedPod pod(1), stable(2);
      const Quality outage{.requests = 100, .errors = 0.10, .slow = 0.4};
      int failed_after = 0;
      for (int i = 0; i < 150 && failed_after == 0; ++i) {
        pod.step(detector, i < 20 ? healthy : outage);
        stable.step(measuring, i < 20 || !control_degrades ? healthy : outage);
        if (i % 2 == 1) {
          wire::Report report;
          measuring.fill(report);
          wire::Control control{.pods = 1, .same_node_pods = same_node ? 1U : 0U, .metrics = report.totals, .same_node = {}, .since = Time{Duration{1}}};
          if (same_node) control.same_node = report.totals;
          detector.set_control(control, pod.now);
        }
        if (detector.evidence().verdict == wire::Verdict::fail) failed_after = i + 1 - 20;
      }
      BOOST_TEST_MESSAGE("control " << (same_node ? "on the node " : "elsewhere ") << (control_degrades ? "degrades too" : "stays healthy") << ": failed after " << failed_after);
      BOOST_TEST((failed_after == 0) == control_degrades);
      if (!control_degrades) BOOST_TEST(failed_after <= 24);
    }
}

BOOST_AUTO_TEST_CASE(a_control_that_falls_silent_leaves_the_history_to_judge_by) {
  Detector detector = judging(baseline_of(healthy, 120), alpha, without_levels), measuring(policy, 0);
  SimulatedPod pod(1), stable(2);
  for (int i = 0; i < 40; ++i) {
    pod.step(detector, healthy);
    stable.step(measuring, healthy);
    wire::Report report;
    measuring.fill(report);
    detector.set_control({.pods = 1, .same_node_pods = 0, .metrics = report.totals, .same_node = {}, .since = Time{Duration{1}}}, pod.now);
  }
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::pass));
  const int delay = scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.1}, 60);
  BOOST_TEST(delay > 0);
  BOOST_TEST(delay <= 30);
}

BOOST_AUTO_TEST_CASE(a_report_of_rare_scrapes_is_one_that_the_coordinator_accepts) {
  wire::AgentPolicy rare;
  rare.scrape_interval = std::chrono::hours{1};
  const Detector detector(rare, 0);
  wire::Report report;
  detector.fill(report);
  report.boot_id = BootId("boot");
  report.scrape_age = detector.scrape_age(Time{std::chrono::hours{24 * 365}});  // there was none
  BOOST_TEST(wire::validate(report).has_value());
  BOOST_TEST((report.scrape_interval == rare.scrape_interval));
}

BOOST_AUTO_TEST_CASE(a_repeated_or_shrunken_control_is_no_data) {
  Detector detector = judging(baseline_of(healthy, 120), alpha, without_levels);
  SimulatedPod pod(1);
  wire::Report report;
  for (int i = 0; i < 10; ++i) pod.step(detector, healthy);
  detector.fill(report);
  wire::Control control{.pods = 2, .same_node_pods = 0, .metrics = report.totals, .same_node = {}, .since = Time{Duration{1}}};
  for (int i = 0; i < 10; ++i) {
    detector.set_control(control, pod.now);
    for (wire::MetricCounts& counts : control.metrics)
      for (std::uint64_t& count : counts.counts) count /= 2;
    pod.step(detector, healthy);
  }
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_node_where_the_stable_release_was_slow_too_is_judged_by_its_own_history) {
  const Quality slow_node{.requests = 100, .slow = 0.25};
  wire::Baseline baseline = baseline_of(healthy, 240);
  SimulatedPod pod(1);
  Detector without = judging(baseline);
  BOOST_TEST(scrapes_to_fail(without, pod, slow_node, 360) > 0);
  baseline.same_node = baseline_of(slow_node, 240).metrics;
  Detector with = judging(baseline);
  SimulatedPod other(1);
  BOOST_TEST(scrapes_to_fail(with, other, slow_node, 360) == 0);
}

BOOST_AUTO_TEST_CASE(failed_scrapes_count_only_after_the_first_answer_and_decide_only_in_a_long_row) {
  Detector detector = judging(baseline_of(healthy, 120));
  SimulatedPod pod(1);
  for (int i = 0; i < 200; ++i) pod.fail_scrape(detector);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST(detector.evidence().log_evidence < 0);
  BOOST_TEST(!detector.evidence().started);
  for (int i = 0; i < 20; ++i) pod.step(detector, healthy);
  for (int i = 0; i < 10; ++i) pod.fail_scrape(detector);
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
  int failures = 10;
  while (detector.evidence().verdict != wire::Verdict::fail && failures < 200) pod.fail_scrape(detector), ++failures;
  BOOST_TEST_MESSAGE("endpoint silent: failed after " << failures << " scrapes");
  BOOST_TEST(failures < 60);
  wire::Report report;
  detector.fill(report);
  BOOST_TEST(report.culprits.at(0).metric == "scrape_failures");
  BOOST_TEST(report.scrape_failures == 200U + static_cast<unsigned>(failures));
}

BOOST_AUTO_TEST_CASE(scrapes_that_fail_now_and_then_are_no_degradation) {
  int failed = 0;
  const wire::Baseline baseline = baseline_of(healthy, 120);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Detector detector = judging(baseline);
    SimulatedPod pod(seed);
    for (int i = 0; i < 360; ++i) {
      pod.serve(healthy);
      if (pod.draw(1, 0.01, 0) > 0) pod.fail_scrape(detector); else pod.scrape(detector);
      if (detector.evidence().verdict == wire::Verdict::fail) { ++failed; break; }
    }
  }
  BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_CASE(restarts_are_counted_and_many_of_them_decide) {
  for (const bool start_time : {true, false}) {
    Detector detector = judging(baseline_of(healthy, 120));
    SimulatedPod pod(1);
    if (!start_time) pod.process_start = 0;
    int restarts = 0;
    for (int i = 0; i < 240 && detector.evidence().verdict != wire::Verdict::fail; ++i) {
      if (i % 12 == 11) {
        if (start_time) pod.restart(); else pod.good = pod.failed = 0, pod.buckets.fill(0);
        ++restarts;
      }
      pod.step(detector, healthy);
    }
    BOOST_TEST(detector.evidence().process_restarts == static_cast<unsigned>(restarts));
    BOOST_TEST((detector.evidence().verdict == wire::Verdict::fail));
    BOOST_TEST(restarts >= 3);
  }
}

BOOST_AUTO_TEST_CASE(a_scrape_that_breaks_in_the_middle_counts_nothing) {
  Detector detector = judging(baseline_of(healthy, 120));
  SimulatedPod pod(1);
  for (int i = 0; i < 5; ++i) pod.step(detector, healthy);
  SimulatedPod garbage(2);
  garbage.serve({.requests = 1e5, .errors = 1});
  wire::Report before, after;
  detector.fill(before);
  detector.begin_scrape(pod.now);
  garbage.emit(detector);
  detector.scrape_failed(pod.now);
  detector.end_scrape();  // not begun: ignored
  detector.fill(after);
  BOOST_TEST((before.totals.at(0).counts == after.totals.at(0).counts));
  BOOST_TEST(after.scrape_failures == 1U);
  BOOST_TEST(after.scrapes == 6U);
}

BOOST_AUTO_TEST_CASE(nothing_counts_after_terminating) {
  Detector detector = judging(baseline_of(healthy, 120));
  SimulatedPod pod(1);
  for (int i = 0; i < 20; ++i) pod.step(detector, healthy);
  const double evidence = detector.evidence().log_evidence;
  detector.terminating();
  for (int i = 0; i < 100; ++i) pod.step(detector, {.requests = 100, .errors = 1});
  for (int i = 0; i < 100; ++i) pod.fail_scrape(detector);
  BOOST_TEST(detector.evidence().log_evidence == evidence);
  BOOST_TEST(detector.evidence().scrapes == 20U);
}

BOOST_AUTO_TEST_CASE(a_newer_version_of_the_same_baseline_keeps_the_evidence_another_release_does_not) {
  wire::Baseline baseline = baseline_of(healthy, 120);
  Detector detector = judging(baseline);
  SimulatedPod pod(1);
  BOOST_TEST(scrapes_to_fail(detector, pod, {.requests = 100, .errors = 0.2}, 60) > 0);
  baseline.version = 2;
  detector.set_baseline(baseline);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::fail));
  BOOST_TEST(detector.evidence().baseline_version == 2U);
  baseline.version = 3;
  baseline.release = "another";
  detector.set_baseline(baseline);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(hostile_numbers_do_no_harm) {
  wire::Baseline baseline = baseline_of(healthy, 120);
  baseline.metrics.push_back({.metric = "http_broken", .kind = wire::MetricKind::latency, .bounds = {1, 0.5}, .counts = {1}, .windows = 0});
  baseline.metrics.push_back({.metric = "http_empty", .kind = wire::MetricKind::latency, .bounds = {}, .counts = {std::uint64_t{1} << 53}, .windows = 1'000});
  Detector detector = judging(baseline);
  const std::array<LabelView, 1> ok{{{"code", "200"}}}, bad{{{"code", "500"}}};
  const double values[] = {0, 1e308, std::numeric_limits<double>::denorm_min(), -0.0, HUGE_VAL, std::nan(""), 1e15, 3, -5};
  Time now{Duration{1'000}};
  for (int i = 0; i < 90; ++i) {
    detector.begin_scrape(now += Duration{5'000});
    detector.observe({.family = "http_requests_total", .name = "http_requests_total", .labels = ok, .value = values[i % 9], .type = FamilyType::counter, .timestamp = {}});
    detector.observe({.family = "http_requests_total", .name = "http_requests_total", .labels = bad, .value = values[(i * 7 + 3) % 9], .type = FamilyType::counter, .timestamp = {}});
    detector.end_scrape();
    BOOST_TEST(std::isfinite(detector.evidence().log_evidence));
    BOOST_TEST(std::isfinite(detector.evidence().log_pass_evidence));
  }
  wire::Report report;
  detector.fill(report);
  report.boot_id = BootId{"boot"};
  BOOST_TEST(wire::validate(report).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
