#include "lib/detection/pooled_onsets.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <random>

namespace charon::detection {
namespace {

using namespace std::chrono_literals;

constexpr double tolerance = 0.1, matters = 0.2, spread = 0.1, wander = 1e-5;
constexpr Duration interval = 5s;

/// Pods that show at each scrape what `at` says, with noise: cumulative, as agents report it.
struct Fleet {
  explicit Fleet(std::size_t count, Shape of = Shape::level, std::uint64_t seed = 1) : shape(of), random(seed), shown(count), standing(count) {
    for (PodShift& pod : shown) pod = {0, 0, spread * spread, 0, wander};
    for (double& b : standing) b = spread * normal(random);
  }
  void scrape(const std::function<double(std::size_t pod)>& at) {
    now += interval;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      PodShift& pod = shown[i];
      const double y = standing[i] + at(i) + jitter * noise * normal(random), g = 1 / (noise * noise);
      pod.mean = (pod.precision * pod.mean + g * y) / (pod.precision + g);
      pod.precision += g;
    }
    if (watched) together.round(shown, shape, tolerance, matters, now);
  }
  /// Scrapes that all stand off by `shift` until the evidence is e^`needed`; 0: not within a hundred.
  int found_after(double shift, double needed = 12) {
    for (int i = 1; i <= 100; ++i) {
      scrape([&](std::size_t) { return shift; });
      if (together.log_evidence() >= needed) return i;
    }
    return 0;
  }
  void healthy(int scrapes) {
    for (int i = 0; i < scrapes; ++i) scrape([](std::size_t) { return 0; });
  }

