#include "tests/bench/release_regression/charon_column.hpp"

#include "tests/bench/release_regression/model.hpp"
#include "tests/bench/release_regression/simulated_agent.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace charon::bench {
namespace {

struct Seen {
  Decision first;              ///< that rolled back or held
  int at = 0;                  ///< its scrape of the candidate, from 1; 0: none
  int passed = 0, evidence = 0;  ///< the first scrape with a pass, and with the evidence for one
};

/// `change` sees each scrape before the column does.
Seen judge(const Scenario& scenario, Layout layout, std::uint64_t stream, const std::function<void(FleetScrape&)>& change = {}) {
  Model model;
  model.restarts_per_hour = 0;
  World world;
  world.begin(model, scenario, layout, true, stream);
  const auto column = make_charon();
  column->begin({});
  Seen seen;
  FleetScrape fleet;
  while (world.next(fleet)) {
    if (change) change(fleet);
    const Decision decision = column->scrape(fleet);
    if (fleet.phase != Phase::candidate) continue;
    if (decision.verdict == Verdict::pass && seen.passed == 0) seen.passed = fleet.index + 1;
    if (decision.evidence_passes && seen.evidence == 0) seen.evidence = fleet.index + 1;
    if (decision.verdict != Verdict::rollback && decision.verdict != Verdict::hold) continue;
    if (seen.at == 0) {
      seen.first = decision;
      seen.at = fleet.index + 1;
    }
    if (decision.verdict == Verdict::rollback) break;
  }
  return seen;
}

Scenario named(const std::vector<Scenario>& all, std::string_view name) {
  for (const Scenario& s : all)
    if (s.name == name) return s;
  BOOST_FAIL("no scenario " << name);
  return {};
}

Scenario errors_on_one_device() {
  for (const FaultSize& size : fault_sizes())
    if (size.fault == "errors" && size.text == "+20%") return fault(size, 120, true);
  BOOST_FAIL("no such fault");
  return {};
}

BOOST_AUTO_TEST_SUITE(benchmark_charon_column)

BOOST_AUTO_TEST_CASE(many_errors_on_one_device_roll_back_and_are_named) {
  World world;
  const Model model;
  const Scenario scenario = errors_on_one_device();
  world.begin(model, scenario, Layout::canary, true, 1);
  const Seen seen = judge(scenario, Layout::canary, 1);
  BOOST_TEST((seen.first.verdict == Verdict::rollback));
  BOOST_TEST(seen.at > 120);
  BOOST_TEST(seen.at < 135);
  BOOST_TEST(seen.first.metric == errors);
  BOOST_TEST(seen.first.pod == world.device());
}

BOOST_AUTO_TEST_CASE(a_healthy_release_passes_when_its_soak_time_is_over_and_no_earlier) {
  const Seen seen = judge(healthy_worlds().front(), Layout::canary, 1);
  BOOST_TEST(seen.at == 0);
  BOOST_TEST(seen.passed == 360);
  BOOST_TEST(seen.evidence > 0);
  BOOST_TEST(seen.evidence < 300);
}

BOOST_AUTO_TEST_CASE(a_release_that_came_up_late_has_not_soaked_yet) {
  const Seen seen = judge(named(traps(), "registry_outage"), Layout::canary, 1);
  BOOST_TEST(seen.evidence > 120);
  BOOST_TEST(seen.passed == 0);
}

BOOST_AUTO_TEST_CASE(images_that_nobody_can_pull_are_excused_by_what_other_pods_show) {
  const Scenario outage = named(traps(), "registry_outage");
  BOOST_TEST(judge(outage, Layout::canary, 1).at == 0);
  // Where nobody else waits for an image, the same failures are the release's: nothing but pod status acquits it.
  const Seen alone = judge(outage, Layout::canary, 1, [](FleetScrape& fleet) { fleet.others_pulling = 0; });
  BOOST_TEST((alone.first.verdict == Verdict::rollback));
  BOOST_TEST(alone.at == 1);
}

BOOST_AUTO_TEST_CASE(a_rollout_that_waits_for_its_images_longer_than_its_deadline_is_excused_with_them) {
  Scenario outage = named(traps(), "registry_outage");
  outage.pull_failing_until = 200;  // the deadline passes at 120
  BOOST_TEST(judge(outage, Layout::canary, 1).at == 0);
}

BOOST_AUTO_TEST_CASE(an_outage_is_held_by_what_other_workloads_show_on_the_nodes_and_only_then) {
  const Scenario outage = named(unidentifiable(), "outage");
  const Seen held = judge(outage, Layout::recreate, 1);
  BOOST_TEST((held.first.verdict == Verdict::hold));
  BOOST_TEST(held.first.cause == "environment");
  const Seen alone = judge(outage, Layout::recreate, 1, [](FleetScrape& fleet) {
    static std::array<NodeFacts, nodes_per_fleet> nothing;
    fleet.nodes = nothing;
  });
  BOOST_TEST(alone.first.cause != "environment");
  // Others in trouble do not excuse a release that fails where the stable one runs well.
  const Seen fault = judge(errors_on_one_device(), Layout::canary, 1, [](FleetScrape& fleet) {
    static std::array<NodeFacts, nodes_per_fleet> trouble;
    for (NodeFacts& node : trouble) node.others_degraded = true;
    fleet.nodes = trouble;
  });
  BOOST_TEST((fault.first.verdict == Verdict::rollback));
}

/// How many reports come from how many scrapes until the verdict is fail. `interval`: of reports.
std::pair<int, int> reports_until_fail(Duration interval) {
  const Scenario scenario = errors_on_one_device();
  const Model model;
  World world;
  world.begin(model, scenario, Layout::canary, false, 1);
  std::optional<SimulatedAgent> proven, agent;
  coordinator::BaselineStore store;
  const wire::AgentPolicy policy;
  FleetScrape fleet;
  int reports = 0, scrapes = 0, failing = 0;
  while (world.next(fleet) && failing == 0) {
    if (fleet.phase == Phase::stable) {
      const PodScrape& pod = fleet.pods[static_cast<std::size_t>(world.device())];
      if (!proven) proven.emplace(pod, policy, 0);
      proven->scrape(pod);
      continue;
    }
    const PodScrape& pod = fleet.pods[static_cast<std::size_t>(pods_per_release + world.device())];
    if (!agent) {
      const auto shown = coordinator::BaselineStore::shown(nullptr, proven->report(proven->scraped));
      store.candidate_showed(proven->known.pod_uid, proven->known.node, shown);
      store.candidate_promoted("stable", proven->scraped);
      agent.emplace(pod, policy, 0.0001);
      agent->learn_baseline(store);
    }
    agent->scrape(pod);
    ++scrapes;
    if (!agent->schedule) agent->begin_reports(interval, interval);
    if (agent->detector->evidence().verdict == wire::Verdict::fail) {
      ++failing;
      BOOST_TEST((agent->due() <= agent->scraped + Duration{500}));
    }
    if (agent->due() >= agent->scraped + Duration{4'750}) continue;
    const Time due = std::max(agent->due(), agent->scraped);
    // Twice as often where it is suspicious.
    const bool suspicious = agent->detector->evidence().log_evidence > 0;
    if (reports > 0 && failing == 0) BOOST_TEST((due - agent->known.received >= (suspicious ? interval / 2 : interval) * 9 / 10 - Duration{500}));
    agent->report(due);
    agent->replied({}, store, due);
    ++reports;
  }
  BOOST_TEST(failing == 1);
  BOOST_TEST(scrapes > 120);
  return {reports, scrapes};
}

BOOST_AUTO_TEST_CASE(agents_report_with_each_scrape_or_as_seldom_as_they_are_told_and_within_half_a_second_when_they_fail) {
  const auto [each, scrapes] = reports_until_fail(wire::AgentPolicy{}.report_interval);
  BOOST_TEST(each == static_cast<double>(scrapes), boost::test_tools::tolerance(0.05));
  const auto [seldom, later] = reports_until_fail(Duration{10'000});
  BOOST_TEST(seldom == later / 2.0, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::bench
