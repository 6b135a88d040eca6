#include "tests/bench/release_regression/kayenta_judge.hpp"
#include "tests/bench/release_regression/kayenta_shift.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace charon::bench;

namespace {

const double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-9;

std::vector<double> all_differences(const std::vector<double>& control, const std::vector<double>& experiment) {
  std::vector<double> differences;
  for (const double x : experiment) {
    for (const double y : control) differences.push_back(x - y);
  }
  std::sort(differences.begin(), differences.end());
  return differences;
}

std::vector<double> sample(std::mt19937_64& engine, std::size_t size, double mean, bool integers) {
  std::normal_distribution<double> normal(mean, 2);
  std::vector<double> values(size);
  for (double& value : values) value = integers ? std::round(normal(engine)) : normal(engine);
  std::sort(values.begin(), values.end());
  return values;
}

KayentaFinding compare(std::vector<double> control, std::vector<double> experiment,
                       KayentaDirection direction = KayentaDirection::increase) {
  return kayenta_compare(control, experiment, direction, {});
}

std::vector<double> rising(double from, double to) {
  std::vector<double> values(40);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from + (to - from) * static_cast<double>(i) / 39;
  return values;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kayenta)

BOOST_AUTO_TEST_CASE(kth_difference_equals_the_sorted_list_of_all) {
  std::mt19937_64 engine(1);
  for (const bool integers : {false, true}) {
    for (const auto& [n, m] : {std::pair{1u, 1u}, {1u, 40u}, {40u, 1u}, {37u, 53u}, {200u, 150u}}) {
      const auto control = sample(engine, m, 0, integers);
      const auto experiment = sample(engine, n, 1, integers);
      const auto all = all_differences(control, experiment);
      for (std::size_t k = 0; k < all.size(); k += 1 + all.size() / 97) {
        BOOST_REQUIRE_EQUAL(kth_difference(control, experiment, k), all[k]);
      }
      BOOST_TEST(kth_difference(control, experiment, all.size() - 1) == all.back());
    }
  }
}

BOOST_AUTO_TEST_CASE(interval_is_where_the_corrected_rank_statistic_crosses_the_quantile) {
  // n = m = 10 without ties: sigma = sqrt(100 / 12 * 21) = 13.2288, z(98%) = 2.32635, so the ends lie outside
  // 50 - 30.775 - 0.5 = 18.7 differences: the 19th from either end. The estimate is the median difference.
  const std::vector<double> control = {1.1, 2.3, 3.2, 4.7, 5.5, 6.1, 7.9, 8.4, 9.6, 10.2};
  const std::vector<double> experiment = {3.05, 4.15, 5.35, 6.25, 7.45, 8.55, 9.75, 10.65, 11.85, 12.95};
  const auto all = all_differences(control, experiment);
  const Shift shift = mann_whitney_shift(control, experiment, 0.98);
  BOOST_TEST(shift.lower == all[18]);
  BOOST_TEST(shift.upper == all[81]);
  BOOST_TEST(shift.estimate == (all[49] + all[50]) / 2, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(samples_too_small_for_the_level_give_the_whole_range) {
  const std::vector<double> control = {1, 2}, experiment = {4, 7};
  const Shift shift = mann_whitney_shift(control, experiment, 0.98);
  BOOST_TEST(shift.lower == 2);
  BOOST_TEST(shift.upper == 6);
}

BOOST_AUTO_TEST_CASE(interval_covers_the_true_shift_at_its_level) {
  std::mt19937_64 engine(2);
  int missed = 0;
  for (int i = 0; i < 1000; ++i) {
    const Shift shift = mann_whitney_shift(sample(engine, 30, 0, false), sample(engine, 40, 1, false), 0.98);
    if (shift.lower > 1 || shift.upper < 1) ++missed;
  }
  BOOST_TEST(missed >= 8);   // 20 expected, standard deviation 4.4
  BOOST_TEST(missed <= 34);
}

BOOST_AUTO_TEST_CASE(the_cheap_question_agrees_with_the_interval) {
  std::mt19937_64 engine(3);
  int positive = 0;
  for (int i = 0; i < 400; ++i) {
    const auto control = sample(engine, 25, 0, i % 2 == 0);
    const auto experiment = sample(engine, 30, (i % 9 - 4) * 0.5, i % 2 == 0);
    const Shift shift = mann_whitney_shift(control, experiment, 0.98);
    BOOST_TEST(shift_is_positive(control, experiment, 0.98) == (shift.lower > 0));
    BOOST_TEST(shift_is_positive(experiment, control, 0.98) == (shift.upper < 0));
    positive += shift.lower > 0 ? 1 : 0;
  }
  BOOST_TEST(positive > 50);
}

BOOST_AUTO_TEST_CASE(outliers_beyond_three_quartile_ranges_go_unless_they_are_percentiles) {
  std::vector<double> values(200);
  std::iota(values.begin(), values.end(), 0.0);  // Q1 49.25, Q3 149.75, fences -252.25 and 451.25
  values.push_back(451);
  values.push_back(500);
  remove_outliers(values);
  BOOST_TEST(values.size() == 201);
  BOOST_TEST(values.back() == 451);
  std::vector<double> few = {1, 1, 1, 1, 50};  // the 99th percentile of five values is the highest
  remove_outliers(few);
  BOOST_TEST(few.size() == 5);
  std::vector<double> none;
  remove_outliers(none);
  BOOST_TEST(none.empty());
}

BOOST_AUTO_TEST_CASE(a_metric_fails_only_in_its_bad_direction) {
  BOOST_TEST(compare(rising(10, 12), rising(13, 15)).fails(0));
  BOOST_TEST(!compare(rising(13, 15), rising(10, 12)).fails(0));
  BOOST_TEST(compare(rising(13, 15), rising(10, 12), KayentaDirection::decrease).fails(0));
  BOOST_TEST(!compare(rising(10, 12), rising(13, 15), KayentaDirection::decrease).fails(0));
}

BOOST_AUTO_TEST_CASE(a_shift_that_may_be_a_quarter_of_its_estimate_passes) {
  BOOST_TEST(mann_whitney_shift(rising(0, 10), rising(1.8, 11.8), 0.98).lower > 0);
  BOOST_TEST(!compare(rising(0, 10), rising(1.8, 11.8)).fails(0));
  BOOST_TEST(compare(rising(0, 10), rising(2.4, 12.4)).fails(0));
}

BOOST_AUTO_TEST_CASE(change_is_the_ratio_of_means_in_the_bad_direction) {
  BOOST_TEST(compare(rising(9, 11), rising(14, 16)).change == 0.5, boost::test_tools::tolerance(rounding));
  BOOST_TEST(compare(rising(14, 16), rising(9, 11), KayentaDirection::decrease).change == 0.5, boost::test_tools::tolerance(rounding));
  const KayentaFinding from_nothing = compare(std::vector<double>(40, 0), rising(1, 2));
  BOOST_TEST(std::isinf(from_nothing.change));
  BOOST_TEST(from_nothing.fails(1e9));
  const KayentaFinding both_constant = compare(std::vector<double>(40, 2), std::vector<double>(40, 3));
  BOOST_TEST(both_constant.change == 0.5, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(equal_or_missing_data_are_no_failure) {
  BOOST_TEST(compare(rising(1, 2), rising(1, 2)).data);
  BOOST_TEST(!compare(rising(1, 2), rising(1, 2)).fails(0));
  BOOST_TEST(!compare(rising(1, 2), {unknown, unknown}).data);
  BOOST_TEST(!compare({}, rising(1, 2)).data);
  BOOST_TEST(!compare({}, rising(1, 2)).fails(0));
}

BOOST_AUTO_TEST_CASE(score_weighs_groups_by_their_share_of_passing_metrics) {
  const double none = -std::numeric_limits<double>::infinity();
  const std::array<double, 3> weights = {35, 35, 30};
  std::array<KayentaMetric, 5> metrics = {{{0, {true, 0.4}}, {1, {true, none}}, {1, {true, 0.1}}, {2, {true, none}}, {2, {false, none}}}};
  BOOST_TEST(kayenta_score(metrics, weights, 0) == 35 / 2. + 30);
  BOOST_TEST(kayenta_score(metrics, weights, 0.2) == 35 + 30);
  BOOST_TEST(kayenta_score(metrics, weights, 0.5) == 100);
  metrics[0].finding.data = false;  // a group without data keeps its weight
  BOOST_TEST(kayenta_score(metrics, weights, 0.5) == 65);
}

BOOST_AUTO_TEST_CASE(largest_failing_change_is_where_the_score_crosses_the_limit) {
  const double none = -std::numeric_limits<double>::infinity();
  const std::array<double, 2> weights = {50, 50};
  const std::array<KayentaMetric, 3> metrics = {{{0, {true, 0.4}}, {1, {true, 0.1}}, {1, {true, none}}}};
  BOOST_TEST(largest_failing_change(metrics, weights, 75) == 0.4);
  BOOST_TEST(largest_failing_change(metrics, weights, 50) == 0.1);
  BOOST_TEST(largest_failing_change(metrics, weights, 25) == none);
}

BOOST_AUTO_TEST_SUITE_END()
