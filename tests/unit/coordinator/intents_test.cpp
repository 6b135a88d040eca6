#include "tests/unit/coordinator/world.hpp"

/// What happens between a decision and its PATCH, and what becomes of an intent that is not carried out.
namespace charon::coordinator::test {

BOOST_AUTO_TEST_SUITE(intents)

/// v1.2 fails on node-2; v1.0 is what there is to go back to.
App& failing(World& w) {
  App& app = w.judging("v1.2");
  w.fails(w.pod_on(app, "node-2"), w.now);
  return app;
}

BOOST_AUTO_TEST_CASE(the_guards_hold_until_the_patch) {
  const WorkloadKey key{"shop", "Deployment", "test-app"};
  struct Row {
    const char* name;
    std::function<void(World&, App&)> shut, open;  ///< open: empty where it does not open again
  };
  const Row rows[] = {
      {"frozen", [&](World& w, App&) { BOOST_TEST(w.coordinator->freeze(key, {}, w.now).has_value()); }, [&](World& w, App&) { BOOST_TEST(w.coordinator->unfreeze(key, {}, w.now).has_value()); }},
      {"budget", [](World& w, App&) { w.set_policy(R"({"maxRollbacksPerHour":0})"); }, [](World& w, App&) { w.set_policy("{}"); }},
      {"paused by its owner", [](World& w, App& app) { app.paused = true; ++app.version; w.publish(app); }, [](World& w, App& app) { app.paused = false; ++app.version; w.publish(app); }},
      {"other automation", [](World& w, App& app) { app.annotations["argocd.argoproj.io/tracking-id"] = "x"; ++app.version; w.publish(app); }, {}},
      {"another policy", [](World& w, App&) { w.set_policy(R"({"action":"notify"})"); }, {}},
  };
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(row.name) {
      World w;
      App& app = failing(w);
      w.run_until_intended(app);
      row.shut(w, app);
      w.run(30s);
      BOOST_TEST(w.patches.empty());
      BOOST_TEST((w.ledger(app).intent->phase == IntentPhase::dropped));
      BOOST_TEST(w.told("RollbackDropped") == 1u);
      if (!row.open) continue;
      BOOST_TEST((w.ledger(app).current()->state == ReleaseState::candidate));
      BOOST_TEST(w.ledger(app).quarantined.empty());
      row.open(w, app);
      w.run(15s);
      BOOST_TEST(w.patches.size() == 1u);
      BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
    }
}

BOOST_AUTO_TEST_CASE(an_outage_that_shows_after_the_decision_stops_its_patches) {
  World w;
  const std::vector<App*> list = w.eight_on_a_new_release();
  w.fails(w.pod_on(*list[0], "node-0"), w.now);
  w.run_until_intended(*list[0]);
  for (App* app : list) w.fails(w.pod_on(*app, app->nodes[0]), w.now);
  w.report();
  w.run(1min);
  BOOST_TEST(w.patches.empty());
  BOOST_TEST((w.ledger(*list[0]).current()->state == ReleaseState::candidate));
  BOOST_TEST(w.told("Outage") == 1u);
}

BOOST_AUTO_TEST_CASE(a_person_may_roll_back_what_guards_keep_charon_from) {
  World w;
  App& app = failing(w);
  const WorkloadKey key{"shop", "Deployment", "test-app"};
  BOOST_TEST(w.coordinator->freeze(key, {}, w.now).has_value());
  BOOST_TEST(w.coordinator->rollback(key, {"", "alice", false}, w.now).has_value());
  w.run(3s);
  BOOST_TEST(w.patches.size() == 1u);
  BOOST_TEST(app.tag == "v1.0");
}

BOOST_AUTO_TEST_CASE(who_asked_for_a_rollback_is_told_when_it_is_dropped) {
  World w;
  App& app = w.judging("v1.1");
  w.patch_error = fail(Errc::conflict, "shop/test-app changed 5 times in a row");
  BOOST_TEST(w.coordinator->rollback({"shop", "Deployment", "test-app"}, {"", "alice", false}, w.now).has_value());
  w.run(5s);
  BOOST_TEST(w.told("RollbackDropped") == 1u);
  BOOST_TEST(w.reason(app) == "the rollback to v1.0, asked for by alice was dropped: shop/test-app changed 5 times in a row");
  BOOST_TEST(w.logged("RollbackDropped shop/test-app: the rollback to v1.0"));
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::candidate));  // and judged as before
}

