#include "agent/core/family_meanings.hpp"
#include "agent/core/request_counts.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace charon;
using namespace charon::agent;

namespace {

void observe(RequestCounts& counts, std::string_view name, std::vector<LabelView> labels, double value, FamilyType type = FamilyType::counter) {
  std::string_view family = name;
  if (type == FamilyType::histogram) family = family.substr(0, family.rfind('_'));
  const SampleView sample{.family = family, .name = name, .labels = labels, .value = value, .type = type, .timestamp = {}};
  counts.observe(sample, FamilyMeanings{}.of(sample));
}
void requests(RequestCounts& counts, double ok, double error) {
  observe(counts, "http_requests_total", {{"code", "200"}}, ok);
  if (!std::isnan(error)) observe(counts, "http_requests_total", {{"code", "500"}}, error);
}
void buckets(RequestCounts& counts, std::vector<std::pair<std::string_view, double>> values, std::string_view path = "/") {
  for (const auto& [le, value] : values) observe(counts, "http_request_duration_seconds_bucket", {{"path", path}, {"le", le}}, value, FamilyType::histogram);
}
constexpr double absent = std::numeric_limits<double>::quiet_NaN();
using Increments = std::vector<double>;

}  // namespace

BOOST_AUTO_TEST_SUITE(request_counts)

