#include "coordinator/core/rollback_policy.hpp"
#include "tests/unit/coordinator/world.hpp"

#include <set>

namespace charon::coordinator::test {

/// A release that has reached one of two nodes, and a second pod of it that landed beside the stable one of the other.
struct SideBySide { App& app; Pod &stable, &beside; };
SideBySide side_by_side(World& w) {
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.1");
  w.roll(app, {"node-1"});
  Pod& stable = w.pod_on(app, "node-2");
  Pod beside = w.pod_on(app, "node-1");
  beside.uid = "beside";
  beside.name += "-beside";
  beside.node = "node-2";
  Pod& landed = app.pods.emplace(beside.uid, beside).first->second;
  w.publish(app);
  return {app, stable, landed};
}

BOOST_AUTO_TEST_SUITE(coordinator)

BOOST_AUTO_TEST_CASE(what_runs_when_first_seen_is_adopted_after_the_settle_time) {
  World w;
  App& app = w.deploy_new("shop", "test-app", {"node-1", "node-2"});
  w.roll(app);
  w.run(1min);
  BOOST_TEST(w.state(app) == "Adopting");
  w.run(30min);
  BOOST_TEST(w.state(app) == "Stable");
  BOOST_TEST(w.stable(app) == "v1.0");
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
  BOOST_TEST(w.patches.empty());
}

BOOST_AUTO_TEST_CASE(what_ran_long_before_charon_came_is_adopted_at_once) {
  World w;
  App& app = w.deploy_new("shop", "test-app", {"node-1"});
  w.now -= 2h;
  w.roll(app);
  w.now += 2h;
  w.run(30s);
  BOOST_TEST(w.state(app) == "Stable");
}

BOOST_AUTO_TEST_CASE(a_release_bad_on_one_weak_node_is_rolled_back_on_evidence_from_that_node) {
  World w;
  App& app = w.judging("v1.2", 15s, {"node-1", "node-2", "node-3"});
  BOOST_TEST(w.state(app) == "Judging");
  for (auto& [uid, pod] : app.pods) BOOST_TEST(pod.agent.hello.baseline.same_node.size() == 1u);
  w.fails(w.pod_on(app, "node-2"), w.now);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.patches.size(), 1u);
  BOOST_TEST(app.pod_template.at("spec").at("containers").at(0).at("image").as_string() == "registry:5000/test-app:v1.0");
  BOOST_TEST(app.pod_template.at("spec").at("containers").at(1).at("image").as_string() == "registry:5000/proxy:1.0");
  BOOST_TEST(w.patches[0].at("spec").as_object().size() == 1u);  // the template alone; never replicas
  BOOST_TEST(text_at(w.patches[0], {"metadata", "resourceVersion"}) != "");
  BOOST_TEST(app.annotations.at("charon.dev/rollback").as_string().find("\"to\":\"v1.0\"") != std::string::npos);
  BOOST_TEST(w.logged("Rolling back shop/test-app v1.2 -> v1.0: pod "));
  BOOST_TEST(w.logged("on node node-2"));
  BOOST_TEST(w.state(app) == "RollingBack");
  w.roll(app);
  w.run(5s);
  BOOST_TEST(w.state(app) == "RolledBack");
  BOOST_TEST(w.told("RolledBack") == 1u);
  BOOST_TEST(w.told("Recovered") == 1u);
  const ReleaseLedger ledger = w.ledger(app);
  BOOST_TEST(ledger.is_quarantined(Digest(digest_of("v1.2"))));
  BOOST_TEST(!ledger.is_quarantined(Digest(digest_of("v1.0"))));
  BOOST_TEST((ledger.intent->phase == IntentPhase::recovered));
  w.run(5min);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_good_release_becomes_stable_and_its_counts_the_baseline) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(28min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(3min);
  BOOST_TEST(w.state(app) == "Stable");
  BOOST_TEST(w.stable(app) == "v1.1");
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
  BOOST_TEST(w.patches.empty());
  Pod& pod = w.pod_on(app, "node-1");
  w.hello(app, pod);
  BOOST_TEST((pod.agent.hello.role == wire::Role::stable));
  BOOST_TEST(pod.agent.hello.baseline.release == w.ledger(app).current()->template_hash.value);
  BOOST_TEST(pod.agent.hello.baseline.metrics.at(0).counts.at(0) > 0u);
}

