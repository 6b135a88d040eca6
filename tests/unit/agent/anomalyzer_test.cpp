#include "agent/core/anomalyzer.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <ostream>

using namespace charon;
using namespace charon::agent;

namespace {

constexpr double rounding = 1e-12;

/// All n! orders one after another, from the start again after the last: the exact shares, without chance.
class AllPermutations : public PermutationSource {
 public:
  void permute(std::span<const double> source, std::span<double> target) override {
    if (order_.size() != source.size()) {
      order_.resize(source.size());
      std::iota(order_.begin(), order_.end(), std::size_t{0});
    }
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = source[order_[i]];
    std::next_permutation(order_.begin(), order_.end());
  }

 private:
  std::vector<std::size_t> order_;
};

std::size_t factorial(std::size_t n) { return n < 2 ? 1 : n * factorial(n - 1); }

/// Expected shares were enumerated over all orders in exact fractions by a program of its own, from the definitions.
struct Exact {
  std::vector<double> values;
  std::size_t active;
  double high, low, diff, ks, bootstrap_ks, cdf;
};

std::ostream& operator<<(std::ostream& out, const Exact& exact) {
  for (const double value : exact.values) out << value << ' ';
  return out << "active " << exact.active;
}

const std::vector<Exact> exact_scores = {
    {{1.5, 2.5, 2.6, 2.55, 8}, 1, 4. / 5, 0, 2. / 3, 1, 3. / 5, 1},
    {{1, 2, 3, 4, 5}, 1, 4. / 5, 0, 0, 1, 3. / 5, 1},
    {{5, 4, 3, 2, 1}, 1, 0, 4. / 5, 19. / 24, 1, 3. / 5, 1},
    {{0, 0, 0, 0, 1}, 1, 4. / 5, 0, 0, 1, 4. / 5, 1},
    {{2, 2, 3, 3, 2}, 1, 0, 0, 9. / 10, .5, 0, 1. / 3},
    {{7, 7, 7, 7, 7}, 1, 0, 0, 0, 0, 0, 1},
    {{4, 8, 5, 7, 6}, 1, 2. / 5, 2. / 5, 0, .5, 0, 1},
    {{3, 1, 4, 1.5, 9, 10}, 2, 14. / 15, 0, 47. / 720, 1, 13. / 15, 1},
    {{6, 5, 7, 8, 1, 2}, 2, 0, 14. / 15, 109. / 120, 1, 13. / 15, 1},
};

Anomalyzer anomalyzer(AnomalyzerSettings settings, std::initializer_list<double> values) {
  auto result = Anomalyzer::create(std::move(settings)).value();
  for (const double value : values) result.push(value);
  return result;
}

/// What the ancestor of this agent used.
AnomalyzerSettings ancestor(double upper_bound) {
  AnomalyzerSettings settings;
  settings.sensitivity = 0.01;
  settings.upper_bound = upper_bound;
  settings.perm_count = factorial(5);
  settings.methods = {AnomalyzerMethod::diff, AnomalyzerMethod::fence, AnomalyzerMethod::highrank,
                      AnomalyzerMethod::lowrank, AnomalyzerMethod::magnitude};
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(anomalyzer_engine)

BOOST_DATA_TEST_CASE(scores_equal_the_exact_enumeration, boost::unit_test::data::make(exact_scores), exact) {
  const AnomalyzerWindows windows{exact.active, exact.values.size() - exact.active};
  const std::size_t orders = factorial(exact.values.size());
  AllPermutations all;
  BOOST_TEST(high_rank_score(exact.values, windows, orders, all).value() == exact.high, boost::test_tools::tolerance(rounding));
  BOOST_TEST(low_rank_score(exact.values, windows, orders, all).value() == exact.low, boost::test_tools::tolerance(rounding));
  BOOST_TEST(diff_score(exact.values, windows, orders, all).value() == exact.diff, boost::test_tools::tolerance(rounding));
  BOOST_TEST(ks_statistic(exact.values, windows).value() == exact.ks, boost::test_tools::tolerance(rounding));
  BOOST_TEST(bootstrap_ks_score(exact.values, windows, orders, all).value() == exact.bootstrap_ks,
             boost::test_tools::tolerance(rounding));
  BOOST_TEST(cdf_score(exact.values, windows).value() == exact.cdf, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(random_orders_come_near_the_exact_share_and_repeat_by_seed) {
  const std::vector<double> values = {5, 4, 3, 2, 1};
  RandomPermutations first(7), again(7);
  const double score = diff_score(values, {1, 4}, 20'000, first).value();
  BOOST_TEST(std::abs(score - 19. / 24) < 0.015);  // five standard errors
  BOOST_TEST(diff_score(values, {1, 4}, 20'000, again).value() == score);
}

BOOST_AUTO_TEST_CASE(equal_values_rank_as_govector_ranks_them) {
  const std::vector<double> values = {2, 1, 2, 3, 1};
  const auto ranks = govector_ranks(values);
  const std::vector<double> expected = {3, 1, 0, 4, 0};
  BOOST_TEST(ranks == expected, boost::test_tools::per_element());
  const std::vector<double> with_nan = {1, std::numeric_limits<double>::quiet_NaN(), 0};
  const std::vector<double> nan_takes_no_rank = {1, 0, 0};
  BOOST_TEST(govector_ranks(with_nan) == nan_takes_no_rank, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(differences_of_older_values_are_no_reference) {
  // The windows hold the differences 1, 5, 5 and 5: F(5 - 11/3) = 1/3. With the 9 before them it would be F(0) = 0.
  BOOST_TEST(cdf_score(std::vector<double>{-8, 1, 2, 7, 12, 17}, {1, 4}).value() == 1. / 3, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(magnitude_is_the_relative_change_of_the_means) {
  BOOST_TEST(magnitude_score(std::vector<double>{1, 2, 3, 2, 3}, {1, 4}).value() == 0.5, boost::test_tools::tolerance(rounding));
  BOOST_TEST(magnitude_score(std::vector<double>{4, 4, 4, 4, 2, 4}, {2, 4}).value() == 0.25, boost::test_tools::tolerance(rounding));
  BOOST_TEST(magnitude_score(std::vector<double>{0, 0, 0, 0, 0.1}, {1, 4}).value() == 1);
  BOOST_TEST(magnitude_score(std::vector<double>{0, 0, 0, 0, 0}, {1, 4}).value() == 0);
  BOOST_TEST(magnitude_score(std::vector<double>{-1, -1, -1, -1, 5}, {1, 4}).value() < 0);
  BOOST_TEST(!magnitude_score(std::vector<double>{1}, {1, 4}).has_value());
}

BOOST_AUTO_TEST_CASE(fence_grows_towards_the_bounds) {
  const AnomalyzerWindows windows{1, 4};
  BOOST_TEST(fence_score(std::vector<double>{0}, windows, 5, {}).value() == 0);
  BOOST_TEST(fence_score(std::vector<double>{2.5}, windows, 5, {}).value() == (std::sqrt(10.) - 1) / 9,
             boost::test_tools::tolerance(rounding));
  BOOST_TEST(fence_score(std::vector<double>{9}, windows, 5, {}).value() == 1);
  BOOST_TEST(fence_score(std::vector<double>{-9}, windows, 5, {}).value() == 0);
  BOOST_TEST(fence_score(std::vector<double>{3}, windows, 5, 1.).value() == 0);   // the middle
  BOOST_TEST(fence_score(std::vector<double>{1}, windows, 5, 1.).value() == 1);
  BOOST_TEST(fence_score(std::vector<double>{2}, windows, 5, 1.).value() == (std::sqrt(10.) - 1) / 9,
             boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(tests_say_nothing_while_their_reference_is_shorter_than_the_active_window) {
  AllPermutations all;
  const std::vector<double> three = {1, 2, 3};
  const AnomalyzerWindows windows{2, 8};
  BOOST_TEST(!high_rank_score(three, windows, 6, all).has_value());
  BOOST_TEST(!low_rank_score(three, windows, 6, all).has_value());
  BOOST_TEST(!diff_score(three, windows, 6, all).has_value());
  BOOST_TEST(!cdf_score(three, windows).has_value());
  BOOST_TEST(!ks_statistic(three, windows).has_value());
  BOOST_TEST(!ks_statistic(std::vector<double>{1, 2, 3, 4, 5}, windows).has_value());  // 3 is no multiple of 2
}

BOOST_AUTO_TEST_CASE(weighted_mean_counts_sure_magnitude_and_fence_tenfold) {
  AllPermutations all;
  // magnitude and fence 1 with weight 5 each, diff 2/3 and rank 4/5 with 0.5 each
  BOOST_TEST(anomalyzer(ancestor(5), {1.5, 2.5, 2.6, 2.55, 8}).score(all) == (5 + 5 + .5 * 2 / 3 + .5 * .8) / 11,
             boost::test_tools::tolerance(rounding));
  // Below 0.8 nothing counts more than the rest, and both rank tests count once: rank 2/5, diff 0, magnitude 1/24.
  BOOST_TEST(anomalyzer(ancestor(60), {4, 8, 5, 7, 6.25}).score(all) ==
                 (2. / 5 + 0 + 1. / 24 + (std::pow(10., 6.25 / 60) - 1) / 9) / 4, boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(a_change_below_the_sensitivity_scores_nothing) {
  AllPermutations all;
  auto settings = ancestor(5);
  settings.sensitivity = 0.2;
  BOOST_TEST(anomalyzer(settings, {2, 2, 2, 2, 2.39}).score(all) == 0);
  BOOST_TEST(anomalyzer(settings, {2, 2, 2, 2, 2.41}).score(all) > 0);
}

BOOST_AUTO_TEST_CASE(delay_waits_for_both_windows) {
  AllPermutations all;
  auto settings = ancestor(5);
  BOOST_TEST(anomalyzer(settings, {1, 9}).score(all) > 0);
  settings.delay = true;
  BOOST_TEST(anomalyzer(settings, {1, 1, 1, 9}).score(all) == 0);
  BOOST_TEST(anomalyzer(settings, {1, 1, 1, 1, 9}).score(all) > 0);
}

BOOST_AUTO_TEST_CASE(only_the_two_windows_are_remembered) {
  AllPermutations all;
  auto settings = ancestor(5);
  settings.perm_count = factorial(7);
  BOOST_TEST(anomalyzer(settings, {100, 100, 1.5, 2.5, 2.6, 2.55, 8}).score(all) ==
             anomalyzer(ancestor(5), {1.5, 2.5, 2.6, 2.55, 8}).score(all));
}

BOOST_AUTO_TEST_CASE(values_that_are_not_finite_are_left_out) {
  AllPermutations all;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  BOOST_TEST(anomalyzer(ancestor(5), {1, nan, 1, infinite, 1, 1, 9}).score(all) ==
             anomalyzer(ancestor(5), {1, 1, 1, 1, 9}).score(all));
  BOOST_TEST(anomalyzer(ancestor(5), {}).score(all) == 0);
}

BOOST_AUTO_TEST_CASE(score_above_is_the_score_without_needless_permutations) {
  struct Counting : PermutationSource {
    int calls = 0;
    AllPermutations all;
    void permute(std::span<const double> source, std::span<double> target) override {
      ++calls;
      all.permute(source, target);
    }
  };
  RandomPermutations random(3);
  for (int i = 0; i < 300; ++i) {
    std::vector<double> values = {1, 1.5, 2, 3, 6}, order(5);
    random.permute(values, order);
    auto settings = ancestor(i % 2 == 0 ? 4 : 100);
    const auto engine = anomalyzer(settings, {order[0], order[1], order[2], order[3], order[4]});
    AllPermutations all;
    const double score = engine.score(all);
    for (const double threshold : {0.3, 0.6, 0.85}) {
      const auto above = engine.score_above(threshold, all);
      BOOST_TEST(above.has_value() == (score > threshold));
      BOOST_TEST(above.value_or(score) == score);
    }
  }
  Counting counting;
  BOOST_TEST(!anomalyzer(ancestor(100), {2, 2, 2, 2, 2.5}).score_above(0.85, counting).has_value());
  BOOST_TEST(counting.calls == 0);
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused) {
  const auto refused = [](auto change) {
    auto settings = ancestor(5);
    change(settings);
    return !Anomalyzer::create(settings).has_value();
  };
  BOOST_TEST(!refused([](AnomalyzerSettings&) {}));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.methods.clear(); }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.active_size = 0; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.n_seasons = 3; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.n_seasons = std::numeric_limits<std::size_t>::max(); }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.active_size = 5'000; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.perm_count = 0; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.perm_count = 1'000'000; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.sensitivity = 1.1; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.upper_bound.reset(); }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.upper_bound = 0; }));
  BOOST_TEST(refused([](AnomalyzerSettings& s) { s.lower_bound = 5; }));
}

BOOST_AUTO_TEST_SUITE_END()
