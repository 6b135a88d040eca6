#include "coordinator/core/pooled_evidence.hpp"

#include "tests/unit/coordinator/pooled.hpp"

#include <random>

/// What no pod shows alone, and what the pods together may not make of nothing.
namespace charon::coordinator::test {

namespace {

/// Agents that report sums of log ratios which grow by `each` a report.
struct Pods {
  explicit Pods(std::size_t count, double weight = 0.4) : reports(count) {
    for (wire::Report& r : reports) r.ratios.push_back({"http_requests_total", wire::MetricKind::error_ratio, weight, Time{1s}, {0, 0, 0, 0}});
  }
  void show(PooledEvidence& pooled, double each) {
    for (wire::Report& r : reports) {
      const wire::Report before = r;
      for (double& sum : r.ratios[0].log_ratios) sum += each;
      pooled.showed(PodUid(fmt::format("pod{}", &r - reports.data())), "node", seen ? &before : nullptr, r, now);
    }
    seen = true;
    now += round;
    pooled.tick(round, half_of_needed, now);
  }
  std::vector<wire::Report> reports;
  bool seen = false;
  Time now{1h};
};

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

BOOST_AUTO_TEST_CASE(a_pods_preview_is_what_its_last_report_of_a_round_has) {
  const auto evidence = [](int reports_with_preview, bool settled_then) {
    PooledEvidence pooled;
    Pods pods(1);
    wire::Report& r = pods.reports[0];
    r.ratios[0].preview = {1, 1, 1, 1};
    for (int i = 0; i < reports_with_preview; ++i) pooled.showed(PodUid("pod0"), "node", i > 0 ? &r : nullptr, r, pods.now);
    const wire::Report before = r;
    if (settled_then) {
      r.ratios[0].log_ratios = {1, 1, 1, 1};
      r.ratios[0].preview = {0, 0, 0, 0};
      pooled.showed(PodUid("pod0"), "node", &before, r, pods.now);
    }
    pooled.tick(round, half_of_needed, pods.now + round);
    return pooled.log_evidence();
  };
  BOOST_TEST(evidence(1, false) > 0);
  BOOST_TEST(evidence(3, false) == evidence(1, false));
  BOOST_TEST(evidence(1, true) == evidence(1, false), boost::test_tools::tolerance(1e-9));
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

BOOST_AUTO_TEST_CASE(a_coordinator_rolls_back_by_what_all_pods_show_together) {
  World w;
  App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
  show_a_bit(w, app, {0.4, 1.5, 2.5}, 1, 8);
  BOOST_TEST((w.ledger(app).quarantined.size() == 1));
  const std::string why = w.ledger(app).intent->why;
  BOOST_TEST(why.find("of all pods together") != std::string::npos, why);
  BOOST_TEST(why.find(": http_requests_total errors, evidence") != std::string::npos, why);  // which no pod names
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

BOOST_AUTO_TEST_CASE(an_evicted_pod_that_was_in_trouble_does_not_silence_the_others) {
  World w;
  App& app = w.judging("v1.1", 10min, {"node-1", "node-2", "node-3"});
  show_a_bit(w, app, {0.4}, 0, 1);
  Pod& evicted = w.pod_on(app, "node-1");
  evicted.agent.log_evidence = std::log(100.0);
  w.run(10s);
  evicted.agent.silent = true;
  evicted.phase = "Failed";  // and stays, as an object
  w.publish(app);
  w.run(1min);
  BOOST_TEST(w.coordinator->counters().silent_agents == 0U);
  for (int i = 0; i < 8; ++i) {
    for (auto& [uid, pod] : app.pods)
      if (!pod.agent.silent) pod.agent.log_evidence = 1.5, pod.agent.since = pod.started, pod.agent.log_ratios += 2;
    w.run(10s);
  }
  BOOST_TEST((w.ledger(app).quarantined.size() == 1));
}

BOOST_AUTO_TEST_CASE(a_pod_that_shuts_down_shows_nothing_more_however_often_it_reports) {
  World w;
  App& app = w.judging("v1.1", 10min, {"node-1", "node-2", "node-3"});
  show_a_bit(w, app, {0.4}, 0.5, 4);
  const auto together = [&] { return w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now)->at("together").at("logEvidence").to_number<double>(); };
  const double before = together();
  BOOST_TEST(before > 0.5);
  Pod& ending = w.pod_on(app, "node-1");
  ending.deleting = true;
  w.publish(app);
  for (int i = 0; i < 12; ++i) w.run(5s);
  BOOST_TEST(together() <= before + 1e-9);
  BOOST_TEST(w.ledger(app).quarantined.empty());
  BOOST_TEST(ending.agent.reply.ending);
  BOOST_TEST(!w.pod_on(app, "node-2").agent.reply.ending);
  BOOST_TEST(ending.agent.reply.acknowledged == ending.agent.sequence);  // it is no reason to say hello again
  BOOST_TEST(ending.agent.reply.policy_version == ending.agent.hello.policy.version);
  BOOST_TEST(w.hello(app, ending).error().is(Errc::unavailable));
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
