/// `detector: anomalyzer` as the coordinator treats it: its scores are no evidence.
#include "tests/unit/coordinator/world.hpp"

namespace charon::coordinator::test {
namespace {

constexpr std::string_view classic = R"({"detector":"anomalyzer","anomalyzer":{"threshold":0.85}})";

/// The classic engine's alarm at a score of `score`.
void alarms(Pod& pod, double score, Time since) {
  pod.agent.detector = wire::DetectorKind::anomalyzer;
  pod.agent.verdict = wire::Verdict::fail;
  pod.agent.log_evidence = -std::log1p(-score);
  pod.agent.since = since;
}
void judged_by_classic(App& app) {
  for (auto& [uid, pod] : app.pods) pod.agent.detector = wire::DetectorKind::anomalyzer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classic_detector)

BOOST_AUTO_TEST_CASE(an_alarm_of_a_candidate_rolls_back_where_the_policy_asks_for_it) {
  World w;
  w.set_policy(std::string(classic));
  App& app = w.judging("v1.1", 20s);
  for (auto& [uid, pod] : app.pods) alarms(pod, 0.9, w.now);
  w.run(2min);
  BOOST_TEST(w.patches.size() == 1u);
  BOOST_TEST(w.reason(app).find("score 0.90 of 0.85 by the classic engine") != std::string::npos, w.reason(app));
}

BOOST_AUTO_TEST_CASE(a_score_below_the_threshold_or_by_another_detector_than_the_policys_counts_for_nothing) {
  for (const bool policy_is_classic : {true, false}) {
    World w;
    if (policy_is_classic) w.set_policy(std::string(classic));
    App& app = w.judging("v1.1", 20s);
    for (auto& [uid, pod] : app.pods) {
      if (policy_is_classic) {
        alarms(pod, 0.8, w.now);
      } else {
        alarms(pod, 0.9999, w.now);
        pod.agent.log_evidence = 30;  // were it evidence, it would be enough
      }
    }
    w.run(2min);
    BOOST_TEST(w.patches.empty());
    BOOST_TEST(w.state(app) == "Judging");
  }
}

BOOST_AUTO_TEST_CASE(alarms_of_stable_pods_blame_no_node) {
  World w;
  w.set_policy(std::string(classic));
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.run(1min);
  alarms(w.pod_on(app, "node-1"), 0.9999, w.now);
  w.run(5min);
  BOOST_TEST(w.told("NodeSuspect") == 0u);
  BOOST_TEST(w.patches.empty());
}

BOOST_AUTO_TEST_CASE(without_an_alarm_a_release_is_adopted_never_proven) {
  World w;
  w.set_policy(std::string(classic));
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.1");
  w.roll(app);
  judged_by_classic(app);
  w.run(58min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(4min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
  BOOST_TEST(w.logged("the classic engine proves nothing"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(excluded_metrics)

BOOST_AUTO_TEST_CASE(readers_see_what_has_no_part_in_the_verdict_by_reason_and_number_of_pods) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  for (auto& [uid, pod] : app.pods) pod.agent.excluded = {{"flux_charge", wire::MetricKind::level, wire::Excluded::unknown}};
  w.pod_on(app, "node-2").agent.excluded.push_back({"http_request_duration_seconds", wire::MetricKind::latency, wire::Excluded::bounds_differ});
  w.run(20s);
  const auto view = w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(boost::json::serialize(view->at("excluded")) ==
             R"([{"metric":"flux_charge","kind":"level","reason":"unknown","pods":2},{"metric":"http_request_duration_seconds","kind":"latency","reason":"bounds_differ","pods":1}])");
}

BOOST_AUTO_TEST_CASE(levels_that_are_silent_because_of_the_load_are_listed_and_the_pod_says_why) {
  World w;
  App& app = w.judging("v1.1", 2min, {"node-1", "node-2"});
  w.pod_on(app, "node-2").agent.suspended = wire::Suspension{{"go_goroutines"}, 2.13, true, true};
  w.run(20s);
  const auto view = w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(boost::json::serialize(view->at("excluded")) == R"([{"metric":"go_goroutines","kind":"level","reason":"load_differs","pods":1}])");
  std::string said;
  for (const auto& pod : view->at("pods").as_array())
    if (const auto* text = pod.as_object().if_contains("suspended")) said += text->as_string();
  BOOST_TEST(said == "levels are not judged now: the pod gets 2.1 times the requests of its control, and a pass waits for them");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