BOOST_AUTO_TEST_CASE(too_little_traffic_for_a_proof_makes_an_unproven_release) {
  World w;
  App& app = w.judging("v1.1", 59min, {"node-1"});
  BOOST_TEST(w.state(app) == "Judging");
  w.run(2min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
}

BOOST_AUTO_TEST_CASE(a_release_in_trouble_is_not_promoted) {
  World w;
  App& app = w.judging("v1.1", 10s);
  w.pass_all(app);
  w.suffers(w.pod_on(app, "node-1"), w.now);
  w.run(2h);
  BOOST_TEST(w.state(app) == "Judging");
}

BOOST_AUTO_TEST_CASE(a_crash_looping_release_goes_at_once_without_any_agent) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.3");
  w.roll(app, {"node-1"});
  Pod& pod = w.pod_on(app, "node-1");
  pod.agent.silent = true;
  pod.ready = false;
  pod.container_status = boost::json::parse(R"({"restartCount":2,"state":{"running":null,"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}})").as_object();
  w.publish(app);
  w.run(3s);
  BOOST_REQUIRE_EQUAL(w.patches.size(), 1u);
  BOOST_TEST(w.logged("crashes again and again"));
  w.roll(app);
  w.run(3s);
  BOOST_TEST(w.state(app) == "RolledBack");
}

BOOST_AUTO_TEST_CASE(the_first_release_cannot_be_rolled_back_and_that_is_said) {
  World w;
  App& app = w.deploy_new("shop", "test-app", {"node-1"});
  w.roll(app);
  w.run(15s);
  Pod& pod = w.pod_on(app, "node-1");
  pod.ready = false;
  pod.container_status = boost::json::parse(R"({"restartCount":4,"state":{"running":null,"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}})").as_object();
  w.publish(app);
  w.run(1min);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.told("BadRelease") == 1u);
  BOOST_TEST(w.reason(app).find("first release") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_node_that_turns_weak_under_the_stable_release_causes_no_rollback) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2", "node-3"});
  w.fails(w.pod_on(app, "node-2"), w.now);
  w.run(5min);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.state(app) == "Stable");
  BOOST_TEST(w.told("NodeSuspect") == 1u);
}

