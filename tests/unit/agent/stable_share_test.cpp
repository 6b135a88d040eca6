#include "agent/core/stable_share.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace charon::agent;
using charon::detection::Trials;

BOOST_AUTO_TEST_SUITE(stable_share_bounds)

BOOST_AUTO_TEST_CASE(bounds_enclose_the_observed_share_and_narrow_with_data) {
  double width = 1;
  for (const double n : {10.0, 100.0, 1'000.0, 10'000.0, 1e6}) {
    const auto [low, high] = stable_share({n, n * 0.1}, 1e-4);
    BOOST_TEST(low < 0.1);
    BOOST_TEST(high > 0.1);
    BOOST_TEST(high - low < width);
    width = high - low;
  }
  BOOST_TEST(width < 0.004);
}

BOOST_AUTO_TEST_CASE(nothing_known_allows_everything) {
  BOOST_TEST(stable_share({}, 0.01).low == 0);
  BOOST_TEST(stable_share({}, 0.01).high == 1);
}

BOOST_AUTO_TEST_CASE(shares_of_zero_and_one_have_one_sided_bounds) {
  BOOST_TEST(stable_share({1'000, 0}, 1e-4).low == 0);
  BOOST_TEST(stable_share({1'000, 0}, 1e-4).high < 0.02);
  BOOST_TEST(stable_share({1'000, 1'000}, 1e-4).high == 1);
  BOOST_TEST(stable_share({1'000, 1'000}, 1e-4).low > 0.98);
}

BOOST_AUTO_TEST_CASE(a_bound_is_wrong_at_some_look_no_more_often_than_said) {
  std::mt19937 random(1);
  const double error = 0.05, truth = 0.1;
  int high_wrong = 0, low_wrong = 0;
  const int runs = 1'000;
  for (int run = 0; run < runs; ++run) {
    Trials seen;
    bool high = false, low = false;
    for (int look = 0; look < 40; ++look) {
      seen.total += 20;
      seen.bad += std::binomial_distribution<int>(20, truth)(random);
      const auto bounds = stable_share(seen, error);
      high = high || bounds.high < truth;
      low = low || bounds.low > truth;
    }
    high_wrong += high;
    low_wrong += low;
  }
  BOOST_TEST_MESSAGE("wrong at any of 40 looks, of " << runs << ": high " << high_wrong << ", low " << low_wrong);
  BOOST_TEST(high_wrong <= runs * error);
  BOOST_TEST(low_wrong <= runs * error);
}

BOOST_AUTO_TEST_SUITE_END()
