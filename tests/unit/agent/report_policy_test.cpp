#include "agent/core/report_policy.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace std::chrono_literals;

namespace {
const Time start{Duration{1'000'000}};
const Duration interval{10'000}, scrape_interval{1'000};
}  // namespace

BOOST_AUTO_TEST_SUITE(report_policy)

BOOST_AUTO_TEST_CASE(reports_each_interval_with_a_tenth_of_jitter) {
  ReportPolicy policy(interval, scrape_interval, start, 1);
  Time now = start;
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST((policy.due() >= now + Duration{9'000}));
    BOOST_TEST((policy.due() <= now + Duration{11'000}));
    now = policy.due();
    policy.acknowledged(wire::Verdict::inconclusive, now);
  }
  BOOST_TEST((ReportPolicy(interval, scrape_interval, start, 1).due() != ReportPolicy(interval, scrape_interval, start, 2).due()));
}

BOOST_AUTO_TEST_CASE(a_fail_is_reported_soon_and_once) {
  ReportPolicy policy(interval, scrape_interval, start, 1);
  policy.scraped(wire::Verdict::pass, 0, start);
  BOOST_TEST((policy.due() > start + Duration{500}));
  policy.scraped(wire::Verdict::fail, 0, start);
  const Time due = policy.due();
  BOOST_TEST((due <= start + Duration{500}));
  policy.scraped(wire::Verdict::fail, 0, start + Duration{100});
  BOOST_TEST((policy.due() == due));
  policy.acknowledged(wire::Verdict::fail, due);
  policy.scraped(wire::Verdict::fail, 0, due);
  BOOST_TEST((policy.due() >= due + Duration{9'000}));
  policy.scraped(wire::Verdict::inconclusive, 0, due);
  BOOST_TEST((policy.due() <= due + Duration{500}));
}

BOOST_AUTO_TEST_CASE(what_looks_bad_is_reported_twice_as_often) {
  for (const double evidence : {0.9, 1.1}) {
    ReportPolicy policy(interval, scrape_interval, start, 1);
    policy.acknowledged(wire::Verdict::inconclusive, start);
    policy.scraped(wire::Verdict::inconclusive, std::log(evidence), start + Duration{1'000});
    BOOST_TEST((policy.due() >= start + interval / 2));
    BOOST_TEST((policy.due() <= start + interval / 2 + Duration{500}) == (evidence > 1));
    const Time due = policy.due();
    policy.scraped(wire::Verdict::inconclusive, std::log(evidence), start + Duration{2'000});
    BOOST_TEST((policy.due() == due));
  }
}

BOOST_AUTO_TEST_CASE(a_report_follows_the_scrape_that_is_nearest) {
  const Duration scrapes{5'000};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    ReportPolicy policy(interval, scrapes, start, seed);
    policy.acknowledged(wire::Verdict::inconclusive, start + Duration{200});
    policy.scraped(wire::Verdict::inconclusive, 0, start + scrapes);
    BOOST_TEST((policy.due() >= start + 2 * scrapes));
    BOOST_TEST((policy.due() <= start + Duration{11'250}));  // no scrape came
    policy.scraped(wire::Verdict::inconclusive, 0, start + 2 * scrapes);
    BOOST_TEST((policy.due() <= start + 2 * scrapes + Duration{500}));
  }
}

BOOST_AUTO_TEST_CASE(nobody_reports_more_often_than_each_scrape_and_who_is_suspicious_twice_as_often_as_told) {
  struct Pace { Duration interval, scrape; int calm, suspicious; };  // reports in ten minutes, at most
  for (const Pace pace : {Pace{5s, 5s, 121, 242}, Pace{10s, 5s, 66, 121}, Pace{5s, 30s, 134, 268}, Pace{10s, 1s, 67, 134}, Pace{5s, 11s, 134, 300}, Pace{2s, 1s, 334, 670}, Pace{5s, 500ms, 134, 268}})
    for (const double evidence : {0.5, 2.0})
      for (std::uint32_t seed = 0; seed < 5; ++seed) {
        ReportPolicy policy(pace.interval, std::min(pace.scrape, pace.interval), start, seed);  // as the reporter makes it
        int reports = 0;
        Time scraped = start;
        for (Time now = start; now < start + 10min; now += Duration{10}) {
          if (now >= scraped + pace.scrape) policy.scraped(wire::Verdict::inconclusive, std::log(evidence), scraped = now);
          if (now < policy.due()) continue;
          ++reports;
          policy.acknowledged(wire::Verdict::inconclusive, now);
          policy.controlled(wire::Verdict::inconclusive, std::log(evidence), now);
        }
        const int most = evidence > 1 ? pace.suspicious : pace.calm;
        BOOST_TEST(reports <= most, pace.interval.count() << " " << pace.scrape.count() << " " << evidence << ": " << reports);
        BOOST_TEST(reports >= most * 8 / 10, pace.interval.count() << " " << pace.scrape.count() << " " << evidence << ": " << reports);
      }
}

BOOST_AUTO_TEST_CASE(scrapes_more_often_than_the_policy_says_put_no_report_off) {
  for (const double evidence : {0.5, 2.0}) {
    ReportPolicy policy(5s, 5s, start, 1);
    Time now = start;
    while (now < policy.due() && now < start + 1min) policy.scraped(wire::Verdict::inconclusive, std::log(evidence), now += Duration{500});
    BOOST_TEST((now <= start + 6s));
  }
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_silences_nobody) {
  ReportPolicy policy(interval, scrape_interval, start, 1);
  const Time back = start - std::chrono::hours{1};
  policy.scraped(wire::Verdict::inconclusive, 0, back);
  BOOST_TEST((policy.due() <= back + 12s));
  policy.scraped(wire::Verdict::inconclusive, 1, back);
  BOOST_TEST((policy.due() <= back + interval));
}

BOOST_AUTO_TEST_CASE(an_absent_coordinator_is_not_hurried) {
  ReportPolicy policy(interval, scrape_interval, start, 1);
  Time now = start;
  for (int i = 0; i < 40; ++i) {
    policy.failed(now);
    policy.scraped(wire::Verdict::fail, 10, now);
    BOOST_TEST((policy.due() >= now + Duration{500}));
    BOOST_TEST((policy.due() <= now + Duration{60'000}));
    now = policy.due();
  }
  policy.acknowledged(wire::Verdict::fail, now);
  BOOST_TEST((policy.due() <= now + Duration{11'000}));
}

BOOST_AUTO_TEST_CASE(what_an_acknowledgement_asks_for_and_is_refused_is_not_asked_again_and_again) {
  ReportPolicy policy(interval, scrape_interval, start, 1);
  Time now = start;
  int asked = 0;
  for (; now < start + 10min; ++asked) {  // each report is acknowledged, the policy that it tells of cannot be had
    policy.acknowledged(wire::Verdict::inconclusive, now);
    policy.failed(now);
    now = policy.due();
  }
  BOOST_TEST(asked < 30);
  policy.succeeded();
  policy.failed(now);
  BOOST_TEST((policy.due() <= now + 2s));
}

BOOST_AUTO_TEST_SUITE_END()