BOOST_AUTO_TEST_CASE(a_node_that_turns_weak_after_a_release_completed_is_no_rollback_and_blamed_where_others_suffer_too) {
  for (const bool others : {true, false}) {
    World w;
    App& other = w.settled("other-app", {"node-2", "node-3"});
    App& app = w.judging("v1.1", 3min, {"node-1", "node-2", "node-3"});
    w.fails(w.pod_on(app, "node-2"), w.now);
    w.run(15s);
    BOOST_TEST(w.patches.empty());  // waits for what else happens there
    if (others) w.suffers(w.pod_on(other, "node-2"), w.now);
    w.run(2min);
    BOOST_TEST(w.patches.empty());
    BOOST_TEST(w.told("NodeSuspect") == (others ? 1u : 0u));
    if (!others) BOOST_TEST(w.reason(app).find("no stable pod is left") != std::string::npos, w.reason(app));
  }
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_after_a_release_completed_is_the_nodes_where_others_are_killed_there_too) {
  enum class Company { nobody, before, after, elsewhere, candidate, pressure, long_before };
  for (const Company company : {Company::nobody, Company::before, Company::after, Company::elsewhere, Company::candidate, Company::pressure, Company::long_before})
    BOOST_TEST_CONTEXT("company " << static_cast<int>(company)) {
      World w;
      App& other = w.settled("other-app", {"node-2", "node-3"});
      App& app = w.settled("test-app", {"node-1", "node-2", "node-3"});
      if (company == Company::candidate) {
        w.set_image(other, "v2.0");
        w.roll(other);
      }
      if (company == Company::long_before) w.out_of_memory(other, "node-2");
      for (int minutes = 0; company == Company::long_before && minutes < 15; minutes += 5) {  // again and again
        w.run(5min);
        w.out_of_memory(other, "node-2");
      }
      w.set_image(app, "v1.1");
      w.roll(app);
      w.run(2min);
      if (company == Company::before) w.out_of_memory(other, "node-2");
      if (company == Company::elsewhere) w.out_of_memory(other, "node-3");
      if (company == Company::pressure) w.publish_node("node-2", "MemoryPressure");
      w.run(3s);
      w.out_of_memory(app, "node-2");
      w.run(10s);
      BOOST_TEST(w.patches.empty());  // the other statuses may be on their way
      if (company == Company::after) w.out_of_memory(other, "node-2");
      if (company == Company::candidate) w.out_of_memory(other, "node-2");
      w.run(1min);
      const bool node = company == Company::before || company == Company::after || company == Company::pressure;
      BOOST_TEST(w.told("NodeSuspect") == (node ? 1u : 0u));
      BOOST_TEST(app.tag == (node ? "v1.1" : "v1.0"));
      w.run(15min);
      BOOST_TEST(app.tag == (node ? "v1.1" : "v1.0"));  // nor when the other is well again first
    }
}

BOOST_AUTO_TEST_CASE(what_depends_on_a_bad_release_and_fails_with_it_does_not_keep_it_for_ever) {
  for (const bool most : {false, true})
    BOOST_TEST_CONTEXT("on most nodes: " << most) {
      World w;
      App& other = w.settled("other-app", {"node-1", "node-2"});
      App& app = w.judging("v1.1", 2min, {"node-1", "node-2", "node-3"});
      const auto crash = [&] {
        w.out_of_memory(app, "node-2");
        w.out_of_memory(other, "node-2");
      };
      crash();
      w.run(1min);
      BOOST_TEST(w.told("NodeSuspect") == 1u);
      BOOST_TEST(w.told("RolloutHeld") == 0u);
      if (most) {
        w.out_of_memory(other, "node-1");
        w.out_of_memory(app, "node-1");
        w.run(1min);
        BOOST_TEST(app.tag == "v1.0");
        continue;
      }
      for (int minutes = 0; minutes < 12; minutes += 4) {
        w.run(4min);
        crash();
      }
      w.run(10s);
      BOOST_TEST(w.told("RolloutHeld") == 1u);
      BOOST_TEST(w.patches.empty());
      w.set_policy(R"({"ambiguous":"patch"})");
      w.run(1min);
      BOOST_TEST(app.tag == "v1.0");
    }
}

