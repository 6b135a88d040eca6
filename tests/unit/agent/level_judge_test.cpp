#include "agent/core/level_judge.hpp"

#include "agent/core/level_values.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace charon::agent::test {
namespace {

constexpr std::size_t scrapes = 1'200;

/// Log evidence that a level that stands as its control does is not worse by what matters, of a control of so many pods at
/// each scrape.
struct Pods { std::uint32_t number; std::uint64_t who; };
double pass_evidence(Pods (*pods_at)(std::size_t)) {
  LevelReference reference;
  reference.everywhere = {.metric = "heap", .scrapes = 400, .level = 1, .phi = 0.3, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
  reference.same_node = reference.everywhere;
  const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::up, .scale = detection::Scale::ratio, .effect = 0.5, .trend = false,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  LevelJudge judge("heap", meaning, 0, 0.5);
  judge.refer_to(reference);
  constexpr std::array<double, 4> moves = {0.03, -0.04, -0.02, 0.03};
  for (std::size_t t = 0; t < scrapes; ++t) {
    const wire::LevelNow now{.metric = "heap", .value = 1, .pods = pods_at(t).number, .of = pods_at(t).who};
    judge.control(&now, nullptr, {});
    judge.scrape(1 + moves[t % moves.size()], 10'000 + t, false);
  }
  return judge.log_pass_evidence();
}

constexpr std::size_t step = 1'000;
constexpr Pods all{3, 70}, some{2, 30}, others{3, 71};
Pods three(std::size_t) { return all; }
Pods three_then_two(std::size_t t) { return t < step ? all : some; }
Pods flapping(std::size_t t) { return t < step || (t & 1U) != 0 ? all : some; }
Pods lost_for_a_minute(std::size_t t) { return t < step || (t / 12) % 2 == 0 ? all : some; }
Pods in_turn(std::size_t t) { return t < step ? all : Pods{2, 30 + t % 5}; }  // five of them
Pods replaced(std::size_t t) { return t < step ? all : others; }
Pods not_known_who(std::size_t t) { return {t < step || (t & 1U) != 0 ? 3U : 2U, 0}; }

/// Log evidence against a level that jumps to and fro around where it should stand.
double jumping(detection::Kind kind) {
  LevelReference reference;
  reference.everywhere = {.metric = "m", .scrapes = 400, .level = 2.3, .phi = 0.1, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
  reference.same_node = reference.everywhere;
  const detection::MetricMeaning meaning{.kind = kind, .direction = detection::Direction::both, .scale = detection::Scale::ratio, .effect = 0.5, .trend = true,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  LevelJudge judge("m", meaning, 0.1, 0.5);
  judge.refer_to(reference);
  for (std::size_t t = 0; t < 120; ++t) judge.scrape(std::log((t % 2 == 0 ? 20 : 0) + 0.1), 10'000 + t, false);
  return judge.log_evidence();
}

/// A stable release of which earlier ones have shown the spread.
LevelReference of_known_spread(double phi) {
  LevelReference out;
  out.everywhere = {.metric = "m", .scrapes = 400, .level = 2.3, .phi = phi, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
  out.same_node = out.everywhere;
  out.spread = {.metric = "m", .squares = 20 * 2 * 0.05 * 0.05, .degrees = 20};
  return out;
}

/// Log evidence against a pod beside a stable one, which reports each other scrape; from scrape 60 on the pod stands `pod`
/// higher and for three reports the stable one `stable`; then half of that for three more, as an AR(1) process comes back, and `after`.
double most_evidence(double pod, double stable, double after) {
  const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::both, .scale = detection::Scale::ratio, .effect = 0.5, .trend = true,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  LevelJudge judge("m", meaning, 0.1, 0.5);
  judge.refer_to(of_known_spread(0.5));
  constexpr std::array<double, 4> moves = {0.03, -0.04, -0.02, 0.03};
  double most = 0;
  for (std::size_t t = 0; t < 120; ++t) {
    const double off = t < 60 ? 0 : t < 66 ? stable : t < 72 && stable != after ? stable / 2 : after;
    const wire::LevelNow now{.metric = "m", .value = 2.3 + off, .pods = 1, .of = 1};
    if (t % 2 == 0) judge.control(&now, nullptr, {});
    judge.scrape(2.3 + moves[t % moves.size()] + (t < 60 ? 0 : pod), 10'000 + t, false);
    most = std::max(most, judge.log_evidence());
  }
  return most;
}

BOOST_AUTO_TEST_SUITE(level_judge)

BOOST_AUTO_TEST_CASE(a_spike_of_the_stable_pod_is_held_against_nobody) {
  for (const double spike : {-3.0, -1.5, -0.7, 0.7, 1.5, 3.0}) BOOST_TEST(most_evidence(0, spike, 0) < 2, spike << ": " << most_evidence(0, spike, 0));
}

BOOST_AUTO_TEST_CASE(spikes_of_the_stable_pod_in_a_faults_direction_do_not_hide_it) {
  // Each 10 scrapes a report of the stable pod nearer to the faulty one: then its return is no spike either.
  const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::up, .scale = detection::Scale::ratio, .effect = 0.2, .trend = false,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  LevelJudge judge("m", meaning, 0, 0.5);
  judge.refer_to(of_known_spread(0));
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 0.05);
  for (std::size_t t = 0; t < 360; ++t) {
    const wire::LevelNow now{.metric = "m", .value = 2.3 + noise(random) + (t / 2 % 5 == 0 ? 0.5 : 0), .pods = 1, .of = 1};
    if (t % 2 == 0) judge.control(&now, nullptr, {});
    judge.scrape(2.3 + noise(random) + (t < 120 ? 0 : 0.4), 10'000 + t, false);
    if (t == 119) BOOST_TEST(judge.log_evidence() < 2);
  }
  BOOST_TEST(judge.log_evidence() > 50);
}

BOOST_AUTO_TEST_CASE(what_moves_both_pods_is_no_shift_and_what_moves_one_is) {
  for (const double load : {-1.5, 0.7, 1.5}) BOOST_TEST(most_evidence(load, load, load) < 3, load);
  for (const double shift : {-1.0, 1.0}) BOOST_TEST(most_evidence(shift, 0, 0) > 8, shift);
  BOOST_TEST(most_evidence(0, -1.5, -1.5) > 8);  // what stands for longer is no spike: this pod does not do what the stable one does
}

BOOST_AUTO_TEST_CASE(restless_gauges_are_held_against_a_release_and_rates_that_beat_with_the_scrapes_are_not) {
  BOOST_TEST(jumping(detection::Kind::gauge) > 5);
  for (const auto kind : {detection::Kind::counter_rate, detection::Kind::latency}) BOOST_TEST(jumping(kind) < 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_shown_as_nothing) {
  for (const double floor : {0.1, 1e-3, 1024.0}) BOOST_TEST(from_scale(on_scale(0, detection::Scale::ratio, floor), detection::Scale::ratio, floor) == 0);
  BOOST_TEST(from_scale(on_scale(0.02, detection::Scale::ratio, 0.1), detection::Scale::ratio, 0.1) == 0.02, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(other_pods_in_the_control_make_what_is_known_less_sure) {
  BOOST_TEST(pass_evidence(three_then_two) < pass_evidence(three) - 0.01);
}

BOOST_AUTO_TEST_CASE(whatever_a_policy_says_a_report_may_carry_what_all_pods_get) {
  struct Case { double tolerance, effect; detection::Scale scale; std::size_t shown; };
  for (const auto& [tolerance, effect, scale, shown] : {Case{1, 0.5, detection::Scale::ratio, 1}, {0.5, 4294967296.0, detection::Scale::absolute, 0}}) {
    const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::up, .scale = scale, .effect = effect, .trend = false, .by_age = false,
                                           .pod_spread = effect / 2, .node_spread = 0, .known = true, .group = detection::Group::rest, .weight = 1, .named = true};
    LevelReference reference;
    reference.everywhere = {.metric = "m", .scrapes = 400, .level = 2, .phi = 0, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
    reference.same_node = reference.everywhere;
    LevelJudge judge("m", meaning, 0.1, tolerance);
    judge.refer_to(reference);
    const wire::LevelNow now{.metric = "m", .value = 2, .pods = 1, .of = 5};
    judge.control(&now, nullptr, {});
    judge.scrape(2, 10'000, false);
    std::vector<wire::LevelStart> starts;
    judge.fill_starts(0.1, [&]() -> wire::LevelStart& { return starts.emplace_back(); });
    BOOST_TEST(starts.size() == shown);
    for (const wire::LevelStart& start : starts) BOOST_TEST(wire::is_valid(start));
  }
}

BOOST_AUTO_TEST_CASE(how_a_level_moves_is_read_on_its_node_where_that_was_seen_for_long_enough) {
  LevelReference reference;
  reference.everywhere = {.metric = "m", .scrapes = 1'400, .level = 2, .phi = 0.8, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
  reference.same_node = {.metric = "m", .scrapes = 40, .level = 3, .phi = 0.1, .noise = 0.01, .wander = 0, .activity = 1, .young = {}};
  BOOST_TEST(reference.moves().phi == 0.8);
  BOOST_TEST(reference.moves().scrapes == 40U);
  reference.same_node.noise = 0.2;  // an unlike node
  BOOST_TEST(reference.moves().noise == 0.2);
  BOOST_TEST(reference.nearest().level == 3);
  reference.same_node.scrapes = 400;
  BOOST_TEST(reference.moves().phi == 0.1);
}

BOOST_AUTO_TEST_CASE(what_pods_elsewhere_spoke_against_is_given_up_where_one_on_the_node_shows_the_same) {
  const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::up, .scale = detection::Scale::ratio, .effect = 0.5, .trend = false,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  LevelReference reference;
  reference.everywhere = {.metric = "m", .scrapes = 400, .level = 2, .phi = 0.1, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
  reference.same_node = reference.everywhere;
  reference.spread = {.metric = "m", .squares = 0.02, .degrees = 12};
  for (const bool stable_too : {true, false}) {
    LevelJudge judge("m", meaning, 0.1, 0.5);
    judge.refer_to(reference);
    const auto scrapes = [&](std::size_t n, bool here, double value) {
      const wire::LevelNow usual{.metric = "m", .value = 0, .pods = 2, .of = 5}, beside{.metric = "m", .value = stable_too ? 3.0 : 2.0, .pods = 1, .of = 6};
      for (std::size_t t = 0; t < n; ++t) {
        judge.control(here ? &beside : nullptr, here ? nullptr : &usual, {});
        judge.scrape(value + (t % 2 == 0 ? 0.03 : -0.03), 10'000 + t, false);
      }
    };
    scrapes(30, false, 2);
    scrapes(30, false, 3);
    const double held = judge.log_evidence();
    BOOST_TEST(held > 10);
    scrapes(20, true, 3);
    BOOST_TEST(judge.log_evidence() > held - 1);
    scrapes(20, true, 3);
    BOOST_TEST((judge.log_evidence() > 10) == !stable_too, judge.log_evidence());
    BOOST_TEST((judge.log_evidence() < 1) == stable_too, judge.log_evidence());
  }
}

BOOST_AUTO_TEST_CASE(what_goes_into_the_evidence_of_all_pods_is_against_stable_pods_of_the_node) {
  const detection::MetricMeaning meaning{.kind = detection::Kind::gauge, .direction = detection::Direction::both, .scale = detection::Scale::ratio, .effect = 0.5, .trend = true,
                                         .by_age = false, .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1};
  for (const bool here : {true, false})
    for (const double degrees : {0.0, 12.0}) {
      LevelReference reference;
      reference.everywhere = {.metric = "m", .scrapes = 400, .level = 2.3, .phi = 0.1, .noise = 0.05, .wander = 0, .activity = 1, .young = {}};
      reference.same_node = reference.everywhere;
      reference.spread = {.metric = "m", .squares = 0.01, .degrees = degrees};
      LevelJudge judge("m", meaning, 0.1, 0.5);
      judge.refer_to(reference);
      const wire::LevelNow now{.metric = "m", .value = 2.3, .pods = 1, .of = 5};
      for (std::size_t t = 0; t < 60; ++t) {
        judge.control(here ? &now : nullptr, here ? nullptr : &now, {});
        judge.scrape(2.8, 10'000 + t, false);
      }
      std::vector<wire::LevelStart> shown(4);
      std::size_t used = 0;
      judge.fill_starts(0.1, [&]() -> wire::LevelStart& { return shown.at(used++); });
      BOOST_TEST(used == (here && degrees > 0 ? 3U : 0U));
      if (used == 0) continue;
      BOOST_TEST((shown[0].side == wire::LevelSide::above && shown[1].side == wire::LevelSide::below && shown[2].side == wire::LevelSide::growing));
      BOOST_TEST(shown[0].mean == 0.5, boost::test_tools::tolerance(0.1));
      BOOST_TEST(shown[1].mean == -shown[0].mean);
      BOOST_TEST(shown[0].precision > 100);
      BOOST_TEST(shown[0].weight + shown[1].weight == 0.05, boost::test_tools::tolerance(1e-9));  // half asks for growth and restlessness
      BOOST_TEST(shown[2].weight == 0.035, boost::test_tools::tolerance(1e-9));
      BOOST_TEST(shown[2].matters == shown[0].matters);  // an hour
    }
}

BOOST_AUTO_TEST_CASE(pods_that_come_and_go_make_it_so_once) {
  BOOST_TEST(pass_evidence(flapping) == pass_evidence(three_then_two));
  BOOST_TEST(pass_evidence(lost_for_a_minute) == pass_evidence(three_then_two));
}

BOOST_AUTO_TEST_CASE(as_many_other_pods_make_it_less_sure_than_some_of_the_same) {
  BOOST_TEST(pass_evidence(replaced) < pass_evidence(three_then_two));
}

BOOST_AUTO_TEST_CASE(those_that_take_turns_cost_once_each) {
  BOOST_TEST(pass_evidence(in_turn) < pass_evidence(three_then_two));
  BOOST_TEST(pass_evidence(in_turn) > pass_evidence(three_then_two) - 0.5);
}

BOOST_AUTO_TEST_CASE(where_nobody_says_who_they_are_as_many_are_the_same) { BOOST_TEST(pass_evidence(not_known_who) == pass_evidence(three_then_two)); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
