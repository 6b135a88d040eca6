#include "agent/core/e_process.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon;
using namespace charon::agent;

namespace {

Time at(int scrape) { return Time{Duration{5'000 * scrape}}; }

void feed(EProcess& process, int scrape, double log_factor, double cap = 2) {
  process.tick(at(scrape));
  process.multiply({1, 0}, cap, at(scrape), [&](const EProcess::Part&) { return log_factor; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(e_process)

BOOST_AUTO_TEST_CASE(weights_sum_to_one_so_factors_of_one_leave_evidence_at_one) {
  EProcess process;
  process.restart(at(0));
  for (int i = 1; i <= 360; ++i) {
    feed(process, i, 0);
    BOOST_TEST(process.log_evidence() == 0, boost::test_tools::tolerance(1e-9));
  }
  for (int i = 361; i <= 5'000; ++i) feed(process, i, 0);  // beyond 32 parts, some are given up
  BOOST_TEST(process.log_evidence() <= 1e-9);
  BOOST_TEST(process.log_evidence() > std::log(0.75) - 1e-9);
}

BOOST_AUTO_TEST_CASE(a_fair_coin_keeps_expectation_at_most_one) {
  // Factors 2 or 0 with equal odds have expectation 1; all 2^14 paths, past the first late start.
  double sum = 0;
  const int length = 14;
  for (int path = 0; path < 1 << length; ++path) {
    EProcess process;
    process.restart(at(0));
    for (int i = 0; i < length; ++i) feed(process, i + 1, (path >> i & 1) != 0 ? std::log(2.0) : -1e9);
    sum += std::exp(process.log_evidence());
  }
  BOOST_TEST(sum / (1 << length) == 1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(one_scrape_adds_no_more_than_the_cap_and_takes_no_more_than_a_factor_five) {
  BOOST_TEST(bounded_log_factor(1e9, 2) == 2);
  BOOST_TEST(bounded_log_factor(3.9, 2) == 2);
  BOOST_TEST(bounded_log_factor(-1e9, 2) == std::log(0.2), boost::test_tools::tolerance(1e-9));
  BOOST_TEST(bounded_log_factor(0, 2) == 0);
}

BOOST_AUTO_TEST_CASE(a_late_rise_is_seen_after_any_length_of_health) {
  for (const int healthy : {0, 60, 360, 2'000, 20'000}) {
    EProcess process;
    process.restart(at(0));
    int i = 0;
    while (i < healthy) feed(process, ++i, -0.5);
    int scrapes = 0;
    while (process.log_evidence() < std::log(1e3) && scrapes < 100) {
      feed(process, ++i, 3);
      ++scrapes;
    }
    BOOST_TEST_MESSAGE("healthy for " << healthy << " scrapes: " << scrapes << " to evidence of 1000");
    BOOST_TEST(scrapes <= (healthy > 360 ? 16 : 8));
  }
}

BOOST_AUTO_TEST_CASE(the_rise_is_dated_to_where_it_began) {
  EProcess process;
  process.restart(at(0));
  for (int i = 1; i <= 40; ++i) feed(process, i, -0.3);
  for (int i = 41; i <= 55; ++i) feed(process, i, 2);
  BOOST_TEST((process.rising_since() >= at(36)));
  BOOST_TEST((process.rising_since() <= at(48)));
}

BOOST_AUTO_TEST_SUITE_END()