BOOST_AUTO_TEST_CASE(what_was_broken_for_long_is_no_company_after_a_restart) {
  World w;
  App& other = w.settled("other-app", {"node-2"});
  App& app = w.settled("test-app", {"node-1", "node-2", "node-3"});
  const auto crash_loop = [&] {
    w.pod_on(other, "node-2").container_status = boost::json::parse(fmt::format(R"({{"restartCount":40,"state":{{"running":null,"waiting":{{"reason":"CrashLoopBackOff"}}}},"lastState":{{"terminated":{{"exitCode":1,"finishedAt":"{}"}}}}}})", format_time(w.now))).as_object();
    w.publish(other);
  };
  crash_loop();
  w.set_image(app, "v1.1");
  w.roll(app);
  w.run(2min);
  crash_loop();
  w.restart();
  w.run(2min);
  w.out_of_memory(app, "node-2");
  w.run(2min);
  BOOST_TEST(app.tag == "v1.0");
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_while_a_release_rolls_out_or_on_most_nodes_is_decided_at_once) {
  for (const bool came_up : {false, true}) {
    World w;
    App& app = w.settled("test-app", {"node-1", "node-2", "node-3"});
    w.set_image(app, "v1.1");
    if (came_up) w.roll(app);
    else w.roll(app, {"node-1"});
    w.run(30s);
    for (const char* node : {"node-1", "node-2"}) {
      w.publish_node(node, "MemoryPressure");  // on most of its nodes: its own doing
      if (came_up || node == std::string("node-1")) w.out_of_memory(app, node);
    }
    if (!came_up) w.publish_node("node-1");
    w.run(3s);
    BOOST_TEST(w.patches.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_stable_pod_beside_it_that_degrades_too_speaks_for_the_node) {
  for (const bool stable_degrades : {true, false}) {
    World w;
    auto [app, stable, beside] = side_by_side(w);
    w.run(15s);
    if (stable_degrades) w.suffers(stable, w.now);
    w.fails(beside, w.now);
    w.run(3min);
    BOOST_TEST(w.patches.size() == (stable_degrades ? 0u : 1u));
    BOOST_TEST((w.told("NodeSuspect") > 0u) == stable_degrades);
  }
}

BOOST_AUTO_TEST_CASE(a_stable_pod_that_restarted_does_not_speak_for_its_node_where_levels_are_in_question) {
  struct Case { bool restarted, by_level, agent_too; };
  for (const auto& [restarted, by_level, agent_too] : {Case{true, true, false}, {false, true, false}, {true, false, false}, {true, true, true}}) {
    World w;
    auto [app, stable, beside] = side_by_side(w);
    if (restarted) ++stable.agent.process_restarts;
    w.run(5min);
    if (agent_too) {  // and knows nothing of it any more
      stable.agent = {};
      stable.agent.boot = "boot-2";
      w.run(30s);
    }
    beside.agent.by_level = by_level;
    w.fails(beside, w.now);
    w.run(3min);
    BOOST_TEST(w.ledger(app).quarantined.empty() == (restarted && by_level), restarted << by_level << agent_too);  // else held
  }
}

BOOST_AUTO_TEST_CASE(a_coordinator_killed_at_any_point_of_a_rollback_finishes_it_once) {
  enum class Killed { before_patch, before_answer, before_recovery };
  for (const Killed killed : {Killed::before_patch, Killed::before_answer, Killed::before_recovery}) {
    World w;
    App& app = w.judging("v1.2");
    w.lose_patches = killed == Killed::before_patch;
    w.lose_answers = killed == Killed::before_answer;
    w.fails(w.pod_on(app, "node-2"), w.now);
    w.run(15s);
    BOOST_REQUIRE((w.ledger(app).intent.has_value()));
    BOOST_TEST((w.ledger(app).intent->phase == (killed == Killed::before_recovery ? IntentPhase::patched : IntentPhase::intended)));
    w.lose_patches = w.lose_answers = false;
    w.restart();
    w.run(15s);
    BOOST_TEST(w.patches.size() == 1u);
    w.roll(app);
    w.run(15s);
    BOOST_TEST(w.state(app) == "RolledBack");
    BOOST_TEST(w.patches.size() == 1u);
    BOOST_TEST(w.ledger(app).rollbacks.size() == 1u);
    BOOST_TEST(w.stable(app) == "v1.0");
  }
}

BOOST_AUTO_TEST_CASE(a_restart_in_the_middle_of_a_rollout_forgets_nothing) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.2");
  w.roll(app, {"node-1"});
  w.run(15s);
  Pod& pod = w.pod_on(app, "node-1");
  const double share = pod.agent.alpha;
  w.restart();
  w.run(25s);
  BOOST_TEST(pod.agent.alpha == share);  // the same agent keeps its share
  BOOST_TEST(w.stable(app) == "v1.0");
  BOOST_TEST(pod.agent.hello.baseline.metrics.size() == 1u);
  w.fails(pod, w.now);
  w.run(15s);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_is_decided_before_agents_had_the_time_to_report) {
  World w;
  App& app = w.judging("v1.2", 20s);
  w.restart();
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.report();
  w.run(9s);
  BOOST_TEST(w.patches.empty());
  w.run(15s);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_intent_is_in_the_ledger_before_its_patch) {
  World w;
  App& app = w.judging("v1.2");
  w.api_up = false;
  w.fails(w.pod_on(app, "node-2"), w.now);
  w.run(1min);
  BOOST_TEST(w.patches.empty());
  w.api_up = true;
  w.run(5s);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_ledger_and_a_baseline_that_were_deleted_are_written_anew) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.run(5min);
  const std::string key = app.ns + "/" + app.name;
  BOOST_REQUIRE(w.baselines.contains(key));
  w.coordinator->on_ledger(w.ledgers.at(key), w.now);  // as the watch sees it
  const auto ledger = w.ledgers.extract(key).mapped();
  const auto baseline = w.baselines.extract(key).mapped();
  w.coordinator->on_ledger_gone(ledger, w.now);
  w.coordinator->on_baseline_gone(baseline, w.now);
  w.set_image(app, "v1.1");
  w.roll(app);
  w.run(10min);
  BOOST_TEST(w.ledgers.contains(key));
  BOOST_TEST(w.baselines.contains(key));
  BOOST_TEST(!w.logged("could not be written"));
}

