/// A target with more series than the agent keeps: what remains of such a metric would be a biased sample.
#include "agent/core/family_meanings.hpp"
#include "agent/core/request_counts.hpp"
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace charon;
using namespace charon::agent;
using namespace charon::agent::test;

namespace {

constexpr std::string_view judged = "http_requests_total{code=\"5xx\"}";

void observe(Detector& detector, std::string_view name, std::vector<LabelView> labels, double value) {
  detector.observe({.family = name, .name = name, .labels = labels, .value = value, .type = FamilyType::counter, .timestamp = {}});
}
void observe(RequestCounts& counts, std::string_view name, std::vector<LabelView> labels, double value) {
  const SampleView sample{.family = name, .name = name, .labels = labels, .value = value, .type = FamilyType::counter, .timestamp = {}};
  static FamilyMeanings meanings;
  counts.observe(sample, meanings.of(sample));
}

/// As many series of a metric as the store holds.
template <class Counts>
void fill(Counts& counts, std::string_view name, double value) {
  for (std::size_t i = 0; i < max_series; ++i) {
    const std::string path = std::to_string(i);
    observe(counts, name, {{"path", path}, {"code", "200"}}, value);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(series_left_out)

BOOST_AUTO_TEST_CASE(a_metric_with_series_left_out_counts_nothing_more_and_keeps_its_totals) {
  RequestCounts counts;
  counts.begin(); observe(counts, "http_requests_total", {{"code", "200"}}, 0); counts.commit();
  counts.begin(); observe(counts, "http_requests_total", {{"code", "200"}}, 100); counts.commit();
  BOOST_TEST(!counts.metrics()[0].series_left_out);
  counts.begin();
  observe(counts, "http_requests_total", {{"code", "200"}}, 200);
  fill(counts, "other_requests_total", 1);  // takes all places but the last of its own
  observe(counts, "http_requests_total", {{"code", "500"}}, 100);  // half of what happened, and no place for it
  counts.commit();
  for (const RequestMetric& metric : counts.metrics()) {
    BOOST_TEST_CONTEXT(metric.name) {
      BOOST_TEST(metric.series_left_out);
      BOOST_TEST((metric.increments == std::vector<double>{0, 0}));
    }
  }
  BOOST_TEST((counts.metrics()[0].totals == std::vector<double>{100, 0}));
  BOOST_TEST(counts.metrics()[0].windows == 1U);
}

BOOST_AUTO_TEST_CASE(a_metric_whose_series_are_all_kept_goes_on_beside_a_full_store) {
  RequestCounts counts;
  for (const double value : {0.0, 100.0, 200.0}) {
    counts.begin();
    observe(counts, "http_requests_total", {{"code", "200"}}, value);
    fill(counts, "other_requests_total", value);
    counts.commit();
  }
  BOOST_TEST(!counts.metrics()[0].series_left_out);
  BOOST_TEST((counts.metrics()[0].increments == std::vector<double>{100, 0}));
}

BOOST_AUTO_TEST_CASE(a_series_with_labels_that_are_too_long_is_one_left_out) {
  RequestCounts counts;
  const std::string path(max_series_bytes, 'x');
  counts.begin();
  observe(counts, "http_requests_total", {{"code", "200"}}, 1);
  observe(counts, "http_requests_total", {{"path", path}, {"code", "500"}}, 1);
  counts.commit();
  BOOST_TEST(counts.metrics().at(0).series_left_out);
}

BOOST_AUTO_TEST_CASE(the_detector_excludes_it_and_says_why) {
  const wire::Baseline baseline = baseline_of({}, 36);
  Detector detector({}, 1e-3);
  detector.set_baseline(baseline);
  SimulatedPod pod(1);
  for (int i = 0; i < 4; ++i) pod.step(detector, {.errors = 0.1});  // some evidence, not enough for Fail
  BOOST_TEST_REQUIRE(find_metric(detector.evidence(), judged)->log_evidence > 0);
  const auto scrape = [&] {
    pod.serve({.requests = 1'000, .errors = 0.5});
    pod.now += Duration{5'000};
    detector.begin_scrape(pod.now);
    fill(detector, "http_requests_total", 1);
    pod.emit(detector);
    detector.end_scrape();
  };
  for (int i = 0; i < 10; ++i) scrape();
  const MetricEvidence& metric = *find_metric(detector.evidence(), judged);
  BOOST_TEST((metric.excluded == Excluded::series_left_out));
  BOOST_TEST(metric.log_evidence == 0);
  BOOST_TEST(find_metric(detector.evidence(), "http_request_duration_seconds")->windows > 4U);  // is judged on
  BOOST_TEST((detector.evidence().verdict != wire::Verdict::fail));
  wire::Report report;
  detector.fill(report);
  for (const wire::Culprit& culprit : report.culprits) BOOST_TEST(culprit.metric != judged);
}

BOOST_AUTO_TEST_CASE(without_a_baseline_it_is_shown_too) {
  Detector detector({}, 1e-3);
  detector.begin_scrape(Time{Duration{1'800'000'000'000}});
  fill(detector, "http_requests_total", 1);
  observe(detector, "late_requests_total", {{"code", "200"}}, 1);
  detector.end_scrape();
  const MetricEvidence* late = find_metric(detector.evidence(), "late_requests_total{code=\"5xx\"}");
  BOOST_TEST_REQUIRE(late != nullptr);
  BOOST_TEST((late->excluded == Excluded::series_left_out));
}

BOOST_AUTO_TEST_SUITE_END()
