/// What a policy's `metrics` change in the verdict, through the detector.
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::agent::test {
namespace {

constexpr std::string_view errors = "http_requests_total{code=\"5xx\"}", queue = "flux_charge";

wire::MetricOverride entry(std::string pattern) {
  wire::MetricOverride out;
  out.pattern = std::move(pattern);
  return out;
}
wire::AgentPolicy policy_of(std::vector<wire::MetricOverride> entries) {
  wire::AgentPolicy out;
  out.metrics = std::move(entries);
  return out;
}

/// Requests, and a gauge that nobody knows.
void step(SimulatedPod& pod, Detector& detector, double charge, const Quality& quality = {}) {
  pod.serve(quality);
  pod.now += Duration{5'000};
  detector.begin_scrape(pod.now);
  pod.emit(detector);
  detector.observe({.family = queue, .name = queue, .labels = {}, .value = charge * std::exp(0.02 * std::sin(static_cast<double>(pod.now.time_since_epoch().count()))), .type = FamilyType::gauge, .timestamp = {}});
  detector.end_scrape();
}

wire::Baseline stable(const wire::AgentPolicy& policy) {
  Detector detector(policy, 0);
  SimulatedPod pod(1);
  for (int i = 0; i < 400; ++i) step(pod, detector, 10);
  wire::Baseline out = baseline_of(detector);
  out.same_node_levels = out.levels;
  return out;
}

Detector candidate(const wire::AgentPolicy& policy, int scrapes, double charge, const Quality& quality = {}) {
  Detector detector(policy, 1e-3);
  detector.set_baseline(stable(policy));
  SimulatedPod pod(2);
  for (int i = 0; i < scrapes && detector.evidence().verdict != wire::Verdict::fail; ++i) step(pod, detector, charge, quality);
  return detector;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metric_overrides)

BOOST_AUTO_TEST_CASE(an_unknown_metric_decides_once_the_policy_says_how_to_read_it) {
  const Detector watched = candidate({}, 200, 1'000);
  BOOST_TEST((watched.evidence().verdict != wire::Verdict::fail));
  BOOST_TEST((find_metric(watched.evidence(), queue)->excluded == Excluded::unknown));

  wire::MetricOverride named = entry("flux_*");
  named.kind = wire::OverrideKind::gauge;
  named.direction = wire::Direction::up;
  named.effect = 0.5;
  const Detector judged = candidate(policy_of({named}), 200, 1'000);
  BOOST_TEST((judged.evidence().verdict == wire::Verdict::fail));
  BOOST_TEST((find_metric(judged.evidence(), queue)->excluded == Excluded::no));
  BOOST_TEST(culprits(judged.evidence()).front().metric == queue);

  named.direction = wire::Direction::down;
  BOOST_TEST((candidate(policy_of({named}), 200, 1'000).evidence().verdict != wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(what_the_policy_ignores_is_counted_and_decides_nothing) {
  wire::MetricOverride off = entry("http_*");
  off.ignore = true;
  const Detector detector = candidate(policy_of({off}), 100, 10, {.errors = 0.5});
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::inconclusive));
  BOOST_TEST((find_metric(detector.evidence(), errors)->excluded == Excluded::ignored));
  wire::Report report;
  detector.fill(report);
  BOOST_TEST(std::any_of(report.totals.begin(), report.totals.end(), [](const auto& m) { return m.metric == errors && m.windows > 50; }));
}

BOOST_AUTO_TEST_CASE(an_entry_that_does_not_fit_the_metric_takes_its_part_and_is_shown) {
  wire::MetricOverride wrong = entry("http_requests");
  wrong.direction = wire::Direction::down;
  const Detector detector = candidate(policy_of({wrong}), 50, 10, {.errors = 0.5});
  BOOST_TEST((find_metric(detector.evidence(), errors)->excluded == Excluded::unfit));
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_counter_that_does_not_say_what_failed_cannot_be_errors) {
  wire::MetricOverride wrong = entry("flux*");
  wrong.kind = wire::OverrideKind::error_ratio;
  Detector detector(policy_of({wrong}), 1e-3);
  const std::array<LabelView, 1> code{LabelView{"code", "500"}};
  for (int i = 0; i < 3; ++i) {
    detector.begin_scrape(Time{Duration{5'000 * (i + 1)}});
    detector.observe({.family = "flux_total", .name = "flux_total", .labels = {}, .value = 1.0 * i, .type = FamilyType::counter, .timestamp = {}});
    detector.observe({.family = "flux_told_total", .name = "flux_told_total", .labels = code, .value = 1.0 * i, .type = FamilyType::counter, .timestamp = {}});
    detector.end_scrape();
  }
  BOOST_TEST((find_metric(detector.evidence(), "flux_total rate")->excluded == Excluded::unfit));
  BOOST_TEST((find_metric(detector.evidence(), "flux_told_total{code=\"5xx\"}")->excluded == Excluded::no_baseline));
}

BOOST_AUTO_TEST_CASE(an_effect_of_one_metric_leaves_the_others_alone) {
  wire::MetricOverride tolerant = entry("http_requests");
  tolerant.effect = 0.6;
  const Detector detector = candidate(policy_of({tolerant}), 100, 10, {.errors = 0.2});
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
  BOOST_TEST(find_metric(detector.evidence(), errors)->matters > 0.5);
  BOOST_TEST((candidate({}, 100, 10, {.errors = 0.2}).evidence().verdict == wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_critical_metric_has_half_of_the_weight) {
  const auto lead = [](const wire::AgentPolicy& policy) {
    Detector detector(policy, 1e-3);
    detector.set_baseline(stable(policy));
    SimulatedPod pod(2);
    for (int i = 0; i < 60; ++i) step(pod, detector, 10, {.errors = 0.3});
    // What the combined evidence stands below that of its strongest metric, the others having none.
    return detector.evidence().log_evidence - find_metric(detector.evidence(), errors)->log_evidence;
  };
  wire::MetricOverride critical = entry("http_requests");
  critical.critical = true;
  const double usual = std::exp(lead({})), raised = std::exp(lead(policy_of({critical})));
  BOOST_TEST(raised == usual / 2 + 0.5 * 0.95, boost::test_tools::tolerance(0.01));  // 0.95: what bounds on shares leave of alpha
}

BOOST_AUTO_TEST_CASE(a_critical_level_keeps_a_release_from_passing_until_it_can) {
  const Quality healthy{.requests = 1'000, .errors = 0.0005, .slow = 0.02};
  const auto passes = [&](const wire::AgentPolicy& policy) {
    const Detector detector = candidate(policy, 300, 10, healthy);
    return detector.evidence().verdict == wire::Verdict::pass;
  };
  wire::AgentPolicy policy;  // by the history alone no level can be excluded to have moved
  policy.levels_decide = false;
  BOOST_TEST(passes(policy));
  wire::MetricOverride critical = entry("flux_charge");
  critical.critical = true;
  policy.metrics = {critical};
  const bool with_level = passes(policy);
  BOOST_TEST(!with_level);
}

BOOST_AUTO_TEST_CASE(a_changed_entry_starts_the_evidence_again_and_keeps_the_totals) {
  Detector detector({}, 1e-3);
  detector.set_baseline(stable({}));
  SimulatedPod pod(2);
  for (int i = 0; i < 3; ++i) step(pod, detector, 10, {.errors = 0.3});
  BOOST_TEST_REQUIRE(find_metric(detector.evidence(), errors)->log_evidence > 1);
  wire::Report before, after;
  detector.fill(before);

  wire::MetricOverride heavier = entry("http_requests");
  heavier.weight = 2;
  detector.configure(policy_of({heavier}), 1e-3);
  BOOST_TEST(find_metric(detector.evidence(), errors)->log_evidence <= 0);
  for (int i = 0; i < 2; ++i) step(pod, detector, 10, {.errors = 0.3});
  detector.fill(after);
  const auto total = [](const wire::Report& report) {
    for (const auto& m : report.totals)
      if (m.metric == errors) return m.counts[0] + m.counts[1];
    return std::uint64_t{0};
  };
  // The first scrape after the change is where counting begins again; the second one counts.
  BOOST_TEST(total(after) > total(before));
  BOOST_TEST(total(after) < total(before) + 150);
  // The same entries again change nothing.
  const double evidence = find_metric(detector.evidence(), errors)->log_evidence;
  detector.configure(policy_of({heavier}), 1e-3);
  BOOST_TEST(find_metric(detector.evidence(), errors)->log_evidence == evidence);
}

BOOST_AUTO_TEST_CASE(ignoring_a_metric_begins_and_ends_with_its_entry_while_the_agent_runs) {
  wire::MetricOverride off = entry("http_requests");
  off.ignore = true;
  Detector detector({}, 1e-3);
  detector.set_baseline(stable({}));
  SimulatedPod pod(2);
  const auto scrapes = [&] { for (int i = 0; i < 10; ++i) step(pod, detector, 10, {.errors = 0.5}); };
  step(pod, detector, 10);
  detector.configure(policy_of({off}), 1e-3);
  scrapes();
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
  BOOST_TEST((find_metric(detector.evidence(), errors)->excluded == Excluded::ignored));
  detector.configure({}, 1e-3);
  scrapes();
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_metric_that_is_read_otherwise_is_no_longer_judged_by_its_old_baseline) {
  wire::MetricOverride rate = entry("http_requests");
  rate.kind = wire::OverrideKind::counter_rate;
  rate.direction = wire::Direction::both;
  Detector detector({}, 1e-3);
  detector.set_baseline(stable({}));
  SimulatedPod pod(2);
  for (int i = 0; i < 3; ++i) step(pod, detector, 10);
  wire::AgentPolicy read_otherwise = policy_of({rate});
  read_otherwise.levels_decide = false;
  detector.configure(read_otherwise, 1e-3);
  for (int i = 0; i < 400; ++i) step(pod, detector, 10, {.requests = 500, .errors = 0.0005, .slow = 0.02});
  BOOST_TEST(find_metric(detector.evidence(), errors) == nullptr);
  BOOST_TEST((detector.evidence().verdict == wire::Verdict::pass));  // by latency, which is what is left
}

BOOST_AUTO_TEST_CASE(counters_of_restarts_are_shown_by_the_hour_and_decide_where_they_are_named) {
  const auto shown = [](const wire::AgentPolicy& policy) {
    Detector detector(policy, 1e-3);
    for (int i = 0; i < 3; ++i) {
      detector.begin_scrape(Time{Duration{5'000 * (i + 1)}});
      detector.observe({.family = "worker_restarts_total", .name = "worker_restarts_total", .labels = {}, .value = i == 2 ? 1.0 : 0.0, .type = FamilyType::counter, .timestamp = {}});
      detector.end_scrape();
    }
    return *find_metric(detector.evidence(), "worker_restarts_total per hour");
  };
  wire::AgentPolicy all;
  all.levels_decide = true;
  BOOST_TEST((shown(all).excluded == Excluded::for_the_record));
  wire::MetricOverride named = entry("worker_*");
  named.kind = wire::OverrideKind::restarts;
  BOOST_TEST((shown(policy_of({named})).excluded == Excluded::no_baseline));
}

BOOST_AUTO_TEST_CASE(histograms_that_nobody_counts_are_listed_with_the_reason) {
  const std::array<LabelView, 1> bucket{{{"le", "+Inf"}}};
  const auto listed = [&](const wire::AgentPolicy& policy, std::string_view family, FamilyType type, int families = 1) {
    Detector detector({}, 1e-3);
    detector.set_baseline(stable({}));
    SimulatedPod pod(2);
    for (int i = 0; i < 3; ++i) {
      if (i == 1) detector.configure(policy, 1e-3);  // while it runs
      pod.serve({});
      detector.begin_scrape(pod.now += Duration{5'000});
      pod.emit(detector);
      for (int k = 0; k < families; ++k) {
        const std::string numbered = k == 0 ? std::string(family) : "f" + std::to_string(k) + "_" + std::string(family), name = type == FamilyType::unknown ? numbered : numbered + "_bucket";
        detector.observe({.family = numbered, .name = name, .labels = bucket, .value = 1.0, .type = type, .timestamp = {}});
      }
      detector.end_scrape();
    }
    wire::Report report;
    detector.fill(report);
    std::erase_if(report.excluded, [](const auto& m) { return m.metric.find("http_") == 0; });
    return report;
  };
  wire::MetricOverride ignore = entry("db_*"), read = entry("db_*");
  ignore.ignore = true;
  read.kind = wire::OverrideKind::latency;
  wire::AgentPolicy by_list;
  by_list.ignore = {"db_query_duration_seconds"};
  const struct { wire::AgentPolicy policy; std::string_view family; FamilyType type; std::string_view shown; Excluded why; } rows[] = {
      {{}, "db_query_duration_seconds", FamilyType::histogram, "db_query_duration_seconds", Excluded::for_the_record},
      {{}, "db_query_duration_seconds_bucket", FamilyType::unknown, "db_query_duration_seconds", Excluded::for_the_record},
      {{}, "batch_items", FamilyType::histogram, "batch_items", Excluded::unknown},
      {policy_of({ignore}), "db_query_duration_seconds", FamilyType::histogram, "db_query_duration_seconds", Excluded::ignored},
      {by_list, "db_query_duration_seconds", FamilyType::histogram, "db_query_duration_seconds", Excluded::ignored},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.family << " as " << row.shown) {
      const auto found = listed(row.policy, row.family, row.type).excluded;
      BOOST_TEST_REQUIRE(found.size() == 1U);
      BOOST_TEST(found[0].metric == row.shown);
      BOOST_TEST((found[0].reason == row.why && found[0].kind == wire::MetricKind::latency));
    }
  // Sizes of requests are the callers'; what the policy reads as latency is a metric like others, without a baseline.
  BOOST_TEST(listed({}, "http_request_size_bytes", FamilyType::histogram).excluded.empty());
  BOOST_TEST(listed({}, "batch_size_bytes", FamilyType::histogram).excluded.empty());
  BOOST_TEST(listed(policy_of({read}), "db_query_duration_seconds", FamilyType::histogram).excluded.empty());  // it has not counted yet
  BOOST_TEST(listed({}, "batch_items", FamilyType::histogram, 200).excluded_more < 10U);
}

BOOST_AUTO_TEST_CASE(values_on_another_scale_are_another_level) {
  wire::MetricOverride absolute = entry("flux_charge");
  absolute.scale = wire::Scale::absolute;
  absolute.effect = 5;
  absolute.weight = 1;
  const Detector detector = candidate(policy_of({absolute}), 20, 10);
  const MetricEvidence* level = find_metric(detector.evidence(), "flux_charge absolute");
  BOOST_TEST_REQUIRE(level);
  BOOST_TEST(level->now == 10.0, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::agent::test