BOOST_AUTO_TEST_CASE(old_clients_roll_back_by_image) {
  World w;
  App& app = w.settled("test-app", {"node-1"});
  BOOST_TEST(w.coordinator->find_by_image("test-app").size() == 1u);
  BOOST_TEST(w.coordinator->find_by_image("registry:5000/test-app").size() == 1u);
  BOOST_TEST(w.coordinator->find_by_image("est-app").empty());
  const WorkloadKey key = w.coordinator->find_by_image("test-app").at(0);
  BOOST_TEST(w.coordinator->rollback(key, {}, w.now).error().is(Errc::conflict));  // nothing to go back to
  w.set_image(app, "v1.1");
  w.roll(app);
  w.run(15s);
  const auto dry = w.coordinator->rollback(key, {"", "alice", true}, w.now);
  BOOST_TEST((dry && !dry->changed && dry->to == "v1.0"));
  w.run(3s);
  BOOST_TEST(w.patches.empty());
  const auto done = w.coordinator->rollback(key, {"", "alice", false}, w.now);
  BOOST_TEST((done && done->changed && done->from == "v1.1" && done->to == "v1.0"));
  w.run(3s);
  BOOST_TEST(w.patches.size() == 1u);
  BOOST_TEST(app.annotations.at("kubernetes.io/change-cause").as_string() == "charon: rollback v1.1 -> v1.0 by alice");
  w.roll(app);
  w.run(3s);
  BOOST_TEST(w.state(app) == "RolledBack");
  BOOST_TEST(w.coordinator->rollback(key, {"v1.1", "alice", false}, w.now).error().is(Errc::conflict));  // bad
}

BOOST_AUTO_TEST_CASE(a_push_is_deployed_judged_rolled_back_and_its_digest_never_deployed_again) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  app.annotations["charon.dev/follow"] = "v1.*";
  w.publish(app);
  const auto push = [&](std::string tag, std::string_view content) { return w.coordinator->image_pushed({"registry:5000", "test-app", std::move(tag), Digest(digest_of(content))}, {"shop"}, w.now); };
  BOOST_TEST(w.coordinator->image_pushed({"", "test-app", "v1.2", Digest(digest_of("v1.2"))}, {"other"}, w.now).empty());
  BOOST_TEST(!push("latest", "v1.2").at(0).changed);
  BOOST_TEST(push("v1.2", "v1.2").at(0).changed);
  w.run(3s);
  BOOST_REQUIRE_EQUAL(app.tag, "v1.2");
  w.roll(app);
  w.run(15s);
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(app.tag, "v1.0");
  w.roll(app);
  w.run(5s);
  const auto again = push("v1.3", "v1.2");
  BOOST_TEST((!again.at(0).changed && again.at(0).message.find("quarantined") != std::string::npos));
  BOOST_TEST(push("v1.2", "v1.2 repaired").at(0).changed);
  w.run(3s);
  BOOST_TEST(app.pod_template.at("spec").at("containers").at(0).at("image").as_string() == "registry:5000/test-app:v1.2@" + digest_of("v1.2 repaired"));
  BOOST_TEST(w.state(app) == "Judging");
}

