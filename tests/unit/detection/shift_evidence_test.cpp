#include "lib/detection/shift_evidence.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace charon::detection {
namespace {

const ShiftSettings settings{.tolerance = 0.1, .matters = 0.2, .sizes = {0.2, 0.4, 0.8, 1.6}, .prior_variance = 0.01, .degrees = 60, .wander = 1e-4, .shape = Shape::level, .late = true, .cap = 3};

/// Log evidence after `scrapes`, with `shift` from `onset` on; noise of 0.05, the pod's standing difference from the prior.
std::vector<double> evidence(std::mt19937_64& random, std::size_t scrapes, double shift, std::size_t onset, ShiftSettings with = settings) {
  std::normal_distribution<double> normal;
  ShiftEvidence seen(with);
  const double standing = std::sqrt(with.prior_variance) * normal(random);
  std::vector<double> out;
  for (std::size_t t = 0; t < scrapes; ++t) {
    seen.tick();
    seen.observe(standing + 0.05 * normal(random) + (t >= onset ? shift : 0), 1 / (0.05 * 0.05));
    out.push_back(seen.log_evidence());
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(shift_evidence)

BOOST_AUTO_TEST_CASE(a_healthy_pod_reaches_a_threshold_no_more_often_than_it_says) {
  // Ville's inequality: P(ever >= c) <= 1/c; the tolerance itself is the worst of the null.
  for (const double shift : {0.0, 0.1}) {
    std::mt19937_64 random(1);
    int ever = 0;
    for (int run = 0; run < 2000; ++run) {
      const auto log = evidence(random, 200, shift, 0);
      if (*std::max_element(log.begin(), log.end()) >= std::log(50)) ++ever;
    }
    BOOST_TEST(ever <= 40 + 3 * 7, shift);  // 2% of 2,000 and three standard deviations
  }
}

BOOST_AUTO_TEST_CASE(the_expectation_at_the_edge_of_the_null_is_one_at_most) {
  ShiftSettings free = settings;
  free.cap = 1e9;
  std::mt19937_64 random(7);
  double sum = 0;
  constexpr int runs = 20'000;
  for (int run = 0; run < runs; ++run) sum += std::exp(std::min(evidence(random, 12, free.tolerance, 0, free).back(), 20.0));
  BOOST_TEST(sum / runs <= 1.1);
}

BOOST_AUTO_TEST_CASE(a_shift_shows_soon_after_its_onset_whenever_that_is) {
  for (const std::size_t onset : {0U, 60U, 61U, 150U}) {
    std::mt19937_64 random(onset + 3);
    std::vector<double> delays;
    for (int run = 0; run < 101; ++run) {
      const auto log = evidence(random, onset + 60, 0.6, onset);
      const auto at = std::find_if(log.begin(), log.end(), [](double l) { return l >= std::log(1000); });
      delays.push_back(static_cast<double>(at - log.begin()) - static_cast<double>(onset));
    }
    std::nth_element(delays.begin(), delays.begin() + 50, delays.end());
    BOOST_TEST(delays[50] <= 9, onset);
    BOOST_TEST(delays[50] >= 0, onset);  // its residuals are bounded before, and the pod's evidence after
  }
}

BOOST_AUTO_TEST_CASE(without_late_onsets_trouble_still_began_when_the_evidence_rose) {
  ShiftSettings start_only = settings;
  start_only.late = false;
  for (const std::size_t onset : {std::size_t{0}, std::size_t{60}}) {
    ShiftEvidence seen(start_only);
    for (std::size_t t = 0; t < 120; ++t) {
      seen.tick();
      seen.observe((t % 2 == 0 ? 0.02 : -0.02) + (t >= onset ? 1.5 : 0), 1 / (0.05 * 0.05));
    }
    BOOST_TEST_REQUIRE(seen.log_evidence() > 5);
    const std::size_t began = 120 - seen.scrapes_since_onset();
    BOOST_TEST(began >= onset);
    BOOST_TEST(began < onset + 25);
  }
}

BOOST_AUTO_TEST_CASE(evidence_stays_a_number_after_all_that_began_has_come_to_nothing) {
  for (const Shape shape : {Shape::level, Shape::trend}) {
    ShiftSettings with = settings;
    with.shape = shape;
    ShiftEvidence seen(with);
    for (int t = 0; t < 2000; ++t) {
      seen.tick();
      seen.observe(0, 1e4);
      BOOST_TEST_REQUIRE(std::isfinite(seen.log_evidence()));
    }
    for (int t = 0; t < 60; ++t) {
      seen.tick();
      seen.observe(-1, 1e4);
    }
    BOOST_TEST(std::isfinite(seen.log_evidence()));
  }
}

BOOST_AUTO_TEST_CASE(one_scrape_adds_its_cap_at_most_and_a_spike_passes) {
  ShiftEvidence seen(settings);
  for (int t = 0; t < 30; ++t) {
    seen.tick();
    seen.observe(0, 400);
  }
  const double before = seen.log_evidence();
  seen.tick();
  seen.observe(50, 400);
  BOOST_TEST(seen.log_evidence() <= before + settings.cap + 1e-9);
}

BOOST_AUTO_TEST_CASE(a_pod_that_stands_off_from_its_start_is_condemned_by_no_spread_that_is_assumed) {
  // Neither as a level that moved later nor as one that grew. Noise that tells little of a scrape leaves much to the prior.
  for (const double noise : {0.05, 0.15, 0.3})
    for (const double standing : {0.3, 0.7, 1.4})
      for (const Shape shape : {Shape::level, Shape::trend}) {
        std::mt19937_64 random(5);
        std::normal_distribution<double> normal;
        ShiftSettings assumed = settings;
        assumed.assumed = true;
        assumed.shape = shape;
        if (shape == Shape::trend) assumed.tolerance = 0.1 / 720, assumed.matters = 0.2 / 720, assumed.sizes = sizes_of(shape, assumed.matters);
        int alarms = 0;
        for (int run = 0; run < 100; ++run) {
          ShiftEvidence seen(assumed);
          bool alarm = false;
          for (int t = 0; t < 360; ++t) {
            seen.tick();
            seen.observe(standing + noise * normal(random), 1 / (noise * noise));
            alarm = alarm || seen.log_evidence() >= std::log(50);
          }
          alarms += alarm;
        }
        BOOST_TEST(alarms <= 6, alarms << " of 100 that stand " << standing << " off, noise " << noise << (shape == Shape::trend ? ", growth" : ", level"));  // 2 and three standard deviations
      }
}

BOOST_AUTO_TEST_CASE(growth_is_found_by_trend_and_not_called_by_a_level_that_stands) {
  ShiftSettings trend = settings;
  trend.shape = Shape::trend;
  trend.tolerance = 1e-4;
  trend.sizes = {3e-4, 1e-3, 3e-3, 1e-2};
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (const double slope : {0.0, 0.002}) {
    ShiftEvidence seen(trend);
    for (int t = 0; t < 240; ++t) {
      seen.tick();
      seen.observe(0.08 + slope * t + 0.05 * normal(random), 400);
    }
    BOOST_TEST((seen.log_evidence() > std::log(1000)) == (slope > 0), slope);
  }
}

BOOST_AUTO_TEST_CASE(growth_as_fast_as_is_tolerated_from_the_start_is_none_however_well_it_is_seen) {
  ShiftSettings trend = settings;
  trend.shape = Shape::trend;
  trend.tolerance = 0.1 / 720;
  trend.matters = 2 * trend.tolerance;
  trend.sizes = sizes_of(trend.shape, trend.matters);
  trend.wander = 1e-8;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  int ever = 0;
  for (int run = 0; run < 200; ++run) {
    ShiftEvidence seen(trend);
    double most = 0;
    for (int t = 0; t < 720; ++t) {
      seen.tick();
      seen.observe(trend.tolerance * t + 0.01 * normal(random), 1 / (0.01 * 0.01));
      most = std::max(most, seen.log_evidence());
    }
    ever += most >= std::log(50);
  }
  BOOST_TEST(ever <= 4 + 3 * 2);
}

BOOST_AUTO_TEST_CASE(growth_that_minutes_wander_by_is_none) {
  ShiftSettings calm = settings, restless = settings;
  for (ShiftSettings* trend : {&calm, &restless}) {
    trend->shape = Shape::trend;
    trend->tolerance = 0.1 / 720;
    trend->matters = 2 * trend->tolerance;
    trend->sizes = sizes_of(trend->shape, trend->matters);
  }
  calm.wander = 1e-8;
  restless.wander = 0.05 * 0.05;
  for (const ShiftSettings* with : {&calm, &restless}) {
    ShiftEvidence seen(*with);
    for (int t = 0; t < 180; ++t) {  // ten minutes at rest, then five up by 0.05
      seen.tick();
      seen.observe(t < 120 ? 0 : 0.05 * (t - 120) / 60, 1 / (0.01 * 0.01));
    }
    BOOST_TEST((seen.log_evidence() > 10) == (with == &calm));
  }
  // Pods that wander, each minute anew, and are not compared for a quarter of an hour: what was seen before it is no surer then.
  restless.wander = 0.03 * 0.03;
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  int ever = 0;
  for (int run = 0; run < 300; ++run) {
    ShiftEvidence seen(restless);
    double most = 0, off = 0.03 * normal(random);
    for (int t = 0; t < 360; ++t) {
      seen.tick();
      off = std::exp(-1 / 12.0) * off + 0.03 * std::sqrt(1 - std::exp(-2 / 12.0)) * normal(random);
      if (t >= 120 && t < 300) continue;
      seen.observe(off + 0.01 * normal(random), 1 / (0.01 * 0.01));
      most = std::max(most, seen.log_evidence());
    }
    ever += most >= 3;
  }
  BOOST_TEST(ever <= 9, ever);
}

BOOST_AUTO_TEST_CASE(what_another_control_moves_is_neither_a_shift_nor_growth) {
  for (const Shape shape : {Shape::level, Shape::trend}) {
    ShiftSettings with = settings;
    with.shape = shape;
    if (shape == Shape::trend) {
      with.tolerance = 1e-4;
      with.sizes = {4e-4, 1e-3, 2.4e-3, 6e-3};
    }
    const auto highest = [&](bool told, double shift) {
      std::mt19937_64 random(11);
      std::normal_distribution<double> normal;
      ShiftEvidence seen(with);
      double most = 0;
      for (int t = 0; t < 200; ++t) {
        seen.tick();
        if (told && t == 100) seen.control_changed(0.01);
        const double size = shape == Shape::level ? shift : shift * std::max(t - 120, 0) / 20;
        seen.observe(0.05 * normal(random) + (t < 100 ? 0 : 0.2) + (t < 120 ? 0 : size), 1 / (0.05 * 0.05));
        most = std::max(most, seen.log_evidence());
      }
      return most;
    };
    BOOST_TEST(highest(true, 0) < 1.5);
    BOOST_TEST(highest(false, 0) > 3);
    BOOST_TEST(highest(true, 0.5) > 10);  // what comes later is found as ever
  }
}

BOOST_AUTO_TEST_CASE(a_pod_that_stands_a_little_high_by_itself_passes_and_one_that_stands_higher_does_not) {
  ShiftSettings narrow = settings;
  narrow.prior_variance = 0.001;
  for (const auto& [stands, passes] : {std::pair{0.0, true}, {0.088, true}, {0.12, false}, {0.2, false}}) {
    ShiftEvidence seen(narrow);
    for (int t = 0; t < 360; ++t) {
      seen.tick();
      seen.observe(stands, 1 / (0.05 * 0.05));
    }
    BOOST_TEST((seen.log_pass_evidence() >= std::log(100)) == passes, stands << ": " << seen.log_pass_evidence());
  }
}

BOOST_AUTO_TEST_CASE(pass_needs_more_scrapes_than_the_spread_leaves_open) {
  ShiftSettings narrow = settings, wide = settings;
  narrow.prior_variance = 4e-4;
  wide.prior_variance = 0.04;
  for (const auto& [with, passes] : {std::pair{narrow, true}, {wide, false}}) {
    ShiftEvidence seen(with);
    for (int t = 0; t < 300; ++t) {
      seen.tick();
      seen.observe(0, 400);
    }
    BOOST_TEST((seen.log_pass_evidence() > std::log(100)) == passes);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
