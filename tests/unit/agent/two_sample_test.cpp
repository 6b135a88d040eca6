#include "agent/core/two_sample.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

using namespace charon::agent;

namespace {

double probability(int n, double share, int k) {
  if (share <= 0) return k == 0 ? 1 : 0;
  return boost::math::pdf(boost::math::binomial(n, share), k);
}

/// E[S] under true shares (q, p), by enumeration; each side weighted by its power.
double expectation(int stable, int candidate, double q, double p, double q1, double p1, const Line& line, NullSide side, double stable_power = 1, double candidate_power = 1) {
  double sum = 0;
  for (int a = 0; a <= stable; ++a)
    for (int b = 0; b <= candidate; ++b)
      sum += probability(stable, q, a) * probability(candidate, p, b) *
             std::exp(log_two_sample({stable * stable_power, a * stable_power}, {candidate * candidate_power, b * candidate_power}, q1, p1, line, side));
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(two_sample)

BOOST_AUTO_TEST_CASE(expectation_is_at_most_one_everywhere_in_the_null) {
  const Line lines[] = {{1, 0}, {1, 0.05}, {1.5, 0.01}, {1.5, 0.05}};
  const std::pair<double, double> alternatives[] = {{0.01, 0.3}, {0.1, 0.5}, {0.3, 0.9}, {0.001, 0.08}};
  const std::pair<int, int> sizes[] = {{1, 1}, {3, 8}, {12, 4}, {10, 10}};
  double largest = 0;
  for (const Line& line : lines)
    for (const auto& [q1, p1] : alternatives)
      for (const auto& [stable, candidate] : sizes)
        for (double q = 0; q <= 1; q += 0.1)
          for (double p = 0; p <= 1; p += 0.1) {
            if (p > line.at(q)) continue;
            largest = std::max(largest, expectation(stable, candidate, q, p, q1, p1, line, NullSide::at_most));
          }
  BOOST_TEST(largest <= 1 + 1e-9);
  BOOST_TEST(largest > 0.9);  // the bound is used up somewhere
}

BOOST_AUTO_TEST_CASE(expectation_is_at_most_one_for_the_opposite_null) {
  const Line line{1, 0.1};
  double largest = 0;
  for (double q = 0; q <= 1; q += 0.05)
    for (double p = 0; p <= 1; p += 0.05)
      if (p >= line.at(q)) largest = std::max(largest, expectation(8, 8, q, p, 0.02, 0.03, line, NullSide::at_least));
  BOOST_TEST(largest <= 1 + 1e-9);
}

BOOST_AUTO_TEST_CASE(expectation_stays_at_most_one_with_effective_counts) {
  const Line line{1.5, 0.05};
  double largest = 0;
  for (double q = 0; q <= 1; q += 0.1)
    for (double p = 0; p <= std::min(1.0, line.at(q)); p += 0.05)
      largest = std::max(largest, expectation(10, 10, q, p, 0.05, 0.5, line, NullSide::at_most, 0.35, 0.8));
  BOOST_TEST(largest <= 1 + 1e-9);
}

BOOST_AUTO_TEST_CASE(at_the_projection_the_expectation_is_one) {
  const Line line{1.5, 0.05};
  const double q0 = project(10, 10, 0.05, 0.5, line);
  BOOST_TEST(expectation(10, 10, q0, line.at(q0), 0.05, 0.5, line, NullSide::at_most) == 1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(projection_is_the_nearest_point_of_the_line) {
  const Line line{1.5, 0.01};
  const double n = 70, m = 30, q1 = 0.02, p1 = 0.2;
  const auto divergence = [&](double q) {
    const auto kl = [](double a, double b) { return a * std::log(a / b) + (1 - a) * std::log((1 - a) / (1 - b)); };
    return n * kl(q1, q) + m * kl(p1, line.at(q));
  };
  const double q0 = project(n, m, q1, p1, line);
  for (double q = 0.001; q < 0.6; q += 0.001) BOOST_TEST(divergence(q0) <= divergence(q) + 1e-9);
}

BOOST_AUTO_TEST_CASE(projection_is_known_where_the_paper_gives_it) {
  // Theorem 1: for the null q = p it is the mean of the alternative, weighted by the sizes.
  BOOST_TEST(project(30, 10, 0.1, 0.5, {1, 0}) == (30 * 0.1 + 10 * 0.5) / 40, boost::test_tools::tolerance(1e-8));
}

BOOST_AUTO_TEST_CASE(one_sample_expectation_is_at_most_one_below_the_edge_and_one_on_it) {
  for (double p = 0; p <= 0.2 + 1e-12; p += 0.02) {
    double sum = 0;
    for (int b = 0; b <= 12; ++b) sum += probability(12, p, b) * std::exp(log_one_sample({12, static_cast<double>(b)}, 0.6, 0.2, NullSide::at_most));
    BOOST_TEST(sum <= 1 + 1e-9);
    if (std::abs(p - 0.2) < 1e-9) BOOST_TEST(sum == 1, boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(nothing_counted_or_an_alternative_within_the_null_is_no_evidence) {
  const Line line{1, 0.1};
  BOOST_TEST(log_two_sample({0, 0}, {10, 10}, 0.1, 0.5, line, NullSide::at_most) == 0);
  BOOST_TEST(log_two_sample({10, 0}, {0, 0}, 0.1, 0.5, line, NullSide::at_most) == 0);
  BOOST_TEST(log_two_sample({10, 0}, {10, 10}, 0.1, 0.15, line, NullSide::at_most) == 0);
  BOOST_TEST(log_one_sample({10, 10}, 0.1, 0.2, NullSide::at_most) == 0);
}

BOOST_AUTO_TEST_CASE(extreme_counts_stay_finite) {
  const Line line{1.5, 0.01};
  for (const double q1 : {0.0, 0.5, 1.0})
    for (const double p1 : {0.0, 0.5, 1.0})
      for (const Trials seen : {Trials{1e9, 0}, Trials{1e9, 1e9}, Trials{1e-3, 1e-3}})
        for (const NullSide side : {NullSide::at_most, NullSide::at_least})
          BOOST_TEST(std::isfinite(log_two_sample(seen, seen, q1, p1, line, side)));
}

BOOST_AUTO_TEST_CASE(a_scrape_is_worth_at_most_a_hundred_requests) {
  BOOST_TEST(effective({1, 1}, 1).total == 1);
  BOOST_TEST(effective({1e6, 1e3}, 1).total < 100.1);
  BOOST_TEST(effective({1e6, 1e3}, 1).share() == 1e-3, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(effective({1e6, 1e3}, 10).total > 990);
  BOOST_TEST(effective({0, 0}, 0).total == 0);
}

BOOST_AUTO_TEST_SUITE_END()
