#include "agent/core/availability_judge.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

using namespace charon;
using namespace charon::agent;

namespace {

constexpr int life = 360;  // scrapes of 5 seconds

/// Scrapes until the evidence of restarts is 1,000 where processes end at random, so many seconds apart; 0: never.
int restarts_alarm(double mean_seconds, std::uint64_t seed, int interval_seconds = 5) {
  std::mt19937_64 random(seed);
  std::bernoulli_distribution restarts(1 - std::exp(-interval_seconds / mean_seconds));
  AvailabilityJudge judge;
  Time now{};
  judge.scrape_succeeded(false, now);
  for (int i = 1; i <= life * 5 / interval_seconds; ++i) {
    judge.scrape_succeeded(restarts(random), now += std::chrono::seconds(interval_seconds));
    if (judge.log_restarts() >= std::log(1e3)) return i;
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(availability_judge)

BOOST_AUTO_TEST_CASE(a_process_that_restarts_as_often_as_is_tolerated_alarms_no_more_often_than_a_thousandth) {
  int alarms = 0;
  for (std::uint64_t i = 0; i < 3'000; ++i) alarms += restarts_alarm(7'200, i) > 0;
  BOOST_TEST(alarms <= 9);  // mean 3
}

BOOST_AUTO_TEST_CASE(restarts_each_minute_are_found_within_minutes_whatever_the_interval) {
  for (const int interval : {1, 5, 15}) {
    std::vector<int> delays;
    for (std::uint64_t i = 0; i < 101; ++i) {
      const int delay = restarts_alarm(60, i, interval);
      delays.push_back(delay > 0 ? delay * interval : 10'000);
    }
    std::nth_element(delays.begin(), delays.begin() + 50, delays.end());
    BOOST_TEST(delays[50] <= 210, "interval " << interval << " s: median " << delays[50] << " s");
  }
}

BOOST_AUTO_TEST_CASE(one_restart_is_nothing) {
  AvailabilityJudge judge;
  Time now{};
  for (int i = 0; i < 100; ++i) judge.scrape_succeeded(i == 50, now += Duration{5'000});
  BOOST_TEST(judge.log_restarts() < 1);
}

BOOST_AUTO_TEST_CASE(for_all_pods_together_there_are_sums_of_what_each_scrape_shows) {
  AvailabilityJudge judge;
  Time now{std::chrono::hours{1}};
  judge.scrape_succeeded(false, now);
  const Time first = now + std::chrono::seconds{5};
  for (int i = 0; i < 10; ++i) judge.scrape_succeeded(false, now += std::chrono::seconds{5});
  const wire::MetricRatios calm = judge.restart_ratios();
  BOOST_TEST(calm.metric == process_restarts_metric);
  BOOST_TEST((calm.since == first));
  BOOST_TEST_REQUIRE(calm.log_ratios.size() == detection::effect_multiples.size());
  BOOST_TEST(calm.log_ratios[0] == -50.0 / 900, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(calm.log_ratios[2] == -50.0 / 60, boost::test_tools::tolerance(1e-9));
  judge.scrape_succeeded(true, now += std::chrono::seconds{5});
  BOOST_TEST(judge.restart_ratios().log_ratios == calm.log_ratios);  // as a reload of what all are configured by does
  judge.scrape_succeeded(true, now += std::chrono::seconds{5});
  BOOST_TEST(judge.restart_ratios().log_ratios[2] > calm.log_ratios[2] + 4);
  judge.restart();
  BOOST_TEST((judge.restart_ratios().since == Time{}));
}

BOOST_AUTO_TEST_CASE(restarts_pass_after_half_an_hour_without_one) {
  AvailabilityJudge judge;
  Time now{};
  for (int i = 0; i < 60; ++i) judge.scrape_succeeded(false, now += Duration{5'000});
  BOOST_TEST(judge.log_pass_restarts() < std::log(100));
  for (int i = 60; i < life; ++i) judge.scrape_succeeded(false, now += Duration{5'000});
  BOOST_TEST(judge.log_pass_restarts() > std::log(100));
  judge.scrape_succeeded(true, now += Duration{5'000});
  BOOST_TEST(judge.log_pass_restarts() < std::log(100));
  MetricEvidence out;
  judge.describe_restarts(out);
  BOOST_TEST(out.log_pass_evidence == judge.log_pass_restarts());
}

BOOST_AUTO_TEST_CASE(a_clock_that_jumps_does_no_harm) {
  AvailabilityJudge judge;
  for (const std::int64_t milliseconds : {0L, 5'000L, -1'000'000'000L, 1L << 50, 5'000L, 5'000L}) judge.scrape_succeeded(true, Time{Duration{milliseconds}});
  BOOST_TEST(std::isfinite(judge.log_restarts()));
  BOOST_TEST(std::isfinite(judge.log_pass_restarts()));
}

BOOST_AUTO_TEST_CASE(a_silent_endpoint_is_found_and_a_flaky_one_is_not) {
  AvailabilityJudge silent;
  Time now{};
  silent.scrape_succeeded(false, now);
  int failures = 0;
  while (silent.log_failures() < std::log(1e3) && failures < 100) silent.scrape_failed(now += Duration{5'000}), ++failures;
  BOOST_TEST(failures >= 10);
  BOOST_TEST(failures <= 25);

  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    std::mt19937_64 random(seed);
    AvailabilityJudge judge;
    Time at{};
    bool alarm = false, failed = false;
    judge.scrape_succeeded(false, at);
    for (int i = 0; i < life; ++i) {
      failed = std::bernoulli_distribution(failed ? 0.6 : 0.02)(random);
      at += Duration{5'000};
      if (failed) judge.scrape_failed(at); else judge.scrape_succeeded(false, at);
      alarm = alarm || judge.log_failures() >= std::log(1e3);
    }
    alarms += alarm;
  }
  BOOST_TEST(alarms <= 5);  // at the very edge; mean 1
}

BOOST_AUTO_TEST_SUITE_END()
