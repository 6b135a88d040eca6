#include "lib/detection/level_filter.hpp"
#include "lib/detection/level_summary.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>

namespace charon::detection {
namespace {

std::vector<float> series(double phi, double sd, std::size_t length, std::uint64_t seed, double level = 5) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  double x = sd * normal(random);
  std::vector<float> out;
  for (std::size_t t = 0; t < length; ++t) {
    out.push_back(static_cast<float>(level + x));
    x = phi * x + sd * std::sqrt(1 - phi * phi) * normal(random);
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(level_summary)

BOOST_AUTO_TEST_CASE(reads_level_correlation_and_noise) {
  for (const double phi : {0.0, 0.5, 0.8, 0.95}) {
    double level = 0, found = 0, noise = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto s = summarise(series(phi, 0.1, 720, seed), 1000, 0.001);
      level += s.level / 20;
      found += s.phi / 20;
      noise += s.noise / 20;
    }
    BOOST_TEST(std::abs(level - 5) < 0.06, phi);
    BOOST_TEST(std::abs(found - phi) < 0.06, phi << " " << found);  // raised by its standard error
    BOOST_TEST(std::abs(noise / (0.1 * std::sqrt(1 - phi * phi)) - 1) < 0.1, phi << " " << noise);
  }
}

BOOST_AUTO_TEST_CASE(an_incident_of_a_minute_weighs_little) {
  auto values = series(0.5, 0.1, 720, 3);
  const auto before = summarise(values, 1000, 0.001);
  for (std::size_t t = 300; t < 312; ++t) values[t] += 4;
  const auto with = summarise(values, 1000, 0.001);
  BOOST_TEST(std::abs(with.level - before.level) < 0.02);
  BOOST_TEST(with.noise < 1.3 * before.noise);
}

BOOST_AUTO_TEST_CASE(jobs_of_five_minutes_show_as_wander) {
  auto values = series(0, 0.05, 720, 4);
  BOOST_TEST(summarise(values, 1000, 0.001).wander < 1e-4);
  for (std::size_t t = 0; t < values.size(); ++t)
    if (t % 180 < 60) values[t] += 0.2F;
  BOOST_TEST(summarise(values, 1000, 0.001).wander > 0.002);
}

BOOST_AUTO_TEST_CASE(a_constant_has_the_resolution_as_its_noise_and_lost_scrapes_are_left_out) {
  std::vector<float> values(200, 3.0F);
  for (std::size_t t = 0; t < values.size(); t += 7) values[t] = std::numeric_limits<float>::quiet_NaN();
  const auto s = summarise(values, 1000, 0.02);
  BOOST_TEST(s.noise == 0.02);
  BOOST_TEST(s.level == 3.0);
  BOOST_TEST(s.scrapes == 171u);
  BOOST_TEST(summarise(std::span(values).first(20), 1000, 0.02).scrapes == 0u);
}

BOOST_AUTO_TEST_CASE(a_start_is_expected_of_the_young_only_where_it_was_seen) {
  auto values = series(0, 0.01, 720, 5);
  for (std::size_t t = 0; t < values.size(); ++t) values[t] += static_cast<float>(-0.5 * std::exp(-static_cast<double>(t) / 24));
  const auto s = summarise(values, 0, 0.001);
  const auto young = young_differences(s);
  BOOST_REQUIRE(young.size() > 40);
  BOOST_TEST(young.size() < 400);
  for (const std::size_t age : {3U, 10U, 20U, 40U}) BOOST_TEST(std::abs(static_cast<double>(young[age]) + 0.5 * std::exp(-static_cast<double>(age) / 24)) < 0.03, age << " " << young[age]);
  BOOST_TEST(summarise(values, 500, 0.001).young.empty());
}

BOOST_AUTO_TEST_CASE(spikes_that_are_gone_at_once_do_not_hide_how_a_gauge_remembers) {
  auto values = series(0.95, 0.02, 720, 8);
  for (std::size_t t = 400; t < values.size(); t += 70) values[t] += 1;
  const auto s = summarise(values, 1000, 0.001);
  BOOST_TEST(s.phi > 0.9, s.phi);
  BOOST_TEST(s.phi < 0.99, s.phi);
}

BOOST_AUTO_TEST_CASE(a_mean_over_pods_leaves_out_those_that_say_nothing) {
  LevelSummary a = summarise(series(0.5, 0.1, 720, 6), 1000, 0.001), b = summarise(series(0.5, 0.1, 720, 7, 7), 1000, 0.001);
  const LevelSummary list[] = {a, LevelSummary{}, b};
  const auto mean = mean_of(list);
  BOOST_TEST(std::abs(mean.level - (a.level + b.level) / 2) < 1e-9);
  BOOST_TEST(mean.scrapes == a.scrapes + b.scrapes);
  BOOST_TEST(mean_of({}).scrapes == 0u);
}

BOOST_AUTO_TEST_CASE(the_filter_bounds_a_spike_and_lets_a_lasting_shift_through) {
  LevelFilter spike(0, 0.1), shift(0, 0.1);
  for (int t = 0; t < 20; ++t) {
    spike.pass(0, 0.2);
    shift.pass(0, 0.2);
  }
  // What a value adds to the log ratio of two levels is at most half of y^2 times its precision.
  const auto most_of = [](const LevelFilter::Observation& seen) { return seen.y * seen.y * seen.precision / 2; };
  BOOST_TEST(most_of(spike.pass(100, 0.2)) <= 2.5 * 2.5 / 2 + 1e-9);
  const auto after = spike.pass(0, 0.2);  // back where it was: as sure as ever
  BOOST_TEST(std::abs(after.y) <= 1e-9);
  BOOST_TEST(after.precision * 0.1 * 0.1 > 0.9);
  LevelFilter::Observation seen;
  for (int t = 0; t < 7; ++t) seen = shift.pass(5, 0.2);
  BOOST_TEST(seen.y > 4.5);
  BOOST_TEST(seen.precision * 0.1 * 0.1 > 0.9);
}

BOOST_AUTO_TEST_CASE(the_first_values_of_a_large_shift_do_not_speak_for_a_small_one) {
  LevelFilter filter(0, 0.1);
  for (int t = 0; t < 20; ++t) filter.pass(0, 0.2);
  for (int t = 0; t < 3; ++t) BOOST_TEST(filter.pass(5, 0.2).y > 4.5);
}

BOOST_AUTO_TEST_CASE(the_first_value_weighs_as_one_and_less_where_it_is_unlikely) {
  LevelFilter likely(0.9, 0.1), unlikely(0.9, 0.1);
  const double one = (1 - 0.81) / 0.01;
  BOOST_TEST(likely.pass(0.1, 0.1).precision == one, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(unlikely.pass(10, 0.1).precision < one / 50);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
