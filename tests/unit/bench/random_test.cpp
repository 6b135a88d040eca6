#include "tests/bench/release_regression/random.hpp"

#include "tests/bench/release_regression/histogram_table.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

namespace charon::bench {
namespace {

constexpr int draws = 100'000;

template <class Draw>
std::vector<double> sorted(Draw draw) {
  std::vector<double> all(draws);
  for (double& x : all) x = draw();
  std::sort(all.begin(), all.end());
  return all;
}

/// Largest distance between the empirical distribution and `cdf`; above 1.95 / sqrt(n) in one of 1,000 seeds.
template <class Cdf>
double distance(const std::vector<double>& all, Cdf cdf) {
  double largest = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i + 1 == all.size() || all[i + 1] > all[i]) largest = std::max(largest, std::abs(static_cast<double>(i + 1) / draws - cdf(all[i])));
  return largest;
}
const double limit = 1.95 / std::sqrt(draws);

BOOST_AUTO_TEST_SUITE(benchmark_random)

BOOST_AUTO_TEST_CASE(normals_are_normal_in_their_tails_too) {
  Random random(1);
  const auto all = sorted([&] { return random.normal(); });
  BOOST_TEST(distance(all, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }) < limit);
  const auto beyond = std::count_if(all.begin(), all.end(), [](double x) { return std::abs(x) > 3.5; });
  BOOST_TEST(beyond > 25);  // 46.5 expected
  BOOST_TEST(beyond < 75);
}

BOOST_AUTO_TEST_CASE(poisson_follows_its_distribution_on_both_sides_of_the_approximation) {
  for (const double mean : {0.02, 0.5, 5.0, 39.0, 41.0, 500.0}) {
    Random random(2);
    const auto all = sorted([&] { return random.poisson(mean); });
    BOOST_TEST(distance(all, [&](double x) { return cdf(boost::math::poisson(mean), x); }) < limit, "mean " << mean);
  }
}

BOOST_AUTO_TEST_CASE(binomial_follows_its_distribution_on_both_sides_of_the_approximation) {
  const std::pair<double, double> cases[] = {{10, 0.5}, {500, 0.001}, {500, 0.9}, {5000, 0.002}, {5000, 0.009}, {300, 0.5}};
  for (const auto& [trials, probability] : cases) {
    Random random(3);
    const auto all = sorted([&, n = trials, p = probability] { return random.binomial(n, p); });
    BOOST_TEST(distance(all, [n = trials, p = probability](double x) { return cdf(boost::math::binomial(n, p), x); }) < limit,
               trials << " trials of " << probability);
  }
}

BOOST_AUTO_TEST_CASE(gamma_has_mean_one_and_the_asked_for_variation) {
  for (const double cv : {0.15, 0.3}) {
    Random random(4);
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
      const double x = random.gamma(cv);
      sum += x;
      squares += x * x;
    }
    BOOST_TEST(sum / draws == 1, boost::test_tools::tolerance(0.005));
    BOOST_TEST(std::sqrt(squares / draws - 1) == cv, boost::test_tools::tolerance(0.03));
  }
}

BOOST_AUTO_TEST_CASE(bucket_counts_follow_the_shifted_log_normal_few_or_many) {
  const HistogramTable table(0.04, 0.7, default_bounds());
  for (const double count : {3.0, 400.0}) {
    Random random(5);
    std::array<double, HistogramTable::buckets> bucket{};
    double total = 0;
    for (int i = 0; i < 2000; ++i, total += count) table.draw(count, std::log(1.5), random, bucket.data());
    for (std::size_t k = 0; k + 1 < HistogramTable::buckets; ++k) {
      const double expected = 0.5 * std::erfc(-std::log(default_bounds()[k] / 0.06) / (0.7 * std::sqrt(2.0)));
      BOOST_TEST(std::abs(bucket[k] / total - expected) < 4 * std::sqrt(0.25 / total) + 1e-4, "bucket " << k << " of " << count);
    }
    BOOST_TEST(bucket.back() == total);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
