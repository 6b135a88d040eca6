#include "tests/bench/release_regression/anomalyzer_column.hpp"
#include "tests/bench/release_regression/kayenta_column.hpp"
#include "tests/bench/release_regression/threshold_column.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon::bench;

namespace {

constexpr double rounding = 1e-9;

/// A fleet of one stable and one candidate pod that answer 50 requests a scrape, each within 40 ms, and fail `bad` of them.
class Service {
 public:
  explicit Service(Column& column) : column_(column) { column_.begin({}); }

  double bad = 0;         ///< of the candidate's requests, a scrape
  double slow = 0;        ///< of the candidate's requests between 0.5 and 1 s, a scrape
  double answered = 50;
  double slower = 1;      ///< times, the candidate's mean duration
  bool lost = false;
  bool waiting = false;   ///< no candidate pod runs

  /// Until the first decision other than none.
  Decision stable(int scrapes) { return run(Phase::stable, scrapes); }
  Decision candidate(int scrapes) { return run(Phase::candidate, scrapes); }
  int index() const { return index_; }

 private:
  struct Pod {
    std::vector<double> values = std::vector<double>(series_count, 0.0);
    void serve(double requests, double bad, double slow) {
      values[good_series] += requests - bad;
      values[bad_series] += bad;
      for (std::size_t bound = 0; bound < buckets; ++bound) {
        if (bound < buckets - 1 && default_bounds()[bound] < 0.05) continue;
        const bool all = bound == buckets - 1 || default_bounds()[bound] >= 1;
        values[first_bucket_series + bound] += all ? requests : requests - slow;
      }
      values[first_bucket_series + buckets] += requests * 0.04;
      values[first_bucket_series + buckets + 1] += requests;
      for (std::size_t level = 0; level < level_count; ++level) {
        double& value = values[first_level_series + level];
        value = level < gauge_count ? 10 + std::fmod(value * 7 + 3, 1.0) : value + 1;
      }
    }
  };

  Decision run(Phase phase, int scrapes) {
    if (phase == Phase::candidate && phase_ == Phase::stable) index_ = 0;
    phase_ = phase;
    for (int i = 0; i < scrapes; ++i, ++index_) {
      time_ += scrape_seconds;
      stable_.serve(50, 0, 0);
      std::vector<PodScrape> pods(1);
      pods[0].schema = &ordinary_schema();
      pods[0].values = stable_.values;
      if (phase == Phase::candidate && !waiting) {
        candidate_.serve(answered, bad, slow);
        candidate_.values[first_bucket_series + buckets] += answered * 0.04 * (slower - 1);
        PodScrape& pod = pods.emplace_back(pods[0]);
        pod.release = 1;
        pod.lost = lost;
        pod.values = candidate_.values;
        if (lost) pod.values = {};
      }
      FleetScrape fleet;
      fleet.phase = phase;
      fleet.index = index_;
      fleet.time = time_;
      fleet.pods = pods;
      const Decision decision = column_.scrape(fleet);
      if (decision.verdict != Verdict::none) return decision;
    }
    return {};
  }