  Shape shape;
  double noise = 0.05, jitter = 1;
  std::mt19937_64 random;
  std::normal_distribution<double> normal;
  std::vector<PodShift> shown;
  std::vector<double> standing;
  PooledOnsets together;
  bool watched = true;
  Time now{1h};
};

BOOST_AUTO_TEST_SUITE(pooled_onsets)

BOOST_AUTO_TEST_CASE(nothing_is_shown_by_no_pods_or_by_pods_that_show_nothing) {
  PooledOnsets none;
  const std::vector<PodShift> empty(3);
  for (int i = 0; i < 100; ++i) {
    none.round({}, Shape::level, tolerance, matters, Time{i * interval});
    none.round(empty, Shape::level, tolerance, matters, Time{i * interval});
  }
  BOOST_TEST(std::abs(none.log_evidence()) < 1e-9);
}

BOOST_AUTO_TEST_CASE(a_shift_of_all_pods_is_found_sooner_than_by_one_and_one_of_a_single_pod_is_not_held_against_all) {
  Fleet three(3), one(1), of_one(3);
  for (Fleet* fleet : {&three, &one, &of_one}) fleet->healthy(100);
  const int together = three.found_after(0.2), alone = one.found_after(0.2);
  BOOST_TEST(together > 0);
  BOOST_TEST(together * 2 <= alone);
  for (int i = 0; i < 60; ++i) of_one.scrape([](std::size_t pod) { return pod == 0 ? 0.2 : 0; });
  BOOST_TEST(of_one.together.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(growth_of_all_pods_is_found_and_one_that_is_tolerated_is_not) {
  for (const double an_hour : {0.8, 0.1}) {
    Fleet fleet(3, Shape::trend);
    fleet.healthy(60);
    const Time onset = fleet.now;
    for (int i = 0; i < 240; ++i)
      fleet.scrape([&](std::size_t) { return an_hour * std::chrono::duration<double, std::ratio<3600>>(fleet.now - onset).count(); });
    BOOST_TEST((fleet.together.log_evidence() > 12) == (an_hour > 0.5), "by " << an_hour << ": " << fleet.together.log_evidence());
  }
}

BOOST_AUTO_TEST_CASE(what_was_shown_against_other_pods_tells_nothing_of_these) {
  Fleet fleet(3);
  fleet.healthy(100);
  for (std::size_t i = 0; i < 3; ++i) {  // another control: all that was known of the difference is nearly nothing, and elsewhere
    fleet.shown[i].precision = 1 / 0.02;
    fleet.standing[i] += 0.5;
  }
  fleet.healthy(30);
  BOOST_TEST(fleet.together.log_evidence() < 1);
  const int found = fleet.found_after(0.4);  // by what was seen since
  BOOST_TEST((found > 0 && found <= 20), found);
}

BOOST_AUTO_TEST_CASE(growth_that_minutes_wander_by_is_none) {
  double log[2] = {};
  for (const bool wanders : {false, true}) {
    Fleet fleet(3, Shape::trend);
    fleet.noise = 0.01;
    fleet.jitter = 0;
    if (wanders)
      for (PodShift& pod : fleet.shown) pod.wander = 0.05 * 0.05;
    fleet.healthy(120);
    for (int i = 0; i < 60; ++i) {
      fleet.scrape([&](std::size_t) { return 0.05 * i / 60; });
      log[wanders] = std::max(log[wanders], fleet.together.log_evidence());
    }
  }
  BOOST_TEST(log[0] > 10);
  BOOST_TEST(log[1] < 1);
}

BOOST_AUTO_TEST_CASE(what_the_start_may_have_done_to_all_alike_is_no_growth_and_no_shift) {
  for (const Shape shape : {Shape::level, Shape::trend}) {
    double found[2] = {};
    for (const bool known : {false, true}) {
      Fleet fleet(16, shape);
      // Twice as warm a start as others have, on all of them: 0.3, which fades within two minutes.
      double sum = 0;
      for (int i = 0; i < 120; ++i) {
        const double off = -0.3 * std::exp(-i / 24.0);
        sum += std::abs(off);
        fleet.scrape([&](std::size_t) { return off; });
        if (known)
          for (PodShift& pod : fleet.shown) pod.in_common = sum / (i + 1);
        found[known] = std::max(found[known], fleet.together.log_evidence());
      }
    }
    if (shape == Shape::trend) BOOST_TEST(found[0] > 8);
    BOOST_TEST(found[1] < 1, (shape == Shape::level ? "level " : "growth ") << found[1]);
  }
}

BOOST_AUTO_TEST_CASE(a_start_that_overshoots_on_all_alike_is_no_shift) {
  Fleet fleet(16);
  double sum = 0;
  for (int i = 0; i < 240; ++i) {  // a start, stronger than others, is below for three minutes, then above for as long
    const double off = i < 36 ? -0.2 : i < 72 ? 0.2 : 0;
    sum += off;
    fleet.scrape([&](std::size_t) { return off; });
    for (PodShift& pod : fleet.shown) pod.in_common = sum / (i + 1);
    BOOST_TEST_REQUIRE(fleet.together.log_evidence() < 4);
  }
}

BOOST_AUTO_TEST_CASE(evidence_rises_only_with_what_is_new) {
  Fleet fleet(16);
  fleet.healthy(100);
  while (fleet.together.log_evidence() <= 0) fleet.scrape([](std::size_t) { return 1; });
  const double seen = fleet.together.log_evidence();
  BOOST_TEST(seen <= most_of_a_scrape);
  for (int i = 0; i < 20; ++i) fleet.together.round(fleet.shown, fleet.shape, tolerance, matters, fleet.now += interval);
  BOOST_TEST(fleet.together.log_evidence() <= seen + 1e-9);
}

BOOST_AUTO_TEST_CASE(what_a_pod_showed_stands_when_it_is_compared_with_others) {
  Fleet fleet(2);
  fleet.noise = 0.2;
  fleet.jitter = 0;
  fleet.healthy(100);
  for (int i = 0; i < 20; ++i) fleet.scrape([](std::size_t pod) { return pod == 0 ? 0.32 : 0.05; });
  const double before = fleet.together.log_evidence();
  BOOST_TEST(before < 0.5);
  for (int i = 0; i < 6; ++i) {
    fleet.shown[1].precision = 1 / 0.02;  // only the one that is worse goes on as it was
    fleet.scrape([](std::size_t pod) { return pod == 0 ? 0.15 : 0; });
    BOOST_TEST(fleet.together.log_evidence() < before + 0.5);
  }
}

BOOST_AUTO_TEST_CASE(growth_as_fast_as_is_tolerated_from_the_start_is_none_however_well_it_is_seen) {
  int ever = 0;
  for (std::uint64_t run = 0; run < 100; ++run) {
    Fleet fleet(16, Shape::trend, run);
    fleet.noise = 0.01;
    for (PodShift& pod : fleet.shown) pod.wander = 1e-8;
    double most = 0;
    for (int i = 0; i < 720; ++i) {
      fleet.scrape([&](std::size_t) { return tolerance * i * 5 / 3600; });
      most = std::max(most, fleet.together.log_evidence());
    }
    ever += most >= std::log(50);
  }
  BOOST_TEST(ever <= 2 + 3 * 2);
}

BOOST_AUTO_TEST_CASE(what_pods_that_show_nothing_more_said_says_no_more_as_time_goes_by) {
  Fleet fleet(5, Shape::trend);
  fleet.noise = 0.01;
  fleet.jitter = 0;
  for (PodShift& pod : fleet.shown) pod.wander = 0.02 * 0.02;
  fleet.healthy(60);
  for (int i = 0; i < 24; ++i) fleet.scrape([&](std::size_t pod) { return pod < 4 ? 2.0 * i * 5 / 3600 : 0; });
  const double before = std::max(fleet.together.log_evidence(), 0.0);
  for (int i = 0; i < 240; ++i) {
    fleet.scrape([](std::size_t) { return 0; });
    for (std::size_t pod = 0; pod < 4; ++pod) fleet.shown[pod].precision = 0;  // gone, or suspended
    BOOST_TEST_REQUIRE(fleet.together.log_evidence() < before + 2);
  }
}

BOOST_AUTO_TEST_CASE(what_pods_had_shown_before_all_began_anew_is_no_past) {
  Fleet fleet(16, Shape::trend);
  fleet.noise = 0.01;
  for (PodShift& pod : fleet.shown) pod.wander = 1e-8;
  for (int i = 0; i < 900; ++i) {  // growth as fast as is tolerated, for an hour before anyone asks
    fleet.watched = i >= 720;
    fleet.scrape([&](std::size_t) { return tolerance * i * 5 / 3600; });
    BOOST_TEST_REQUIRE(fleet.together.log_evidence() < 4);
  }
}

BOOST_AUTO_TEST_CASE(no_more_pods_have_a_part_than_are_kept_and_none_is_taken_for_another) {
  Fleet fleet(PooledOnsets::most_pods + 20);
  fleet.healthy(50);
  for (int i = 0; i < 50; ++i) fleet.scrape([](std::size_t pod) { return pod < PooledOnsets::most_pods ? 0 : 1; });
  BOOST_TEST(fleet.together.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(healthy_releases_reach_a_threshold_no_more_often_than_it_says) {
  for (const Shape shape : {Shape::level, Shape::trend}) {
    int ever = 0;
    constexpr int releases = 1'500;
    for (int release = 0; release < releases; ++release) {
      Fleet fleet(3, shape, static_cast<std::uint64_t>(release));
      // At the edge of the null: all move, or begin to grow, by what may be tolerated, at some time.
      const int onset = static_cast<int>(fleet.random() % 100);
      bool reached = false;
      for (int i = 0; i < 200 && !reached; ++i) {
        const double off = i < onset ? 0 : shape == Shape::level ? tolerance : tolerance * (i - onset) * 5 / 3600;
        fleet.scrape([&](std::size_t) { return off; });
        reached = fleet.together.log_evidence() >= std::log(20);
      }
      ever += reached;
    }
    BOOST_TEST(ever <= releases / 20 + 3 * 9, (shape == Shape::level ? "level: " : "growth: ") << ever);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::detection
