#include "coordinator/core/pooled_evidence.hpp"

#include "coordinator/core/alpha_budget.hpp"
#include "tests/unit/coordinator/world.hpp"

#include <functional>
#include <random>

/// What no pod shows alone, and what the pods together may not make of nothing.
namespace charon::coordinator::test {

namespace {

constexpr Duration round = 10s;
const double half_of_needed = std::log(1 / AlphaBudget{}.share_together()) / 2;

/// Agents that report sums of log ratios which grow by `each` a report.
struct Pods {
  explicit Pods(std::size_t count, double weight = 0.4) : reports(count) {
    for (wire::Report& r : reports) r.ratios.push_back({"http_requests_total", wire::MetricKind::error_ratio, weight, Time{1s}, {0, 0, 0, 0}});
  }
  void show(PooledEvidence& pooled, double each) {
    for (wire::Report& r : reports) {
      const wire::Report before = r;
      for (double& sum : r.ratios[0].log_ratios) sum += each;
      pooled.showed(PodUid("pod"), "node", seen ? &before : nullptr, r, now);
    }
    seen = true;
    now += round;
    pooled.tick(round, half_of_needed, now);
  }
  std::vector<wire::Report> reports;
  bool seen = false;
  Time now{1h};
};

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

BOOST_AUTO_TEST_SUITE(pooled_evidence)

BOOST_AUTO_TEST_CASE(many_pods_with_a_little_each_show_together_what_none_shows_alone) {
  PooledEvidence one, ten;
  Pods alone(1), together(10);
  for (int i = 0; i < 8; ++i) {
    alone.show(one, 0.3);
    together.show(ten, 0.3);
  }
  BOOST_TEST(one.log_evidence() < 1.5);
  BOOST_TEST(ten.log_evidence() > std::log(1 / AlphaBudget{}.share_together()));
}

BOOST_AUTO_TEST_CASE(pods_that_are_well_speak_against_one_that_is_not) {
  PooledEvidence pooled;
  Pods pods(3);
  for (int i = 0; i < 20; ++i) {
    for (std::size_t p = 0; p < 3; ++p) {
      const wire::Report before = pods.reports[p];
      for (double& sum : pods.reports[p].ratios[0].log_ratios) sum += p == 0 ? 1 : -0.6;
      pooled.showed(PodUid("pod"), "node", i > 0 ? &before : nullptr, pods.reports[p], pods.now);
    }
    pods.now += round;
    pooled.tick(round, half_of_needed, pods.now);
  }
  BOOST_TEST(pooled.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(no_round_decides_and_none_is_judged_before_its_time) {
  PooledEvidence pooled;
  Pods pods(50);
  for (int i = 0; i < 3; ++i) {
    const double before = std::max(pooled.log_evidence(), 0.0);
    pods.show(pooled, 40);
    BOOST_TEST(pooled.log_evidence() <= before + half_of_needed + 1e-9);
    const double now = pooled.log_evidence();
    pooled.tick(round, half_of_needed, pods.now + 1s);
    BOOST_TEST(pooled.log_evidence() == now);
  }
}

BOOST_AUTO_TEST_CASE(what_is_previewed_counts_for_one_round_and_no_longer) {
  PooledEvidence pooled;
  Pods pods(3);
  for (wire::Report& r : pods.reports) r.ratios[0].preview = {1, 1, 1, 1};
  pods.show(pooled, 0);
  BOOST_TEST(pooled.log_evidence() > 0.5);
  for (wire::Report& r : pods.reports) r.ratios[0].preview = {0, 0, 0, 0};
  pods.show(pooled, 0);
  BOOST_TEST(pooled.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(restarts_condemn_nothing_while_stable_pods_restart_too) {
  for (const bool shared : {false, true}) {
    PooledEvidence pooled;
    Pods pods(3);
    for (wire::Report& r : pods.reports) r.ratios[0].metric = wire::process_restarts_metric;
    for (int i = 0; i < 8; ++i) {
      if (shared && i == 0) pooled.stable_began_again(pods.now);
      if (shared && i == 3) pooled.restart();  // a pod in trouble left
      pods.show(pooled, 1);
    }
    BOOST_TEST((pooled.log_evidence() > std::log(1 / AlphaBudget{}.share_together())) != shared);
    pods.now += 10min;  // long ago by now
    for (int i = 0; i < 8; ++i) pods.show(pooled, 1);
    BOOST_TEST(pooled.log_evidence() > std::log(1 / AlphaBudget{}.share_together()));
  }
}

BOOST_AUTO_TEST_CASE(restarts_that_were_told_in_the_same_round_as_a_stable_pods_condemn_nothing_either) {
  PooledEvidence pooled;
  Pods pods(10);
  for (wire::Report& r : pods.reports) r.ratios[0].metric = wire::process_restarts_metric;
  pods.show(pooled, 0);
  for (wire::Report& r : pods.reports) {
    const wire::Report before = r;
    for (double& sum : r.ratios[0].log_ratios) sum += 4;
    pooled.showed(PodUid("pod"), "node", &before, r, pods.now);
  }
  pooled.stable_began_again(pods.now);
  pooled.tick(round, half_of_needed, pods.now + round);
  BOOST_TEST(pooled.log_evidence() < 0);
}

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

BOOST_AUTO_TEST_CASE(sums_that_begin_anew_are_no_step) {
  PooledEvidence pooled;
  Pods pods(3);
  for (int i = 0; i < 30; ++i) pods.show(pooled, -1);
  for (wire::Report& r : pods.reports) {  // a new policy: judged anew from nothing
    r.ratios[0].since = Time{2h};
    r.ratios[0].log_ratios = {1, 1, 1, 1};
  }
  pods.show(pooled, -1);
  BOOST_TEST(pooled.log_evidence() < 0);
}

BOOST_AUTO_TEST_CASE(a_release_without_effect_is_condemned_no_more_often_than_its_share_allows) {
  // Ratios of a Gaussian shift of 0.7 deviations, whose expectation is 1 where there is none.
  std::mt19937_64 random(5);
  std::normal_distribution<double> noise;
  int wrong = 0;
  constexpr int releases = 4000;
  for (int release = 0; release < releases; ++release) {
    PooledEvidence pooled;
    Pods pods(3);
    for (int i = 0; i < 90; ++i) {
      for (wire::Report& r : pods.reports) {
        const wire::Report before = r;
        const double z = noise(random);
        for (double& sum : r.ratios[0].log_ratios) sum += 0.7 * z - 0.245;
        pooled.showed(PodUid("pod"), "node", i > 0 ? &before : nullptr, r, pods.now);
      }
      pods.now += round;
      pooled.tick(round, 100, pods.now);
      if (pooled.log_evidence() >= std::log(20)) {
        ++wrong;
        break;
      }
    }
  }
  BOOST_TEST(wrong <= releases / 20);
  BOOST_TEST(wrong > 0);  // it is not only never
}

BOOST_AUTO_TEST_CASE(a_level_that_moves_or_grows_on_all_pods_later_condemns_the_release) {
  for (const wire::LevelSide side : {wire::LevelSide::above, wire::LevelSide::growing}) {
    PooledEvidence pooled;
    wire::LevelStart shown = level("heap", 0, 0);
    shown.side = side;
    double sum = 0;
    const auto rounds = [&](int count, const std::function<double(int)>& at) {
      for (int i = 0; i < count; ++i) {
        sum += 2 * at(i);  // two scrapes a round
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

/// Each pod shows a bit: log evidence, and log ratios that grow by `each` a report.
void show_a_bit(World& w, App& app, std::vector<double> log_evidence, double each, int reports) {
  for (int i = 0; i < reports; ++i) {
    std::size_t n = 0;
    for (auto& [uid, pod] : app.pods) {
      pod.agent.log_evidence = log_evidence[n++ % log_evidence.size()];
      pod.agent.since = pod.started;
      pod.agent.log_ratios += each;
    }
    w.run(10s);
  }
}

BOOST_AUTO_TEST_CASE(a_coordinator_rolls_back_by_what_all_pods_show_together) {
  World w;
  App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
  show_a_bit(w, app, {0.4, 1.5, 2.5}, 1, 8);
  BOOST_TEST((w.ledger(app).quarantined.size() == 1));
  const std::string why = w.ledger(app).intent->why;
  BOOST_TEST(why.find("of all pods together") != std::string::npos, why);
  BOOST_TEST(why.find(": http_requests_total errors, evidence") != std::string::npos, why);  // which no pod names
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

BOOST_AUTO_TEST_CASE(what_the_pods_show_together_names_its_metrics_by_weight_and_evidence) {
  // Weights of 0.4 and 0.02. The second's evidence is the stronger, but what it adds to the verdict is not.
  PooledEvidence pooled;
  BOOST_TEST(pooled.culprits(0.001).empty());
  std::vector<wire::Report> reports(3);
  for (wire::Report& r : reports)
    for (const auto& [metric, weight] : {std::pair{"http_requests_total", 0.4}, {"batch_requests_total", 0.02}, {"idle_requests_total", 0.4}})
      r.ratios.push_back({metric, wire::MetricKind::error_ratio, weight, Time{1s}, {0, 0, 0, 0}});
  const auto show = [&](double first, double second, int rounds) {
    static Time now{1h};
    for (int i = 0; i < rounds; ++i) {
      for (wire::Report& r : reports) {
        const wire::Report before = r;
        for (double& sum : r.ratios[0].log_ratios) sum += first;
        for (double& sum : r.ratios[1].log_ratios) sum += second;
        pooled.showed(PodUid("pod"), "node", &before, r, now);
      }
      now += round;
      pooled.tick(round, 100, now);
    }
  };
  show(0.1, 0.1, 2);
  BOOST_TEST(pooled.culprits(0.001).empty());
  show(1, 1.1, 4);
  const auto named = pooled.culprits(0.001);
  BOOST_TEST_REQUIRE(named.size() == 2U);
  BOOST_TEST(named[0].first == "http_requests_total");
  BOOST_TEST(named[1].first == "batch_requests_total");
}

BOOST_AUTO_TEST_CASE(pods_that_nearly_fail_each_fail_by_the_sum) {
  World w;
  App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
  show_a_bit(w, app, {std::log(4'500.0)}, 0, 4);  // of 6,000 each
  BOOST_TEST((w.ledger(app).quarantined.size() == 1));
  BOOST_TEST(w.ledger(app).intent->why.find("each by what it needs, 2.") != std::string::npos, w.ledger(app).intent->why);
}

BOOST_AUTO_TEST_CASE(what_a_bad_node_showed_does_not_fall_on_the_pods_that_stay) {
  for (const bool silent : {false, true}) {
    World w;
    App& app = w.judging("v1.1", 10min, {"node-1", "node-2", "node-3"});
    for (int i = 0; i < 12; ++i) {
      for (auto& [uid, pod] : app.pods) {
        pod.agent.log_evidence = 0.1;
        pod.agent.since = pod.started;
      }
      Pod& bad = w.pod_on(app, "node-1");
      w.fails(bad, w.now - 1min);  // late, and only there
      bad.agent.log_ratios += 6;
      w.run(10s);
    }
    BOOST_TEST(w.ledger(app).quarantined.empty());
    if (silent) w.pod_on(app, "node-1").agent.silent = true;
    else w.evict(app, "node-1");
    w.run(10min);
    BOOST_TEST(w.ledger(app).quarantined.empty());
  }
}

BOOST_AUTO_TEST_CASE(another_policy_begins_anew) {
  World w;
  App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
  w.set_policy(R"({"action": "notify"})");
  w.run(10s);
  show_a_bit(w, app, {0.4}, 0.6, 4);
  const auto together = [&] { return w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now)->at("together").at("logEvidence").to_number<double>(); };
  BOOST_TEST(together() > 2);
  show_a_bit(w, app, {0.4}, 0.6, 1);
  BOOST_TEST(boost::json::serialize(w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now)->at("together").at("culprits")) == R"(["http_requests_total errors"])");
  w.set_policy(R"({"action": "notify", "ignore": ["http_requests_total"]})");
  w.run(2s);
  BOOST_TEST(together() <= 0);
}

BOOST_AUTO_TEST_CASE(shares_of_all_pods_ever_and_of_the_pods_together_come_to_alpha) {
  AlphaBudget budget;
  budget.expected = 3;
  double sum = budget.share_together();
  for (std::uint32_t i = 0; i < 100'000; ++i) sum += budget.share(i);
  BOOST_TEST(sum <= budget.alpha);
  BOOST_TEST(sum > 0.999 * budget.alpha);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
