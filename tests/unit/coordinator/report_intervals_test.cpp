/// What the coordinator reads from how often agents scrape and report, and from how long they have done so.
#include "tests/unit/coordinator/world.hpp"

namespace charon::coordinator::test {
namespace {

BOOST_AUTO_TEST_SUITE(report_intervals)

BOOST_AUTO_TEST_CASE(after_a_start_it_says_that_it_decides_when_agents_of_every_policy_had_time_to_report) {
  World w;
  w.settled("test-app", {"node-1"});
  w.set_policy(R"({"reportInterval":"1m"})");
  w.run(5s);
  w.restart();
  w.run(50s);
  BOOST_TEST(!w.coordinator->counters().ready);
  w.run(15s);
  BOOST_TEST(w.coordinator->counters().ready);
}

BOOST_AUTO_TEST_CASE(from_its_start_is_meant_by_the_pods_own_scrapes) {
  for (const Duration interval : {Duration{5s}, Duration{1min}}) {
    World w;
    App& app = w.judging("v1.1", 6min, {"node-1", "node-2", "node-3"});
    Pod& pod = w.pod_on(app, "node-1");
    pod.agent.scrape_interval = interval;
    w.fails(pod, pod.started + 5min);
    w.run(2min);
    BOOST_TEST((w.ledger(app).quarantined.size() == 1) == (interval == 1min), w.reason(app));
  }
}

BOOST_AUTO_TEST_CASE(pods_lives_before_a_restart_are_not_taken_for_the_load_now) {
  for (const bool now_too : {false, true}) {
    World w;
    App& app = w.judging("v1.1", 5min, {"node-1", "node-2", "node-3"});
    const auto burst = [&] {
      for (auto& [uid, pod] : app.pods) pod.agent.good += 200'000;
    };
    burst();
    w.run(10min);
    w.restart();
    if (now_too) burst();
    for (auto& [uid, pod] : app.pods) w.fails(pod, w.now);
    w.run(30s);
    if (now_too) burst();
    w.run(5s);
    BOOST_TEST((w.reason(app).find("the load is outside") != std::string::npos) == now_too, w.reason(app));
    BOOST_TEST(w.patches.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator::test