  Column& column_;
  Phase phase_ = Phase::stable;
  int index_ = 0;
  double time_ = 1e9;
  Pod stable_, candidate_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rival_columns)

BOOST_AUTO_TEST_CASE(histogram_quantile_interpolates_as_promql_does) {
  const std::vector<double> bounds = {0.1, 0.5, 1};
  BOOST_TEST(histogram_quantile(0.5, std::vector<double>{10, 20, 20, 20}, bounds) == 0.1, boost::test_tools::tolerance(rounding));
  BOOST_TEST(histogram_quantile(0.75, std::vector<double>{10, 20, 20, 20}, bounds) == 0.3, boost::test_tools::tolerance(rounding));
  BOOST_TEST(histogram_quantile(0.25, std::vector<double>{10, 20, 20, 20}, bounds) == 0.05, boost::test_tools::tolerance(rounding));
  BOOST_TEST(histogram_quantile(0.99, std::vector<double>{0, 0, 0, 20}, bounds) == 1);  // beyond the last bound
  BOOST_TEST(std::isnan(histogram_quantile(0.99, std::vector<double>{0, 0, 0, 0}, bounds)));
  BOOST_TEST(std::isnan(histogram_quantile(0.99, {}, {})));
}

BOOST_AUTO_TEST_CASE(readings_are_rates_shares_and_means_since_the_last_scrape_that_succeeded) {
  PodReadings readings;
  readings.begin();
  std::vector<double> values(series_count, 0.0);
  PodScrape pod;
  pod.schema = &ordinary_schema();
  pod.values = values;
  const auto cpu_series = first_level_series + gauge_count;
  values[first_level_series] = 7;  // memory
  BOOST_TEST(std::isnan(readings.read(pod, 100).values[requests]));  // nothing to compare with yet

  values[good_series] = 95;
  values[bad_series] = 5;
  values[first_bucket_series + buckets] = 4;      // sum
  values[first_bucket_series + buckets + 1] = 100;  // count
  values[cpu_series] = 2;
  pod.lost = true;
  BOOST_TEST(std::isnan(readings.read(pod, 105).values[memory]));
  pod.lost = false;
  const RivalReading reading = readings.read(pod, 110);
  BOOST_TEST(reading.values[memory] == 7);
  BOOST_TEST(reading.values[requests] == 10);
  BOOST_TEST(reading.values[errors] == 0.05);
  BOOST_TEST(reading.values[http_latency] == 0.04);
  BOOST_TEST(reading.values[cpu] == 0.2);
  BOOST_TEST(reading.values[restarts] == 0);

  values[good_series] = 20;  // counted from 0 by a new process
  values[bad_series] = 0;
  pod.restarted = true;
  const RivalReading restarted = readings.read(pod, 115);
  BOOST_TEST(restarted.values[requests] == 4);
  BOOST_TEST(restarted.values[restarts] == 1);
  pod.restarted = false;
  const RivalReading idle = readings.read(pod, 120);
  BOOST_TEST(idle.values[requests] == 0);
  BOOST_TEST(std::isnan(idle.values[errors]));
  BOOST_TEST(std::isnan(idle.values[http_latency]));
}

BOOST_AUTO_TEST_CASE(the_fifth_failed_check_rolls_back) {
  const auto column = threshold_documented();
  Service service(*column);
  service.stable(24);
  service.bad = 0.4;  // 0.8% of requests
  BOOST_CHECK(service.candidate(120).verdict == Verdict::none);
  service.bad = 0.6;  // 1.2%
  BOOST_CHECK(service.candidate(48).verdict == Verdict::none);
  service.bad = 0;    // four failures are not forgiven
  BOOST_CHECK(service.candidate(60).verdict == Verdict::none);
  service.bad = 0.6;
  BOOST_CHECK(service.candidate(12).verdict == Verdict::rollback);
}

BOOST_AUTO_TEST_CASE(p99_is_held_against_500_ms_or_twice_stable) {
  for (const auto& [make, slow, rolls_back] : {std::tuple{&threshold_documented, 0.4, false}, {&threshold_documented, 0.6, true},
                                               {&threshold_ratio, 0.4, false}, {&threshold_ratio, 0.6, true}}) {
    const auto column = make();
    Service service(*column);
    service.stable(24);
    service.slow = slow;
    BOOST_TEST((service.candidate(360).verdict == Verdict::rollback) == rolls_back);
  }
  const auto column = threshold_documented();
  Service service(*column);
  service.slow = 0.6;
  BOOST_CHECK(service.candidate(360).verdict == Verdict::rollback);
  BOOST_TEST(service.index() == 59);  // the scrape that completes the fifth minute
}

BOOST_AUTO_TEST_CASE(a_minute_without_requests_fails_and_one_without_candidates_is_no_check) {
  const auto column = threshold_documented();
  Service silent(*column);
  silent.answered = 0;
  BOOST_CHECK(silent.candidate(60).verdict == Verdict::rollback);
  Service absent(*column);
  absent.lost = true;
  BOOST_CHECK(absent.candidate(360).verdict == Verdict::none);
  BOOST_CHECK(column->end().verdict == Verdict::pass);
}

BOOST_AUTO_TEST_CASE(needed_factor_is_what_decides_between_rolling_back_and_not) {
  ThresholdColumn column(threshold_settings_documented);
  Service service(column);
  service.bad = 0.4;
  service.candidate(120);
  BOOST_TEST(column.needed_factor() == 0.8, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(kayenta_fails_errors_at_the_end_and_everything_at_once_at_the_next_judgement) {
  const auto at_the_end = kayenta_at_the_end();
  Service errors_only(*at_the_end);
  errors_only.stable(400);
  errors_only.bad = 3;
  BOOST_CHECK(errors_only.candidate(360).verdict == Verdict::none);
  BOOST_CHECK(at_the_end->end().verdict == Verdict::rollback);

  Service healthy(*at_the_end);
  healthy.stable(400);
  BOOST_CHECK(healthy.candidate(360).verdict == Verdict::none);
  BOOST_CHECK(at_the_end->end().verdict == Verdict::pass);
}

BOOST_AUTO_TEST_CASE(kayenta_fails_a_slow_release_by_its_latency_alone) {
  const auto column = kayenta_at_the_end();
  Service service(*column);
  service.stable(400);
  service.slower = 1.5;
  service.candidate(360);
  BOOST_CHECK(column->end().verdict == Verdict::rollback);
}

BOOST_AUTO_TEST_CASE(kayenta_judges_nothing_while_no_candidate_runs) {
  const auto column = kayenta_every_five_minutes();
  Service service(*column);
  service.stable(400);
  service.waiting = true;
  BOOST_CHECK(service.candidate(360).verdict == Verdict::none);
  BOOST_CHECK(column->end().verdict == Verdict::none);
}

BOOST_AUTO_TEST_CASE(anomalyzer_rolls_back_on_one_odd_scrape_and_never_passes) {
  const auto column = anomalyzer_ancestor();
  Service service(*column);
  service.stable(20);
  service.bad = 0.02;
  BOOST_CHECK(service.candidate(20).verdict == Verdict::none);
  service.bad = 1;  // magnitude 1 (weight 5), rank 4/5, diff 3/5, fence near 0: (5 + 0.4 + 0.3) / 6.5 = 0.88
  const Decision decision = service.candidate(1);
  BOOST_CHECK(decision.verdict == Verdict::rollback);
  BOOST_TEST(decision.metric == errors);
  BOOST_CHECK(column->end().verdict == Verdict::none);
}

BOOST_AUTO_TEST_CASE(anomalyzer_forgets_the_fault_that_lasts_longer_than_its_windows) {
  const auto column = anomalyzer_ancestor();
  Service service(*column);
  service.stable(20);
  service.bad = 10;
  BOOST_CHECK(service.candidate(200).verdict == Verdict::none);  // bad from its start: there was never anything else
}

BOOST_AUTO_TEST_SUITE_END()