BOOST_AUTO_TEST_CASE(a_bad_release_that_somebody_puts_back_is_contested_and_not_fought) {
  World w;
  App& app = w.judging("v1.2");
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(15s);
  w.roll(app);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.state(app), "RolledBack");
  app.manager = "jenkins";
  w.set_image(app, "v1.2");
  w.roll(app);
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(2min);
  BOOST_TEST(w.state(app) == "Contested");
  BOOST_TEST(w.reason(app).find("jenkins") != std::string::npos);
  BOOST_TEST(w.patches.size() == 1u);
  w.set_image(app, "v1.3");
  w.roll(app);
  w.run(5s);
  BOOST_TEST(w.state(app) == "Judging");
}

BOOST_AUTO_TEST_CASE(a_watch_event_from_before_the_patch_is_no_contest) {
  World w;
  App& app = w.judging("v1.2");
  const auto before = w.deployment_object(app);
  w.fails(w.pod_on(app, "node-2"), w.now);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.patches.size(), 1u);
  w.coordinator->on_deployment(before, w.now);  // it was on its way when the answer to the PATCH came
  w.run(2s);
  BOOST_TEST(w.told("Contested") == 0u);
  w.roll(app);
  w.run(5s);
  BOOST_TEST(w.state(app) == "RolledBack");
}

BOOST_AUTO_TEST_CASE(a_workload_that_argo_owns_is_only_told_of) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  app.annotations["argocd.argoproj.io/tracking-id"] = "shop:apps/Deployment:shop/test-app";
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(15s);
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(1min);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.told("BadRelease") == 1u);
  BOOST_TEST(w.state(app) == "Bad");
  BOOST_TEST(w.reason(app).find("Argo CD") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_frozen_workload_is_left_alone_until_it_is_not) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  const WorkloadKey key{"shop", "Deployment", "test-app"};
  BOOST_TEST(w.coordinator->freeze(key, {}, w.now)->changed);
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(15s);
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(1min);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.state(app) == "Frozen");
  BOOST_TEST(w.coordinator->unfreeze(key, {}, w.now)->changed);
  w.run(3s);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_release_that_only_fails_where_the_stable_never_ran_is_held) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.2");
  app.nodes = {"node-1", "node-2", "node-9"};
  w.roll(app, {"node-1", "node-9"});
  w.run(15s);
  w.fails(w.pod_on(app, "node-9"), w.now);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.patches.size(), 1u);
  BOOST_TEST(app.paused);
  BOOST_TEST(w.state(app) == "Held");
  BOOST_TEST(app.tag == "v1.2");
  w.set_image(app, "v1.3");  // a new template is not held back by the old one's pause
  w.run(15s);
  BOOST_TEST(!app.paused);
}

BOOST_AUTO_TEST_CASE(many_workloads_that_degrade_at_once_are_an_outage) {
  World w;
  const std::vector<App*> list = w.eight_on_a_new_release();
  for (App* app : list) w.fails(w.pod_on(*app, app->nodes[0]), w.now);
  w.run(1min);
  BOOST_TEST(w.logged("an outage rather than bad releases"));
  BOOST_TEST(w.coordinator->counters().breaker_open);
  BOOST_TEST(w.told("Outage") == 1u);
  BOOST_TEST(w.patches.empty());
}

