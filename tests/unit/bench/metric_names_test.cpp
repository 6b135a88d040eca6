#include "lib/detection/metric_meaning.hpp"
#include "tests/bench/release_regression/model.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

namespace charon::bench {
namespace {

detection::MetricMeaning meaning_of(int metric) {
  for (const SeriesDescription& series : ordinary_schema())
    if (series.metric == metric) return detection::meaning_of(series.family, series.type, {});
  return {};
}

/// Not judged by their nature (docs/testing.md): bytes on the network, and the durations of an inner operation.
bool is_for_the_record(int metric) { return metric == receive || metric == transmit || metric == db_latency; }

BOOST_AUTO_TEST_SUITE(benchmark_metric_names)

BOOST_AUTO_TEST_CASE(charons_table_knows_every_metric_and_gives_it_a_part) {
  for (int metric = 0; metric < metric_count; ++metric)
    BOOST_TEST_CONTEXT("metric " << metric) {
      const detection::MetricMeaning meaning = meaning_of(metric);
      BOOST_TEST(meaning.known);
      BOOST_TEST((meaning.kind != detection::Kind::ignored));
      if (metric == restarts) continue;  // by the process' start time
      const bool shares = meaning.weight > 0 && (meaning.kind != detection::Kind::latency || meaning.group == detection::Group::latency);
      BOOST_TEST(shares == !is_for_the_record(metric));
    }
}

BOOST_AUTO_TEST_CASE(a_harmless_change_is_half_of_what_matters_in_every_metric) {
  const Model model;
  BOOST_TEST(harmless_errors == meaning_of(errors).effect / 2);
  for (int metric = first_histogram; metric < restarts; ++metric)
    BOOST_TEST_CONTEXT("metric " << metric) {
      const detection::MetricMeaning meaning = meaning_of(metric);
      const double harmless = metric < first_gauge ? model.histograms[static_cast<std::size_t>(metric - first_histogram)].harmless
                                                   : model.levels[static_cast<std::size_t>(metric - first_gauge)].harmless;
      if (meaning.scale == detection::Scale::ratio) {
        BOOST_TEST(harmless == std::log1p(meaning.effect / 2), boost::test_tools::tolerance(1e-3));
        continue;
      }
      BOOST_TEST(metric == cache_ratio);
      const LevelModel& m = model.levels[cache_ratio - first_gauge];
      const auto share = [&](double logit) { return 1 / (1 + std::exp(-logit)); };
      const auto change = [&](double off) { return share(std::log(m.base / (1 - m.base)) + off) - share(std::log(m.base / (1 - m.base)) + off + harmless); };
      BOOST_TEST(change(0) > 0.8 * meaning.effect / 2);
      BOOST_TEST(change(-2 * std::hypot(m.pod_spread, m.node_spread)) <= meaning.effect / 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
