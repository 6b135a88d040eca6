// More levels than a report holds: what decides has its place whenever it comes, and what has none is told.
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace charon::agent::test;

namespace {

void show(Detector& detector, const std::string& family, double value) {
  detector.observe({.family = family, .name = family, .labels = {}, .value = value, .type = FamilyType::gauge, .timestamp = {}});
}

/// Gauges that nobody knows come first, requests and memory after them, from scrape `known_from` on.
wire::Report report_of(int unknown, int known_from, Detector& detector) {
  SimulatedPod pod(3);
  for (int i = 0; i < known_from + 50; ++i) {
    pod.serve({});
    pod.now += Duration{5'000};
    detector.begin_scrape(pod.now);
    for (int gauge = 0; gauge < unknown; ++gauge) show(detector, "thing_" + std::to_string(gauge), 100 + i % 7);
    if (i >= known_from) {
      pod.emit(detector);
      show(detector, "process_resident_memory_bytes", 1e8 + 1e6 * (i % 5));
    }
    detector.end_scrape();
  }
  wire::Report report;
  detector.fill(report);
  return report;
}

bool has(const wire::Report& report, std::string_view metric) {
  return std::any_of(report.level_sums.begin(), report.level_sums.end(), [&](const wire::LevelSum& level) { return level.metric == metric; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(level_places)

BOOST_AUTO_TEST_CASE(what_nobody_knows_takes_the_places_that_others_leave) {
  for (const int unknown : {60, 100, 200, 400})
    for (const int known_from : {0, 20}) {
      Detector detector({}, 0.001);
      const wire::Report report = report_of(unknown, known_from, detector);
      BOOST_TEST_CONTEXT(unknown << " unknown gauges, known ones from scrape " << known_from) {
        BOOST_TEST(report.level_sums.size() == wire::max_metrics - (unknown == 60 ? 1 : 0));
        for (const std::string_view known : {"process_resident_memory_bytes", "http_request_duration_seconds mean", "http_requests_total{code=\"5xx\"} rate"}) BOOST_TEST(has(report, known), known);
        BOOST_TEST(report.levels.size() > 0U);
      }
    }
}

BOOST_AUTO_TEST_CASE(what_has_no_place_is_told) {
  Detector detector({}, 0.001);
  report_of(100, 0, detector);
  int judged_or_told = 0;
  for (const MetricEvidence& metric : detector.evidence().metrics) judged_or_told += metric.metric.starts_with("thing_");
  BOOST_TEST(judged_or_told == 100);

  wire::AgentPolicy policy;
  wire::MetricOverride all;
  all.pattern = "thing_*";
  all.kind = wire::OverrideKind::gauge;
  all.direction = wire::Direction::up;
  policy.metrics = {all};
  Detector named(policy, 0.001);
  const wire::Report report = report_of(100, 0, named);
  BOOST_TEST(has(report, "http_request_duration_seconds mean"));  // it decides
  const auto without = std::count_if(named.evidence().metrics.begin(), named.evidence().metrics.end(), [](const MetricEvidence& metric) { return metric.excluded == Excluded::no_place; });
  BOOST_TEST(without == 100 + 3 - static_cast<int>(wire::max_metrics));
  BOOST_TEST((report.excluded.at(0).reason == Excluded::no_place));
}

BOOST_AUTO_TEST_CASE(a_policy_that_names_a_level_without_a_place_finds_one_for_it) {
  Detector detector({}, 0.001);
  BOOST_TEST(!has(report_of(100, 0, detector), "thing_99"));
  wire::AgentPolicy policy;
  wire::MetricOverride last;
  last.pattern = "thing_99";
  last.critical = true;
  policy.metrics = {last};
  detector.configure(policy, 0.001);
  BOOST_TEST(has(report_of(100, 0, detector), "thing_99"));
}

BOOST_AUTO_TEST_SUITE_END()
