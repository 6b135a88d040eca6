#include "lib/detection/restlessness.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

namespace charon::detection {
namespace {

wire::LevelSummary moves(double phi, double activity = 1, std::uint64_t scrapes = 720) {
  wire::LevelSummary out;
  out.scrapes = scrapes;
  out.phi = phi;
  out.noise = 0.1;
  out.activity = activity;
  return out;
}

/// AR(1) of innovations with `deviation` from scrape 100 on (0.1 before), whose level moves by 1 at scrape 50.
double highest(std::uint64_t seed, double phi, double deviation, double usual) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Restlessness judged(moves(phi, usual));
  double x = 0, most = 0;
  for (int t = 0; t < 300; ++t) {
    x = phi * x + (t < 100 ? 0.1 : deviation) * normal(random);
    judged.scrape((t < 50 ? 0 : 1) + x, true);
    most = std::max(most, judged.log_evidence());
  }
  return most;
}

double usual_of(double phi) {
  std::mt19937_64 random(99);
  std::normal_distribution<double> normal;
  Innovations around(moves(phi));
  double x = 0, sum = 0, count = 0;
  for (int t = 0; t < 20'000; ++t) {
    x = phi * x + 0.1 * normal(random);
    if (const auto e = around.pass(x)) {
      sum += activity(*e);
      ++count;
    }
  }
  return sum / count;
}

BOOST_AUTO_TEST_SUITE(restlessness)

BOOST_AUTO_TEST_CASE(a_level_that_moves_once_is_not_restless_and_four_times_the_variance_is) {
  for (const double phi : {0.0, 0.5, 0.95}) {
    const double usual = usual_of(phi);
    int calm = 0, found = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      if (highest(seed, phi, 0.1, usual) >= std::log(1000)) ++calm;
      if (highest(seed, phi, 0.2, usual) >= std::log(1000)) ++found;
    }
    BOOST_TEST(calm <= 2, phi << ": " << calm);
    BOOST_TEST(found >= 190, phi << ": " << found);
  }
}

BOOST_AUTO_TEST_CASE(what_was_seen_for_a_few_minutes_only_condemns_little) {
  // Twice the variance that 36 scrapes happened to show, for an hour.
  const auto evidence = [](std::uint64_t scrapes) {
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    Restlessness judged(moves(0, usual_of(0), scrapes));
    for (int t = 0; t < 720; ++t) judged.scrape(0.1 * std::sqrt(2) * normal(random), true);
    return judged.log_evidence();
  };
  BOOST_TEST(evidence(720) > 5);
  BOOST_TEST(evidence(36) < 1);
}

BOOST_AUTO_TEST_CASE(a_shock_counts_once_whether_it_is_remembered_or_not) {
  for (const double known : {0.0, 0.5, 0.77, 0.8, 0.83, 0.95})       // the phi that the baseline shows
    for (const bool remembered : {true, false})
      for (const int at : {0, 2, 100}) {
        const double phi = known < 0.7 || known > 0.9 ? known : 0.8;
        std::mt19937_64 random(7);
        std::normal_distribution<double> normal;
        Restlessness judged(moves(known, usual_of(known)));
        double x = 0, most = 0, before = 0;
        for (int t = 0; t < 200; ++t) {
          x = phi * x + 0.1 * normal(random) + (remembered && t == at ? 10 : 0);
          judged.scrape(x + (!remembered && t == at ? 10 : 0), true);
          if (t < at) before = judged.log_evidence();
          most = std::max(most, judged.log_evidence() - before);
        }
        BOOST_TEST(most < 2.5, known << (remembered ? " remembered " : " gone ") << at << ": " << most);
      }
}

BOOST_AUTO_TEST_CASE(an_innovation_is_in_units_of_the_noise_and_a_lost_scrape_has_none) {
  Innovations around(moves(0.5));
  for (const double v : {0.0, 0.0, 0.0}) around.pass(v);
  BOOST_TEST(around.pass(0.4).value() == 4.0);
  BOOST_TEST(around.pass(0).value() == -2.0);  // what is remembered of it is missed
  BOOST_TEST(around.pass(0).value() == 0.0);
  BOOST_TEST(!around.pass(std::nan("")));
  BOOST_TEST(!around.pass(1));
  BOOST_TEST(activity(3) == 6.25);  // clipped at 2.5
}

BOOST_AUTO_TEST_CASE(what_mostly_stands_still_may_move_at_times) {
  Restlessness judged(moves(0, 0.01));
  double most = 0;
  for (int t = 0; t < 300; ++t) {
    judged.scrape(t % 30 == 0 ? 0.4 : 0.0, true);
    most = std::max(most, judged.log_evidence());
  }
  BOOST_TEST(most < std::log(20));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
