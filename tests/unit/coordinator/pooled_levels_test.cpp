#include "coordinator/core/pooled_evidence.hpp"

#include "tests/unit/coordinator/pooled.hpp"

#include <functional>

/// What the levels of all pods show together.
namespace charon::coordinator::test {

namespace {

/// What a level shows that stands off by `shift` on a pod, with noise of 0.05 a scrape, so long; healthy pods differ by 0.1.
wire::LevelStart level(std::string metric, double shift, double scrapes = 60) {
  return {.metric = std::move(metric), .side = wire::LevelSide::above, .weight = 0.05, .mean = shift, .precision = scrapes / (0.05 * 0.05),
          .variance = 0.01, .degrees = 20, .tolerance = 0.1, .matters = 0.2};
}

/// Rounds in which so many pods, on nodes named by `node_of`, show such levels; a little surer in each, if there is `more`.
double after_rounds(PooledEvidence& pooled, int pods, const std::function<std::string(int)>& node_of, const std::vector<wire::LevelStart>& levels, int rounds = 8, double more = 1.01) {
  static Time now{1h};
  for (int i = 0; i < rounds; ++i) {
    for (int p = 0; p < pods; ++p) {
      wire::Report before, report;
      report.level_starts = levels;
      for (wire::LevelStart& shown : report.level_starts) shown.precision *= std::pow(more, i);
      pooled.showed(PodUid("pod" + std::to_string(p)), node_of(p), &before, report, now);
    }
    now += round;
    pooled.tick(round, half_of_needed, now);
  }
  return pooled.log_evidence();
}
std::string own_node(int pod) { return "node" + std::to_string(pod); }

}  // namespace

BOOST_AUTO_TEST_SUITE(pooled_levels)

BOOST_AUTO_TEST_CASE(a_new_boot_has_nothing_to_do_with_the_one_before) {
  // Surer than the last one was, and elsewhere: what lies between them is no shift.
  PooledEvidence pooled;
  Time now{1h};
  for (int i = 0; i < 60; ++i) {
    for (int p = 0; p < 3; ++p) {
      wire::Report before, report;
      report.level_starts = {level("heap", i < 40 ? 0 : 0.25, i < 40 ? 60 + 2 * i : 400 + 2 * i)};
      const PodUid pod("pod" + std::to_string(p));
      if (i == 40) pooled.showed(pod, own_node(p), nullptr, {}, now);  // the first report of the boot has none yet
      pooled.showed(pod, own_node(p), &before, report, now);
    }
    pooled.tick(round, half_of_needed, now += round);
    BOOST_TEST_REQUIRE(pooled.log_evidence() < 1);
  }
}

BOOST_AUTO_TEST_CASE(levels_rise_only_with_what_is_new) {
  PooledEvidence pooled;
  const double seen = after_rounds(pooled, 3, own_node, {level("cpu rate", 3)}, 1);
  BOOST_TEST(seen > 0);
  const double one_step = detection::most_of_a_scrape + std::log(0.05 / 2);  // of a level with that weight, half of it on its start
  BOOST_TEST(after_rounds(pooled, 3, own_node, {level("cpu rate", 3)}, 20, 1) <= one_step + std::log(2.0));
}

BOOST_AUTO_TEST_CASE(a_level_that_moves_or_grows_on_all_pods_later_condemns_the_release) {
  for (const wire::LevelSide side : {wire::LevelSide::above, wire::LevelSide::growing}) {
    PooledEvidence pooled;
    wire::LevelStart shown = level("heap", 0, 0);
    shown.side = side;
    double sum = 0;
    const auto rounds = [&](int count, const std::function<double(int)>& at) {
      for (int i = 0; i < count; ++i) {
        sum += 2 * at(i);  // of two scrapes
        shown.precision += 2 / (0.05 * 0.05);
        shown.mean = sum / (0.05 * 0.05) / shown.precision;
        after_rounds(pooled, 3, own_node, {shown}, 1);
      }
    };
    rounds(60, [](int) { return 0.0; });
    BOOST_TEST(pooled.log_evidence() < 0);
    rounds(40, [&](int i) { return side == wire::LevelSide::above ? 0.3 : 0.01 * i; });
    BOOST_TEST(pooled.log_evidence() > -std::log(AlphaBudget{}.share_together()), names_of(side)[static_cast<std::size_t>(side)].second);
    BOOST_TEST(pooled.culprits(0.001).size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_level_that_stands_off_on_all_pods_from_their_start_condemns_the_release) {
  PooledEvidence one, three;
  BOOST_TEST(after_rounds(one, 1, own_node, {level("cpu rate", 0.7)}) < -std::log(AlphaBudget{}.share_together()));
  BOOST_TEST(after_rounds(three, 3, own_node, {level("cpu rate", 0.7), level("heap", 0.02)}) > -std::log(AlphaBudget{}.share_together()));
  const auto named = three.culprits(0.001);
  BOOST_TEST_REQUIRE(named.size() == 1U);
  BOOST_TEST(named[0].first == "cpu rate");
  BOOST_TEST((named[0].second == wire::MetricKind::level));
}

BOOST_AUTO_TEST_CASE(of_pods_on_one_node_one_speaks_since_their_control_is_the_same) {
  PooledEvidence one, many;
  const auto same = [](int) { return std::string("node"); };
  after_rounds(one, 1, same, {level("cpu rate", 0.7)});
  BOOST_TEST(after_rounds(many, 5, same, {level("cpu rate", 0.7)}) == one.log_evidence());
}

BOOST_AUTO_TEST_CASE(a_level_that_a_pod_no_longer_shows_has_no_part_any_more) {
  PooledEvidence pooled;
  BOOST_TEST(after_rounds(pooled, 3, own_node, {level("cpu rate", 0.7)}) > 2);
  BOOST_TEST(after_rounds(pooled, 3, own_node, {level("heap", 0.02)}) < 0);
}

BOOST_AUTO_TEST_CASE(a_pod_that_left_stays_with_what_it_showed_last) {
  PooledEvidence pooled;
  const double before = after_rounds(pooled, 3, own_node, {level("cpu rate", 0.05)}, 8, 1);
  BOOST_TEST(after_rounds(pooled, 1, own_node, {level("cpu rate", 0.05)}, 8, 1) == before, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_coordinator_rolls_back_by_a_level_of_all_pods_though_none_shows_anything_alone) {
  for (const double alone : {0.5, -0.2}) {
    World w;
    App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
    for (auto& [uid, pod] : app.pods) pod.agent.level_starts = {level("process_cpu_seconds rate", 0.8)};
    show_a_bit(w, app, {alone}, 0, 8);
    BOOST_TEST_REQUIRE((w.ledger(app).quarantined.size() == 1), alone);
    BOOST_TEST(w.ledger(app).intent->why.find(": process_cpu_seconds rate, evidence") != std::string::npos, w.ledger(app).intent->why);
  }
}

BOOST_AUTO_TEST_CASE(what_all_pods_show_together_rests_on_levels_where_a_level_shows_most) {
  PooledEvidence pooled;
  after_rounds(pooled, 3, own_node, {level("cpu rate", 0.8)});
  const Together together = pooled.with({}, AlphaBudget{}.share_together());
  BOOST_TEST_REQUIRE(together.of_pooled >= 1);
  wire::Report report;
  report.culprits = {{"http_requests_total", wire::MetricKind::error_ratio, 0.001, 0.01, 0.3, false}};
  BOOST_TEST(rests_on_levels(report, together));
  BOOST_TEST(!rests_on_levels(report, {}));
  report.verdict = wire::Verdict::fail;  // by itself
  BOOST_TEST(!rests_on_levels(report, together));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
