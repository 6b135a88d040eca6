// Summaries, and durations that came without a type: their mean is the level, whatever the load.
#include "agent/core/family_meanings.hpp"
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace charon::agent::test;

namespace {

/// Shows a duration's sum and count, and a quantile.
struct Durations {
  std::string family = "http_request_duration_seconds";
  FamilyType type = FamilyType::summary;
  double sum = 0, count = 0;

  void scrape(Detector& detector, Time now, double requests, double mean) {
    sum += requests * mean;
    count += requests;
    detector.begin_scrape(now);
    const std::array<LabelView, 1> quantile{{{"quantile", "0.99"}}};
    const auto show = [&](const std::string& name, std::span<const LabelView> labels, double value) {
      detector.observe({.family = type == FamilyType::unknown ? name : family, .name = name, .labels = labels, .value = value, .type = type, .timestamp = {}});
    };
    show(family, quantile, 3 * mean);
    show(family + "_sum", {}, sum);
    show(family + "_count", {}, count);
    detector.end_scrape();
  }
};

struct Outcome { wire::Verdict verdict; MetricEvidence mean; };
/// A candidate beside a stable pod of 100 requests of 50 ms a scrape, after as much time of it alone.
Outcome candidate(FamilyType type, double requests, double mean) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  const auto noisy = [&](double value) { return value * std::exp(0.05 * normal(random)); };
  Durations of_stable{.type = type}, of_candidate{.type = type};
  Detector stable({}, 0);
  Time now{Duration{1'800'000'000'000}};
  for (int i = 0; i < 400; ++i) of_stable.scrape(stable, now += Duration{5'000}, std::round(noisy(100)), noisy(0.05));
  wire::Baseline baseline = baseline_of(stable);
  for (wire::LevelSummary& level : baseline.levels) {
    level.young.clear();
    baseline.spreads.push_back({.metric = level.metric, .squares = 20 * 2 * 0.02 * 0.02, .degrees = 20});
  }
  baseline.same_node_levels = baseline.levels;
  Detector judge({}, 0.001);
  judge.set_baseline(baseline);
  wire::LevelSum told;
  for (int i = 0; i < 360; ++i) {
    of_stable.scrape(stable, now += Duration{5'000}, std::round(noisy(100)), noisy(0.05));
    wire::Report report;
    stable.fill(report);
    wire::Control control;
    control.pods = control.same_node_pods = 1;
    control.same_node_levels_reported = now;
    for (const wire::LevelSum& level : report.level_sums) {
      if (!level.metric.ends_with(" mean")) continue;
      if (told.scrapes > 0) control.same_node_levels.push_back({.metric = level.metric, .value = (level.sum - told.sum) / static_cast<double>(level.scrapes - told.scrapes), .pods = 1});
      told = level;
    }
    judge.set_control(control, now);
    of_candidate.scrape(judge, now, std::round(noisy(requests)), noisy(mean));
  }
  const MetricEvidence* found = find_metric(judge.evidence(), "http_request_duration_seconds mean");
  BOOST_TEST_REQUIRE(found);
  return {judge.evidence().verdict, *found};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(summaries)

BOOST_AUTO_TEST_CASE(the_mean_of_a_summary_is_judged_and_the_load_is_not) {
  for (const FamilyType type : {FamilyType::summary, FamilyType::unknown}) {
    const Outcome as_before = candidate(type, 100, 0.05), busier = candidate(type, 125, 0.05), slower = candidate(type, 100, 0.1), little = candidate(type, 100, 0.06);
    BOOST_TEST((as_before.verdict == wire::Verdict::pass));
    BOOST_TEST(as_before.mean.now == 0.05, boost::test_tools::tolerance(0.3));
    BOOST_TEST((busier.verdict == wire::Verdict::pass));
    BOOST_TEST((slower.verdict == wire::Verdict::fail));
    BOOST_TEST((little.verdict != wire::Verdict::pass));  // a fifth slower is what matters
  }
}

BOOST_AUTO_TEST_CASE(a_scrape_without_requests_or_with_a_reset_has_no_mean) {
  Detector detector({}, 0.001);
  Durations durations;
  Time now{Duration{1'800'000'000'000}};
  const auto windows = [&] { return find_metric(detector.evidence(), "http_request_duration_seconds mean") ? find_metric(detector.evidence(), "http_request_duration_seconds mean")->windows : 0; };
  wire::Report report;
  const auto counted = [&] { detector.fill(report); return report.level_sums.empty() ? std::uint64_t{0} : report.level_sums.at(0).scrapes; };
  durations.scrape(detector, now += Duration{5'000}, 100, 0.05);
  BOOST_TEST(counted() == 0U);
  durations.scrape(detector, now += Duration{5'000}, 100, 0.05);
  BOOST_TEST(counted() == 1U);
  durations.scrape(detector, now += Duration{5'000}, 0, 0.05);
  BOOST_TEST(counted() == 1U);
  durations.sum = durations.count = 0;
  durations.scrape(detector, now += Duration{5'000}, 100, 0.05);  // fewer than before: began again
  BOOST_TEST(counted() == 1U);
  durations.scrape(detector, now += Duration{5'000}, 5, 0.05);  // a twentieth of the usual requests
  BOOST_TEST(counted() == 1U);
  durations.scrape(detector, now += Duration{5'000}, 100, 0.05);
  BOOST_TEST(counted() == 2U);
  BOOST_TEST(windows() == 0U);  // no baseline: nothing judged
}

BOOST_AUTO_TEST_CASE(sum_and_count_of_a_histogram_without_a_type_are_read_by_its_buckets) {
  Detector detector({}, 0);
  Time now{Duration{1'800'000'000'000}};
  for (int i = 0; i < 3; ++i) {
    detector.begin_scrape(now += Duration{5'000});
    const std::array<LabelView, 1> quick{{{"le", "0.1"}}}, all{{{"le", "+Inf"}}};
    const auto show = [&](std::string_view name, std::span<const LabelView> labels, double value) {
      detector.observe({.family = name, .name = name, .labels = labels, .value = value, .type = FamilyType::unknown, .timestamp = {}});
    };
    show("http_request_duration_seconds_sum", {}, 1000.0 * i);
    show("http_request_duration_seconds_count", {}, 100.0 * i);
    show("http_request_duration_seconds_bucket", quick, 90.0 * i);
    show("http_request_duration_seconds_bucket", all, 100.0 * i);
    detector.end_scrape();
  }
  wire::Report report;
  detector.fill(report);
  const auto means = std::count_if(report.level_sums.begin(), report.level_sums.end(), [](const wire::LevelSum& level) { return level.metric == "http_request_duration_seconds mean"; });
  BOOST_TEST(means == 1);
  for (const wire::LevelSum& level : report.level_sums)
    if (level.metric == "http_request_duration_seconds mean") BOOST_TEST(level.sum / static_cast<double>(level.scrapes) < 0);  // log of some 80 ms; by the sum it were 10 s
}

BOOST_AUTO_TEST_SUITE_END()
