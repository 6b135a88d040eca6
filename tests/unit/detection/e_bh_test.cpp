#include "lib/detection/e_bh.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace charon::detection;

namespace {

std::size_t rejected(std::vector<double> weighted, double level = false_discovery_rate) {
  for (double& value : weighted) value = std::log(value);
  return e_bh_rejections(weighted, level);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(e_bh)

BOOST_AUTO_TEST_CASE(the_k_strongest_are_rejected_where_the_weakest_of_them_reaches_one_over_k_times_the_level) {
  // At 5% the first needs 20, two need 10 each, three 6.67, four 5.
  struct Case { std::vector<double> weighted; std::size_t rejected; };
  for (const auto& [weighted, expected] : {Case{{}, 0}, {{19.9}, 0}, {{20.1}, 1}, {{25, 11.25, 7.5, 0.5}, 3}, {{25, 9.9, 6.6, 4.9}, 1},
                                           {{19, 9.9, 6.7}, 3},      // a step up: together they do what none does alone
                                           {{19, 9.9, 6.6}, 0}, {{1e9, 4.9, 4.9, 4.9}, 1}, {{5.1, 5.1, 5.1, 5.1}, 4}})
    BOOST_TEST(rejected(weighted) == expected);
}

BOOST_AUTO_TEST_CASE(evidence_too_large_for_a_double_is_no_trouble) {
  BOOST_TEST(e_bh_rejections(std::vector<double>{5'000, 4'000, -5'000}, false_discovery_rate) == 2U);
}

BOOST_AUTO_TEST_CASE(evidence_that_makes_a_fail_names_somebody_however_it_is_spread) {
  BOOST_TEST(naming_level(0.001, 130) == false_discovery_rate);
  BOOST_TEST(naming_level(0.1, 4) == 0.1 * 25 / 12, boost::test_tools::tolerance(1e-12));
  for (const double alpha : {1e-5, 0.001, 0.01, 0.1})
    for (const std::size_t metrics : {1U, 2U, 5U, 64U, 130U}) {
      // The k-th strongest just below what k need would be: that sum is the largest without a name.
      const double level = naming_level(alpha, metrics);
      std::vector<double> thin;
      double sum = 0;
      for (std::size_t k = 1; k <= metrics; ++k) sum += thin.emplace_back(0.999 / (static_cast<double>(k) * level));
      BOOST_TEST(rejected(thin, level) == 0U);
      BOOST_TEST(sum < 1 / alpha);
      for (double& value : thin) value *= 1 / alpha / sum;
      BOOST_TEST(rejected(thin, level) > 0U);
    }
}

BOOST_AUTO_TEST_CASE(of_names_a_share_of_the_level_at_most_is_wrong) {
  // Six of ten hypotheses are true: e-values of expectation 1, one Gaussian shift behind all of them, so that they depend.
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise;
  double wrong = 0;
  int found = 0;
  constexpr int looks = 20'000;
  for (int look = 0; look < looks; ++look) {
    const double shared = noise(random);
    std::vector<std::pair<double, bool>> all;
    for (int i = 0; i < 10; ++i) {
      const double z = (shared + noise(random)) / std::sqrt(2.0) + (i < 6 ? 0 : 3);
      all.push_back({std::log(0.1) + 3 * z - 4.5, i < 6});
    }
    std::sort(all.begin(), all.end(), std::greater<>());
    std::vector<double> strengths;
    for (const auto& each : all) strengths.push_back(each.first);
    const std::size_t names = e_bh_rejections(strengths, false_discovery_rate);
    const auto innocent = std::count_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(names), [](const auto& each) { return each.second; });
    if (names > 0) wrong += static_cast<double>(innocent) / static_cast<double>(names);
    found += names > 0;
  }
  BOOST_TEST(wrong / looks <= false_discovery_rate);
  BOOST_TEST(wrong > 0);
  BOOST_TEST(found > looks / 4);
}

BOOST_AUTO_TEST_SUITE_END()
