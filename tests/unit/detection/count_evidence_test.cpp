#include "lib/detection/count_evidence.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/negative_binomial.hpp>
#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::detection;

namespace {

StableShare known(double share, double relative_variance = 0) { return {{share, relative_variance}, {share, relative_variance}, share}; }

double after_one_scrape(const CountSettings& settings, const Trials& seen, const StableShare& stable) {
  CountEvidence evidence(settings);
  evidence.tick(Time{});
  evidence.observe(seen, 1, stable);
  return evidence.log_evidence();
}

double pass_after_one_scrape(const CountSettings& settings, const Trials& seen, const StableShare& stable) {
  CountEvidence evidence(settings);
  evidence.tick(Time{});
  evidence.observe(seen, 1, stable);
  return evidence.log_pass_evidence();
}

template <class Distribution, class Evidence>
double expectation(const Distribution& distribution, int most, Evidence evidence) {
  double sum = 0;
  for (int k = 0; k <= most; ++k) sum += boost::math::pdf(distribution, k) * std::exp(evidence(k));
  return sum;
}

boost::math::negative_binomial counts(double mean, double relative_variance) {
  return boost::math::negative_binomial(1 / relative_variance, 1 / (1 + mean * relative_variance));
}

/// Scrapes of 500 requests with exactly this share until the evidence is 1,000.
int scrapes_to_alarm(double share, const CountSettings& settings = {}) {
  CountEvidence evidence(settings);
  for (int i = 1; i <= 500; ++i) {
    evidence.tick(Time{Duration{i}});
    evidence.observe({500, 500 * share}, 1, known(0.001));
    if (evidence.log_evidence() >= std::log(1e3)) return i;
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(count_evidence)

BOOST_AUTO_TEST_CASE(expectation_is_one_at_the_edge_of_the_null_and_less_within) {
  for (const double n : {5.0, 500.0})
    for (const double q : {0.001, 0.05}) {
      const CountSettings free{.cap = 1e9};
      const double v = free.dispersion * free.dispersion, edge = n * (free.slope * q + free.tolerance);
      const auto evidence = [&](int k) { return after_one_scrape(free, {n, static_cast<double>(k)}, known(q)); };
      const double at_edge = expectation(counts(edge, v), 2'000, evidence);
      BOOST_TEST(at_edge <= 1 + 1e-9);
      BOOST_TEST(at_edge > 0.85);  // but for what passes the bound of the wealth
      BOOST_TEST(expectation(counts(0.8 * edge, v), 2'000, evidence) < 1);
      BOOST_TEST(expectation(counts(edge, v / 4), 2'000, evidence) < 1);
      BOOST_TEST(expectation(boost::math::binomial(n, edge / n), static_cast<int>(n), evidence) < 1);
      BOOST_TEST(expectation(counts(1.2 * edge, v), 2'000, evidence) > 1);
    }
}

BOOST_AUTO_TEST_CASE(pass_has_an_expectation_of_one_at_the_effect_that_matters_and_less_beyond) {
  const CountSettings settings;
  const double n = 100, q = 0.01, v = settings.dispersion * settings.dispersion, matters = n * (q + settings.effect);
  const auto evidence = [&](int k) { return pass_after_one_scrape(settings, {n, static_cast<double>(k)}, known(q)); };
  BOOST_TEST(expectation(counts(matters, v), 2'000, evidence) == 1, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(expectation(counts(1.3 * matters, v), 2'000, evidence) < 1);
  BOOST_TEST(expectation(counts(matters, v / 4), 2'000, evidence) < 1);
  BOOST_TEST(expectation(counts(0.5 * matters, v), 2'000, evidence) > 1);
}

BOOST_AUTO_TEST_CASE(what_is_uncertain_of_the_stable_share_weakens_the_evidence) {
  const Trials seen{500, 60};
  const CountSettings settings{.cap = 1e9};
  BOOST_TEST(after_one_scrape(settings, seen, known(0.02, 1)) < after_one_scrape(settings, seen, known(0.02)) - 1);
}

BOOST_AUTO_TEST_CASE(one_scrape_adds_its_cap_at_most_and_a_block_less_than_two) {
  const CountSettings settings;
  BOOST_TEST(after_one_scrape(settings, {1e6, 1e6}, known(0.001)) <= settings.cap);
  CountEvidence evidence(settings);
  for (int i = 0; i < 6; ++i) evidence.tick(Time{});
  evidence.preview({6e6, 6e6}, 6, known(0.001));
  BOOST_TEST(evidence.log_evidence() <= settings.cap);
  evidence.observe({6e6, 6e6}, 6, known(0.001));
  BOOST_TEST(evidence.log_evidence() > settings.cap - 1);
  BOOST_TEST(evidence.log_evidence() <= 1.5 * settings.cap);
}

BOOST_AUTO_TEST_CASE(a_preview_counts_until_what_it_was_of_is_observed) {
  CountEvidence evidence({});
  evidence.tick(Time{});
  evidence.preview({500, 100}, 1, known(0.001));
  BOOST_TEST(evidence.log_evidence() > 4);
  evidence.observe({500, 100}, 1, known(0.2));  // the control showed it too
  BOOST_TEST(evidence.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(four_clear_scrapes_reach_a_thousandth_and_ten_nats) {
  BOOST_TEST(4 * CountSettings{}.cap >= std::log(1e3) + 10);
  BOOST_TEST(scrapes_to_alarm(0.201) == 2);
  BOOST_TEST(scrapes_to_alarm(0.051) <= 3);
  BOOST_TEST(scrapes_to_alarm(0.021) <= 5);
  BOOST_TEST(scrapes_to_alarm(0.011) <= 25);
  BOOST_TEST(scrapes_to_alarm(0.006) == 0);  // tolerated
}

BOOST_AUTO_TEST_CASE(without_requests_nothing_is_known) {
  CountEvidence evidence({});
  for (int i = 0; i < 1'000; ++i) {
    evidence.tick(Time{});
    evidence.observe({}, 1, known(0.01));
  }
  BOOST_TEST(std::abs(evidence.log_evidence()) < 1e-9);
  BOOST_TEST(evidence.log_pass_evidence() == 0);
}

BOOST_AUTO_TEST_CASE(numbers_of_any_size_stay_finite) {
  for (const double q : {0.0, 1e-9, 0.3, 0.7, 1.0})
    for (const double n : {1e-3, 1.0, 1e15})
      for (const double share : {0.0, 1e-9, 0.5, 1.0})
        for (const double uncertain : {0.0, 1e6})
          for (const double effect : {0.0, 0.01, 1.0}) {
            CountEvidence evidence({.effect = effect, .tolerance = effect / 2});
            for (int i = 0; i < 50; ++i) {
              evidence.tick(Time{});
              evidence.observe({n, n * share}, 1, known(q, uncertain));
              BOOST_TEST_REQUIRE(std::isfinite(evidence.log_evidence()));
              BOOST_TEST_REQUIRE(std::isfinite(evidence.log_pass_evidence()));
            }
          }
}

BOOST_AUTO_TEST_SUITE_END()