BOOST_AUTO_TEST_CASE(a_proven_release_whose_rollback_is_dropped_stays_what_it_was) {
  for (const bool dropped : {true, false})
    BOOST_TEST_CONTEXT("dropped: " << dropped) {
      World w;
      App& app = w.judging("v1.1");
      w.pass_all(app);
      w.run(35min);
      const ReleaseLedger before = w.ledger(app);
      BOOST_REQUIRE_EQUAL(w.stable(app), "v1.1");
      const auto baseline = [&] { return w.coordinator->baseline(w.identity(app, w.pod_on(app, "node-1")), w.now)->metrics.size(); };
      BOOST_REQUIRE(baseline() > 0u);
      for (auto& [uid, pod] : app.pods) pod.agent.verdict = wire::Verdict::inconclusive;  // so that it is not promoted anew
      w.run(15s);
      if (dropped) w.patch_error = fail(Errc::conflict, "shop/test-app changed 5 times in a row");
      BOOST_TEST(w.coordinator->rollback({"shop", "Deployment", "test-app"}, {"", "alice", false}, w.now).has_value());
      w.run(5s);
      const ReleaseLedger after = w.ledger(app);
      BOOST_TEST((after.stable_id == before.current_id) == dropped);
      BOOST_TEST((baseline() > 0u) == dropped);
      const ReleaseRecord& r = *after.release(before.current_id);
      BOOST_TEST((r.state == (dropped ? ReleaseState::stable : ReleaseState::bad)));
      BOOST_TEST((r.since == before.current()->since) == dropped);
    }
}

BOOST_AUTO_TEST_CASE(a_patch_that_failed_leaves_no_bad_release_as_the_stable_one) {
  World w;
  App& app = w.judging("v1.1");
  w.pass_all(app);
  w.run(35min);
  w.patch_error = fail(Errc::forbidden, "not allowed");
  BOOST_TEST(w.coordinator->rollback({"shop", "Deployment", "test-app"}, {"", "alice", false}, w.now).has_value());
  w.run(5s);
  BOOST_TEST(w.told("PatchFailed") == 1u);
  BOOST_TEST(w.stable(app) == "v1.0");
}

BOOST_AUTO_TEST_CASE(a_guard_that_shuts_after_a_patch_whose_answer_was_lost_does_not_disown_it) {
  World w;
  App& app = failing(w);
  w.run_until_intended(app);
  w.patch_error = fail(Errc::timeout, "no answer");
  w.run(2s);
  BOOST_TEST(w.coordinator->freeze({"shop", "Deployment", "test-app"}, {}, w.now).has_value());
  w.run(30s);
  BOOST_TEST((w.ledger(app).intent->phase == IntentPhase::intended));
  w.run(5min);
  BOOST_TEST((w.ledger(app).intent->phase == IntentPhase::dropped));  // the watch would have told
  BOOST_TEST(w.patches.empty());
}

BOOST_AUTO_TEST_CASE(a_template_from_somebody_else_after_a_lost_answer_is_a_release_of_its_own) {
  World w;
  App& app = failing(w);
  w.run_until_intended(app);
  w.lose_answers = true;
  w.run(2s);
  BOOST_REQUIRE_EQUAL(w.patches.size(), 1u);
  w.lose_answers = false;
  w.set_image(app, "v1.5");  // on top of the PATCH, whose annotation is still there
  w.roll(app);
  w.run(5s);
  BOOST_TEST(w.ledger(app).current()->name == "v1.5");
  BOOST_TEST(w.ledger(app).last_stable()->aliases.empty());
  BOOST_TEST(w.state(app) == "Judging");
}

BOOST_AUTO_TEST_CASE(the_plans_own_template_after_a_lost_answer_is_the_stable_release) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.pod_on(app, "node-1").tag = "v1.0 pushed again";  // so a rollback goes to a digest
  w.pod_on(app, "node-1").agent.boot = "boot-2";
  w.pod_on(app, "node-1").agent.alpha = 0;
  w.publish(app);
  w.run(15s);
  BOOST_REQUIRE(w.ledger(app).current_id != w.ledger(app).stable_id);
  w.fails(w.pod_on(app, "node-1"), w.pod_on(app, "node-1").started);
  w.run_until_intended(app);
  w.lose_answers = true;
  w.run(2s);
  w.lose_answers = false;
  BOOST_TEST(app.pod_template.at("spec").at("containers").at(0).at("image").as_string() == "registry:5000/test-app@" + digest_of("v1.0"));
  w.restart();
  w.run(15s);
  BOOST_TEST(w.ledger(app).current_id == w.ledger(app).stable_id);
  BOOST_TEST(w.ledger(app).last_stable()->aliases.size() == 1u);
  BOOST_TEST(w.patches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_pushed_digest_that_no_pod_ever_reported_is_quarantined_too) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  app.annotations["charon.dev/follow"] = "v1.*";
  w.publish(app);
  const auto push = [&](std::string tag) { return w.coordinator->image_pushed({"registry:5000", "test-app", std::move(tag), Digest(digest_of("v1.2"))}, {"shop"}, w.now); };
  BOOST_TEST(push("v1.2").at(0).changed);
  w.run(3s);
  w.new_container_status = boost::json::parse(R"({"imageID":"","ready":false,"restartCount":4,"state":{"running":null,"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}})").as_object();
  w.roll(app, {"node-1"});
  w.new_container_status = {};
  w.run(5s);
  BOOST_REQUIRE_EQUAL(app.tag, "v1.0");
  BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
  w.roll(app);
  w.run(5s);
  BOOST_TEST(push("v1.3").at(0).message.find("quarantined") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_release_that_charon_rolled_back_is_contested_whatever_was_deployed_in_between) {
  World w;
  App& app = failing(w);
  w.run(15s);
  w.roll(app);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.state(app), "RolledBack");
  BOOST_TEST(w.coordinator->rollout({"shop", "Deployment", "test-app"}, "test-app", "v1.4", {"", "alice", false}, w.now).has_value());
  w.run(3s);
  w.roll(app);
  w.run(15s);
  BOOST_REQUIRE_EQUAL(w.state(app), "Judging");
  app.manager = "jenkins";
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(15s);
  BOOST_TEST(w.state(app) == "Contested");
}

