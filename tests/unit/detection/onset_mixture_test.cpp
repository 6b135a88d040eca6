#include "lib/detection/onset_mixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::detection;

namespace {

Time at(int scrape) { return Time{Duration{5'000 * scrape}}; }

void feed(OnsetMixture<1>& mixture, int scrape, double log_ratio) {
  mixture.tick(at(scrape));
  mixture.multiply({log_ratio});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(onset_mixture)

BOOST_AUTO_TEST_CASE(weights_sum_to_one_so_ratios_of_one_leave_evidence_at_one) {
  OnsetMixture<3> mixture;
  BOOST_TEST(mixture.log_evidence() == 0);
  for (int i = 0; i < 100'000; ++i) {
    mixture.tick(at(i));
    mixture.multiply({});
    if (i % 100 == 0) BOOST_TEST(std::abs(mixture.log_evidence()) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(a_fair_coin_keeps_expectation_at_one) {
  // Ratios 2 or 0 with equal odds have expectation 1; all 2^14 paths.
  double sum = 0;
  const int length = 14;
  for (int path = 0; path < 1 << length; ++path) {
    OnsetMixture<1> mixture;
    for (int i = 0; i < length; ++i) feed(mixture, i, (path >> i & 1) != 0 ? std::log(2.0) : -1e9);
    sum += std::exp(mixture.log_evidence());
  }
  BOOST_TEST(sum / (1 << length) == 1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_rise_is_seen_after_any_length_of_health) {
  struct Case { int healthy, most; };
  for (const auto& [healthy, most] : {Case{0, 3}, {1, 5}, {60, 5}, {77, 5}, {360, 5}, {2'000, 8}, {20'000, 10}}) {
    OnsetMixture<1> mixture;
    int i = 0, scrapes = 0;
    while (i < healthy) feed(mixture, i++, -0.5);
    while (mixture.log_evidence() < std::log(1e3) && scrapes < 100) {
      feed(mixture, i++, 3);
      ++scrapes;
    }
    BOOST_TEST(scrapes <= most, "healthy for " << healthy << " scrapes: " << scrapes);
  }
}

BOOST_AUTO_TEST_CASE(the_rise_is_dated_to_where_it_began) {
  for (const int healthy : {0, 1, 40, 500}) {
    OnsetMixture<1> mixture;
    int i = 0;
    while (i < healthy) feed(mixture, i++, -0.3);
    for (int rise = 0; rise < 15; ++rise) feed(mixture, i++, 2);
    BOOST_TEST((mixture.since() == at(healthy)), "healthy for " << healthy << " scrapes");
  }
}

BOOST_AUTO_TEST_CASE(what_comes_for_several_scrapes_at_once_is_dated_to_their_first) {
  OnsetMixture<1> mixture;
  for (int i = 0; i < 10; ++i) feed(mixture, i, -0.3);
  for (int i = 10; i < 14; ++i) mixture.tick(at(i));
  mixture.multiply({9});
  BOOST_TEST((mixture.since() == at(10)));
}

BOOST_AUTO_TEST_CASE(wealth_is_bounded_so_what_ended_fades) {
  OnsetMixture<1> mixture;
  int i = 0;
  for (; i < 500; ++i) feed(mixture, i, 6);
  BOOST_TEST(mixture.log_evidence() <= OnsetMixture<1>::most);
  for (; i < 560; ++i) feed(mixture, i, -1);
  BOOST_TEST(mixture.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(the_size_that_fits_wins) {
  OnsetMixture<2> mixture;
  for (int i = 0; i < 20; ++i) {
    mixture.tick(at(i));
    mixture.multiply({1, -1});
  }
  BOOST_TEST(mixture.log_evidence() > 20 - std::log(4) - 1e-9);
  BOOST_TEST(mixture.log_evidence({-100, 0}) < 0.1);  // as it were if the size that fits had lost it all
}

BOOST_AUTO_TEST_SUITE_END()