BOOST_AUTO_TEST_CASE(agents_are_told_to_wait_until_their_pod_is_known_and_refused_where_it_is_not_theirs) {
  World w;
  AgentIdentity unknown;
  unknown.ns = "shop";
  unknown.pod = "x";
  unknown.pod_uid = PodUid("nobody");
  BOOST_TEST(w.coordinator->hello(unknown, {BootId("b"), "1"}, w.now).error().is(Errc::unavailable));
  App& app = w.settled("test-app", {"node-1"});
  AgentIdentity other = w.identity(app, w.pod_on(app, "node-1"));
  other.pod = "somebody-else";
  BOOST_TEST(w.coordinator->hello(other, {BootId("b"), "1"}, w.now).error().is(Errc::forbidden));
}

BOOST_AUTO_TEST_CASE(shares_of_alpha_stay_within_alpha_over_restarts_of_agents_and_coordinator) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.1");
  w.roll(app);
  double sum = 0;
  std::multiset<double> shares;
  for (int i = 0; i < 40; ++i) {
    if (i % 3 == 2) w.restart();  // right after shares were handed out, before the ledger tells of them
    for (auto& [uid, pod] : app.pods) {
      pod.agent.boot = fmt::format("boot-{}-{}", i, uid);
      pod.agent.alpha = 0;
      for (int tries = 0; tries < 5 && pod.agent.alpha == 0; ++tries) {
        (void)w.hello(app, pod);
        if (pod.agent.alpha > 0) break;
        w.tick();
        w.now += 1s;
      }
      BOOST_REQUIRE_GT(pod.agent.alpha, 0);
      sum += pod.agent.alpha;
      shares.insert(pod.agent.alpha);
    }
  }
  BOOST_TEST(shares.count(0.00025) == 2u);  // of the two replicas that were expected
  for (const double share : shares)
    if (share != 0.00025) BOOST_TEST(shares.count(share) == 1u);
  BOOST_TEST(sum <= 0.0006);  // the pods together have the rest
  BOOST_TEST(sum > 0.0005);
}

BOOST_AUTO_TEST_CASE(a_repeated_report_changes_nothing_and_an_unknown_agent_is_asked_to_say_hello) {
  World w;
  App& app = w.settled("test-app", {"node-1"});
  Pod& pod = w.pod_on(app, "node-1");
  wire::Report r;
  r.boot_id = BootId("another");
  r.sequence = 5;
  BOOST_TEST(w.coordinator->report(w.identity(app, pod), r, w.now)->policy_version == 0u);
  r.sequence = 3;
  BOOST_TEST(w.coordinator->report(w.identity(app, pod), r, w.now)->acknowledged == 5u);
  r.totals.push_back({"x", wire::MetricKind::error_ratio, {}, {1}, 1});
  BOOST_TEST(w.coordinator->report(w.identity(app, pod), r, w.now).error().is(Errc::invalid_input));
}

BOOST_AUTO_TEST_CASE(a_restart_of_a_coordinator_does_not_count_stable_totals_twice) {
  World w;
  (void)w.settled("test-app", {"node-1"});
  w.run(2min);
  const auto before = w.baselines.at("shop/test-app").at("spec").at("metrics").at(0).at("windows").to_number<std::uint64_t>();
  w.restart();
  w.run(2min);
  const auto after = w.baselines.at("shop/test-app").at("spec").at("metrics").at(0).at("windows").to_number<std::uint64_t>();
  BOOST_TEST(after >= before);
  BOOST_TEST(after - before <= 40u);  // two minutes of one pod, not its whole life
}