BOOST_AUTO_TEST_CASE(counts_between_scrapes_and_not_what_was_there_before) {
  RequestCounts counts;
  counts.begin(); requests(counts, 1'000, 50);
  BOOST_TEST(counts.commit().first);
  BOOST_TEST((counts.metrics().at(0).increments == Increments{0, 0}));
  counts.begin(); requests(counts, 1'090, 60);
  BOOST_TEST(!counts.commit().first);
  BOOST_TEST((counts.metrics().at(0).increments == Increments{90, 10}));
  BOOST_TEST(counts.metrics().at(0).name == "http_requests_total{code=\"5xx\"}");
  BOOST_TEST(counts.metrics().at(0).windows == 1U);
  const wire::MetricCounts wire = counts.metrics().at(0).counts();
  BOOST_TEST((wire.counts == std::vector<std::uint64_t>{90, 10}));
  BOOST_TEST(wire::validate(wire).has_value());
}

BOOST_AUTO_TEST_CASE(label_sets_are_summed) {
  RequestCounts counts;
  for (const double step : {0.0, 1.0}) {
    counts.begin();
    observe(counts, "http_requests_total", {{"path", "/a"}, {"code", "200"}}, 10 * step);
    observe(counts, "http_requests_total", {{"path", "/b"}, {"code", "201"}}, 5 * step);
    observe(counts, "http_requests_total", {{"path", "/b"}, {"code", "503"}}, 2 * step);
    counts.commit();
  }
  BOOST_TEST_REQUIRE(counts.metrics().size() == 1U);
  BOOST_TEST((counts.metrics()[0].increments == Increments{15, 2}));
}

BOOST_AUTO_TEST_CASE(a_series_that_appears_later_started_from_zero) {
  RequestCounts counts;
  counts.begin(); requests(counts, 100, absent); counts.commit();
  counts.begin(); requests(counts, 150, 7); counts.commit();
  BOOST_TEST((counts.metrics()[0].increments == Increments{50, 7}));
}

BOOST_AUTO_TEST_CASE(a_counter_that_fell_was_reset) {
  RequestCounts counts;
  counts.begin(); requests(counts, 100, 50); counts.commit();
  counts.begin(); requests(counts, 30, 5);
  BOOST_TEST(counts.commit().process_restarted);
  BOOST_TEST((counts.metrics()[0].increments == Increments{30, 5}));
}

BOOST_AUTO_TEST_CASE(a_new_process_start_time_is_a_restart_even_where_counters_outgrew_their_past) {
  RequestCounts counts;
  const auto start = [&](double time) { observe(counts, "process_start_time_seconds", {}, time, FamilyType::gauge); };
  counts.begin(); requests(counts, 10, 1); start(1e9); counts.commit();
  counts.begin(); start(1e9 + 60); requests(counts, 15, 4);
  BOOST_TEST(counts.commit().process_restarted);
  BOOST_TEST((counts.metrics()[0].increments == Increments{15, 4}));
  counts.begin(); requests(counts, 25, 4); start(1e9 + 60.4);  // a clock that is adjusted is no restart
  BOOST_TEST(!counts.commit().process_restarted);
}

BOOST_AUTO_TEST_CASE(processes_that_answer_in_turn_do_not_restart_each_time) {
  RequestCounts counts;
  int restarts = 0;
  for (int i = 0; i < 10; ++i) {
    counts.begin();
    observe(counts, "process_start_time_seconds", {}, i % 2 == 0 ? 1e9 : 1e9 + 60, FamilyType::gauge);
    restarts += counts.commit().process_restarted;
  }
  BOOST_TEST(restarts <= 1);
}

BOOST_AUTO_TEST_CASE(one_counter_of_many_that_falls_is_no_process_restart) {
  RequestCounts counts;
  for (const double last : {100.0, 3.0}) {
    counts.begin();
    for (const std::string_view path : {"/a", "/b", "/c"}) observe(counts, "http_requests_total", {{"path", path}, {"code", "200"}}, 100);
    observe(counts, "http_requests_total", {{"path", "/d"}, {"code", "200"}}, last);
    BOOST_TEST(!counts.commit().process_restarted);
  }
  BOOST_TEST((counts.metrics()[0].increments == Increments{3, 0}));
}

BOOST_AUTO_TEST_CASE(values_that_are_no_counts_are_as_if_absent) {
  RequestCounts counts;
  counts.begin(); requests(counts, 100, 5); counts.commit();
  for (const double value : {std::nan(""), -1.0, HUGE_VAL, -HUGE_VAL}) {
    counts.begin(); requests(counts, value, value);
    BOOST_TEST(!counts.commit().process_restarted);
    BOOST_TEST((counts.metrics()[0].increments == Increments{0, 0}));
  }
  counts.begin(); requests(counts, 110, 6); counts.commit();
  BOOST_TEST((counts.metrics()[0].increments == Increments{10, 1}));
}

BOOST_AUTO_TEST_CASE(an_unfinished_scrape_counts_nothing_and_the_next_one_catches_up) {
  RequestCounts counts;
  counts.begin(); requests(counts, 100, 5); counts.commit();
  counts.begin(); requests(counts, 1e6, 1e6);
  counts.begin(); requests(counts, 120, 6); counts.commit();
  BOOST_TEST((counts.metrics()[0].increments == Increments{20, 1}));
}

BOOST_AUTO_TEST_CASE(buckets_become_counts_of_their_own_summed_over_label_sets) {
  RequestCounts counts;
  for (const double step : {0.0, 1.0}) {
    counts.begin();
    buckets(counts, {{"0.1", 60 * step}, {"+Inf", 100 * step}, {"0.5", 90 * step}}, "/a");
    buckets(counts, {{"0.1", 6 * step}, {"0.5", 9 * step}, {"+Inf", 9 * step}}, "/b");
    counts.commit();
  }
  const RequestMetric& metric = counts.metrics().at(0);
  BOOST_TEST(metric.name == "http_request_duration_seconds");
  BOOST_TEST((metric.bounds == std::vector<double>{0.1, 0.5}));
  BOOST_TEST((metric.increments == Increments{66, 33, 10}));
  BOOST_TEST(wire::validate(metric.counts()).has_value());
}

BOOST_AUTO_TEST_CASE(label_sets_with_buckets_of_their_own_are_not_mixed) {
  RequestCounts counts;
  for (const double step : {0.0, 1.0}) {
    counts.begin();
    buckets(counts, {{"0.1", 60 * step}, {"0.5", 90 * step}, {"+Inf", 100 * step}}, "/a");
    buckets(counts, {{"0.2", 60 * step}, {"0.5", 90 * step}, {"+Inf", 100 * step}}, "/b");
    counts.commit();
  }
  BOOST_TEST(counts.metrics().at(0).windows == 0U);
}

BOOST_AUTO_TEST_CASE(uneven_buckets_never_give_negative_counts) {
  RequestCounts counts;
  counts.begin(); buckets(counts, {{"0.1", 0}, {"0.5", 0}, {"+Inf", 0}}); counts.commit();
  counts.begin(); buckets(counts, {{"0.1", 10}, {"0.5", 8}, {"+Inf", 12}}); counts.commit();
  BOOST_TEST((counts.metrics().at(0).increments == Increments{10, 0, 2}));
}

BOOST_AUTO_TEST_CASE(errors_beside_requests_of_the_same_stem_are_a_ratio) {
  RequestCounts counts;
  for (const double step : {0.0, 1.0}) {
    counts.begin();
    observe(counts, "shop_requests_total", {{"method", "GET"}}, 100 * step);
    observe(counts, "shop_errors_total", {{"type", "db"}}, 3 * step);
    observe(counts, "lonely_errors_total", {}, 3 * step);
    counts.commit();
  }
  BOOST_TEST(counts.metrics().at(0).name == "shop_errors_total");
  BOOST_TEST((counts.metrics()[0].increments == Increments{97, 3}));
  BOOST_TEST(counts.metrics()[0].complete);
  BOOST_TEST(!counts.metrics().at(1).complete);
}

BOOST_AUTO_TEST_CASE(series_metrics_and_label_bytes_are_bounded) {
  RequestCounts counts;
  counts.begin();
  for (std::size_t i = 0; i < max_series + 5; ++i) {
    const std::string path = std::to_string(i);
    observe(counts, "http_requests_total", {{"path", path}, {"code", "200"}}, 1);
  }
  BOOST_TEST(counts.series() == max_series);
  BOOST_TEST(counts.samples_ignored() == 5U);

  RequestCounts names;
  names.begin();
  for (int i = 0; i < 100; ++i) {
    const std::string name = "app" + std::to_string(i) + "_requests_total";
    observe(names, name, {{"code", "200"}}, 1);
  }
  BOOST_TEST(names.metrics().size() == wire::max_metrics);
  BOOST_TEST(names.samples_ignored() == 36U);

  RequestCounts bytes;
  bytes.begin();
  const std::string long_path(max_series_bytes, 'x');
  observe(bytes, "http_requests_total", {{"path", long_path}, {"code", "200"}}, 1);
  BOOST_TEST(bytes.series() == 0U);
  BOOST_TEST(bytes.samples_ignored() == 1U);
}

BOOST_AUTO_TEST_CASE(what_has_no_name_to_report_is_not_counted) {
  RequestCounts counts;
  counts.begin();
  observe(counts, "_requests_total", {}, 1);
  const std::string stem(max_metric_name - 10, 'x');
  observe(counts, stem + "_requests", {}, 1);
  observe(counts, stem + "_request_errors", {}, 1);
  BOOST_TEST_REQUIRE(counts.metrics().size() == 1U);
  BOOST_TEST(counts.metrics()[0].name == stem);
  BOOST_TEST(counts.samples_ignored() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
