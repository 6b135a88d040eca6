#include "tests/unit/coordinator/world.hpp"

/// A release is stable when every agent that looks at it passed, and none took it back, for the settle time.
namespace charon::coordinator::test {

BOOST_AUTO_TEST_SUITE(promotion)

BOOST_AUTO_TEST_CASE(a_pass_that_was_lost_has_to_last_anew) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(20min);
  w.pod_on(app, "node-1").agent.verdict = wire::Verdict::inconclusive;
  w.run(1min);
  w.pass_all(app);
  w.run(29min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(2min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
}

BOOST_AUTO_TEST_CASE(a_process_that_restarted_has_to_run_for_the_settle_time_again) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(20min);
  ++w.pod_on(app, "node-1").agent.process_restarts;
  w.run(29min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(2min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
}

BOOST_AUTO_TEST_CASE(a_process_that_never_stops_restarting_is_adopted_and_never_proven) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  for (int i = 0; i < 12; ++i) {
    ++w.pod_on(app, "node-1").agent.process_restarts;
    w.run(5min);
  }
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
  BOOST_TEST(w.ledger(app).current()->evidence.find("processes restart") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(trouble_and_agents_that_fall_silent_end_a_pass) {
  for (const bool trouble : {true, false}) {
    World w;
    App& app = w.judging("v1.1", 1min);
    w.pass_all(app);
    w.run(20min);
    for (auto& [uid, pod] : app.pods) {
      if (trouble) pod.agent.log_evidence = 4;
      else pod.agent.silent = true;
    }
    w.run(2min);
    for (auto& [uid, pod] : app.pods) {
      pod.agent.log_evidence = 0;
      pod.agent.silent = false;
    }
    w.run(20min);
    BOOST_TEST(w.state(app) == "Judging");
    w.run(12min);
    BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
  }
}

BOOST_AUTO_TEST_CASE(a_pod_that_is_added_has_to_pass_and_takes_nothing_back) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(28min);
  app.nodes.push_back("node-3");
  w.roll(app);
  w.run(1min);
  BOOST_REQUIRE(w.pod_on(app, "node-3").ready);
  w.run(31min);  // it settles as every pod, without a Pass
  BOOST_TEST(w.state(app) == "Judging");
  w.pass_all(app);
  w.run(20s);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
}

BOOST_AUTO_TEST_CASE(a_pod_that_never_passes_is_not_waited_for_for_ever) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(5min);
  app.nodes.push_back("node-3");
  w.roll(app);
  w.run(58min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(4min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
}

BOOST_AUTO_TEST_CASE(a_release_whose_levels_could_not_be_judged_is_adopted_and_says_so) {
  World w;
  App& app = w.judging("v1.1", 1min);
  for (auto& [uid, pod] : app.pods) pod.agent.suspended = wire::Suspension{{"http_request_duration_seconds mean"}, 1.9, true, true};
  w.run(70min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::adopted));
  const std::string reason(w.ledger(app).reason);
  BOOST_TEST(reason.find("no proof (levels are not judged now: the pod gets 1.9 times the requests of its control") == 0, reason);
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_coordinator_does_not_forget_how_long_a_pass_lasts) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.pass_all(app);
  w.run(20min);
  w.restart();
  w.run(12min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
}

BOOST_AUTO_TEST_CASE(a_late_pass_is_given_its_time_before_a_release_is_called_unproven) {
  World w;
  App& app = w.judging("v1.1", 1min);
  w.run(50min);
  w.pass_all(app);
  w.run(25min);
  BOOST_TEST(w.state(app) == "Judging");
  w.run(6min);
  BOOST_TEST((w.ledger(app).current()->state == ReleaseState::stable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charon::coordinator::test
