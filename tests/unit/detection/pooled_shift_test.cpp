#include "lib/detection/pooled_shift.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

namespace charon::detection {
namespace {

constexpr double variance = 0.01, degrees = 20, tolerance = 0.1, noise = 0.05;
const auto sizes = sizes_of(Shape::level, 0.2);

/// Pods that were looked at so often and show `mean` on average.
PodShift pod(double mean, double scrapes) { return {mean, scrapes / (noise * noise), variance}; }
double evidence(const std::vector<PodShift>& pods) { return log_pooled_shift(pods, degrees, tolerance, sizes); }

BOOST_AUTO_TEST_SUITE(pooled_shift)

BOOST_AUTO_TEST_CASE(nothing_is_shown_by_no_pods_and_next_to_nothing_by_a_single_value) {
  BOOST_TEST(evidence({}) == 0);
  BOOST_TEST(std::abs(evidence({pod(0.1, 1e-4), pod(0.1, 1e-4)})) < 0.05);
}

BOOST_AUTO_TEST_CASE(pods_show_together_what_none_shows_alone_and_speak_against_one_that_differs) {
  BOOST_TEST(evidence({pod(0.5, 60)}) < 6);
  BOOST_TEST(evidence({pod(0.5, 60), pod(0.5, 60), pod(0.5, 60)}) > 7);
  BOOST_TEST(evidence({pod(0.5, 60), pod(0, 60), pod(0, 60)}) < 0);
}

BOOST_AUTO_TEST_CASE(what_all_new_pods_have_in_common_condemns_no_release_however_many_they_are) {
  // By a little more than the tolerance, as where a balancer prefers new pods.
  BOOST_TEST(evidence(std::vector<PodShift>(1'000, pod(0.15, 600))) < 1);
}

BOOST_AUTO_TEST_CASE(what_a_start_of_another_kind_may_have_done_to_all_condemns_no_release) {
  std::vector<PodShift> pods(20, pod(0.4, 60));
  BOOST_TEST(evidence(pods) > 5);
  for (PodShift& p : pods) p.in_common = 0.3;
  BOOST_TEST(evidence(pods) < 2);
}

BOOST_AUTO_TEST_CASE(healthy_releases_reach_a_threshold_no_more_often_than_it_says) {
  // Ville's inequality at the edge of the null: the tolerance itself, spreads as uncertain as they are said to be.
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::gamma_distribution<double> precision(degrees / 2, 2 / degrees);
  int ever = 0;
  constexpr int releases = 4'000;
  for (int release = 0; release < releases; ++release) {
    const double x = variance / precision(random), common = std::sqrt(x / 4) * normal(random);
    std::vector<double> means(3), sums(3, 0);
    for (double& mean : means) mean = tolerance + common + std::sqrt(x) * normal(random);
    bool reached = false;
    for (int scrape = 1; scrape <= 100; ++scrape) {
      std::vector<PodShift> pods;
      for (std::size_t p = 0; p < means.size(); ++p) {
        sums[p] += means[p] + noise * normal(random);
        pods.push_back(pod(sums[p] / scrape, scrape));
      }
      reached = reached || evidence(pods) >= std::log(20);
    }
    if (reached) ++ever;
  }
  BOOST_TEST(ever <= releases / 20 + 3 * 14);
  BOOST_TEST(ever > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