BOOST_AUTO_TEST_CASE(a_release_that_a_person_rolled_back_and_deployed_again_is_judged_again) {
  World w;
  App& app = w.judging("v1.1");
  BOOST_TEST(w.coordinator->rollback({"shop", "Deployment", "test-app"}, {"", "alice", false}, w.now).has_value());
  w.run(3s);
  w.roll(app);
  w.run(15s);
  w.set_image(app, "v1.1");
  w.roll(app);
  w.run(15s);
  BOOST_TEST(w.state(app) == "Judging");
}

BOOST_AUTO_TEST_CASE(charons_own_pause_does_not_outlive_its_template_even_where_frozen) {
  World w;
  App& app = w.settled("test-app", {"node-1", "node-2"});
  w.set_image(app, "v1.2");
  app.nodes = {"node-1", "node-2", "node-9"};
  w.roll(app, {"node-1", "node-9"});
  w.run(15s);
  w.fails(w.pod_on(app, "node-9"), w.now);
  w.run(15s);
  BOOST_REQUIRE(app.paused);
  BOOST_TEST(w.coordinator->freeze({"shop", "Deployment", "test-app"}, {}, w.now).has_value());
  w.set_image(app, "v1.3");
  w.run(15s);
  BOOST_TEST(!app.paused);
}

/// v1.2 fails late on node-3, where the stable release never ran: nobody can tell it from the node, and the policy patches.
App& ambiguous(World& w) {
  w.set_policy(R"({"ambiguous":"patch"})");
  App& app = w.settled("test-app", {"node-1", "node-2"});
  app.nodes.push_back("node-3");
  w.publish_node("node-3");
  w.set_image(app, "v1.2");
  w.roll(app);
  w.run(15s);
  w.fails(w.pod_on(app, "node-3"), w.now);
  w.run(2min);
  BOOST_TEST_REQUIRE(app.tag == "v1.0");
  BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
  return app;
}

BOOST_AUTO_TEST_CASE(an_ambiguous_rollback_after_which_the_stable_release_degrades_there_too_is_taken_back_and_blames_the_node) {
  for (const bool ready : {false, true})
    BOOST_TEST_CONTEXT("the stable release comes up: " << ready) {
      World w;
      App& app = ambiguous(w);
      w.roll(app);
      Pod& there = w.pod_on(app, "node-3");
      if (ready) {
        w.run(1min);
        BOOST_TEST((w.ledger(app).intent->phase == IntentPhase::recovered));
        BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));  // nothing speaks for it yet
        w.fails(there, w.now);
        w.run(2min);
      } else {
        there.ready = false;
        w.publish(app);
        w.run(20min);
        BOOST_TEST(w.told("RecoveryFailed") == 1u);
      }
      BOOST_TEST(!w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
      BOOST_TEST(w.told("QuarantineLifted") == 1u);
      BOOST_TEST(w.told("NodeSuspect") == 1u);
      BOOST_TEST(w.reason(app).find("node-3") != std::string::npos, w.reason(app));
    }
}

BOOST_AUTO_TEST_CASE(what_stable_pods_had_seen_before_an_ambiguous_rollback_does_not_take_it_back) {
  World w;
  App& app = ambiguous(w);
  const Time before = *w.ledger(app).intent->patched - 10s;
  w.roll(app);
  for (const char* node : {"node-1", "node-2", "node-3"}) w.fails(w.pod_on(app, node), before);  // it overloaded what all share
  w.run(5min);
  BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
  BOOST_TEST(w.told("QuarantineLifted") == 0u);
}

BOOST_AUTO_TEST_CASE(an_ambiguous_rollback_after_which_all_is_well_or_another_node_degrades_stands) {
  for (const bool elsewhere : {false, true}) {
    World w;
    App& app = ambiguous(w);
    w.roll(app);
    w.run(1min);
    if (elsewhere) w.fails(w.pod_on(app, "node-1"), w.now);
    w.run(10min);
    BOOST_TEST(w.ledger(app).is_quarantined(Digest(digest_of("v1.2"))));
    BOOST_TEST(w.told("QuarantineLifted") == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
