#include "lib/detection/pooled_shift.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

namespace charon::detection {
namespace {

constexpr double variance = 0.01, degrees = 20, tolerance = 0.1, noise = 0.05;
const auto sizes = sizes_of(Shape::level, 0.2);

/// Pods that were looked at so often and show `mean` on average.
PodShift pod(double mean, double scrapes) {
  const double g = scrapes / (noise * noise);
  return {{g, g, g, g * mean, g * mean}, variance};
}
double evidence(const std::vector<PodShift>& pods) { return log_pooled_shift(pods, degrees, tolerance, sizes); }

BOOST_AUTO_TEST_SUITE(pooled_shift)

BOOST_AUTO_TEST_CASE(nothing_is_shown_by_no_pods_or_by_pods_without_data) {
  BOOST_TEST(evidence({}) == 0);
  BOOST_TEST(std::abs(evidence({pod(0, 0), pod(0, 0)})) < 1e-9);
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

BOOST_AUTO_TEST_CASE(growth_on_all_pods_adds_up) {
  const auto growing = [](double a_scrape) {
    PodShift out{{}, variance};
    const double g = 1 / (noise * noise);
    for (int t = 1; t <= 60; ++t) {
      const double h = t, y = a_scrape * h;
      out.sums = {out.sums.g + g, out.sums.gh + g * h, out.sums.ghh + g * h * h, out.sums.s + g * y, out.sums.sh + g * h * y};
    }
    return out;
  };
  const auto seen = [&](std::size_t pods, double a_scrape) { return log_pooled_shift(std::vector<PodShift>(pods, growing(a_scrape)), degrees, 1e-4, sizes_of(Shape::trend, 2e-4)); };
  BOOST_TEST(seen(3, 0.0015) > 2 * seen(1, 0.0015));
  BOOST_TEST(seen(1, 0.0015) > 0);
  BOOST_TEST(seen(3, 0) < 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