BOOST_AUTO_TEST_CASE(candidates_get_the_control_of_stable_pods_that_still_run) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.1");
  w.roll(app, {"node-1"});
  w.run(1min);
  const wire::Control control = w.pod_on(app, "node-1").agent.reply.control;
  BOOST_TEST(control.pods == 1u);
  BOOST_TEST(control.same_node_pods == 0u);
  BOOST_TEST(control.metrics.size() == 1u);
  BOOST_TEST((control.since > start_of_time + 30min));
  BOOST_TEST(w.pod_on(app, "node-2").agent.reply.control.metrics.empty());
  BOOST_TEST(!control.none_runs);
  w.restart();
  w.run(10s);
  BOOST_TEST(!w.pod_on(app, "node-1").agent.reply.control.none_runs);
  w.roll(app);
  w.run(1min);
  BOOST_TEST(w.pod_on(app, "node-1").agent.reply.control.none_runs);
}

BOOST_AUTO_TEST_CASE(a_policy_that_cannot_be_used_never_patches_and_hides_no_other) {
  const auto policy = [](std::string_view name, std::string_view settle) {
    return read_policy(boost::json::parse(fmt::format(R"({{"metadata":{{"namespace":"shop","name":"{0}","uid":"{0}"}},"spec":{{"action":"hold","settleTime":"{1}"}}}})", name, settle)).as_object(), {});
  };
  const PolicyObject bad = policy("a", "0s"), good = policy("b", "5m");
  BOOST_TEST(!bad.problem.empty());
  BOOST_TEST((bad.policy.action == PolicyAction::notify));
  const std::map<std::string, PolicyObject> both{{"a", bad}, {"b", good}};
  BOOST_TEST(choose_policy(both, "shop", {})->name == "b");
}

BOOST_AUTO_TEST_CASE(a_policy_is_read_with_bounds_and_the_first_by_name_holds) {
  World w;
  w.policies = {R"({"metadata":{"namespace":"shop","name":"b","uid":"2"},"spec":{"action":"patch"}})",
                R"({"metadata":{"namespace":"shop","name":"a","uid":"1"},"spec":{"action":"notify","settleTime":"1m"}})"};
  w.restart();
  App& app = w.deploy_new("shop", "test-app", {"node-1", "node-2"});
  w.roll(app);
  w.run(2min);
  BOOST_TEST(w.state(app) == "Stable");
  BOOST_TEST(w.logged("a is used, b is not"));
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(15s);
  w.fails(w.pod_on(app, "node-1"), w.now);
  w.run(15s);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST(w.told("BadRelease") == 1u);
}

BOOST_AUTO_TEST_CASE(labels_decide_what_is_watched) {
  World w;
  App& app = w.settled("test-app", {"node-1"});
  w.coordinator->on_namespace({{"metadata", object{{"name", "shop"}, {"labels", object{{"charon.dev/injection", "disabled"}}}}}}, w.now);
  BOOST_TEST(w.coordinator->watched().empty());
  BOOST_TEST(w.coordinator->hello(w.identity(app, w.pod_on(app, "node-1")), {BootId("b"), "1"}, w.now).error().is(Errc::forbidden));
  w.coordinator->on_namespace({{"metadata", object{{"name", "shop"}, {"labels", object{{"charon.dev/injection", "enabled"}}}}}}, w.now);
  BOOST_TEST(w.coordinator->watched().size() == 1u);
  w.run(3s);
  BOOST_TEST(w.stable(app) == "v1.0");
}

BOOST_AUTO_TEST_CASE(readers_see_releases_pods_and_coverage) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.pod_on(app, "node-2").agent.silent = true;
  w.run(1min);
  const auto view = w.coordinator->workload({"shop", "Deployment", "test-app"}, w.now);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->at("coverage").at("reporting").to_number<int>() == 1);
  BOOST_TEST(view->at("pods").as_array().size() == 2u);
  BOOST_TEST(view->at("releases").at(0).at("state").as_string() == "adopted");
  BOOST_TEST(w.coordinator->workloads("shop").at("workloads").as_array().size() == 1u);
  BOOST_TEST(w.coordinator->workloads("other").at("workloads").as_array().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
