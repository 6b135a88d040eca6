#include "coordinator/core/release_or_node.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

using namespace std::chrono_literals;
const Time now = *parse_time("2026-11-23T12:00:00Z");

NodeSituation failing(std::string node) {
  NodeSituation n;
  n.node = std::move(node);
  n.fails = true;
  n.since = now - 1min;
  return n;
}
NodeSituation healthy(std::string node) {
  NodeSituation n;
  n.node = std::move(node);
  return n;
}
template <class Change>
NodeSituation with(NodeSituation n, Change change) {
  change(n);
  return n;
}

BOOST_AUTO_TEST_SUITE(release_or_node_table)

BOOST_AUTO_TEST_CASE(a_stable_pod_in_doubt_is_waited_for_and_not_for_ever) {
  Situation s;
  s.nodes = {healthy("a"), with(failing("weak"), [](auto& n) { n.stable_runs = n.stable_in_doubt = true; })};
  s.failing_since = now - 10s;
  BOOST_TEST((release_or_node(s, now).cause == Cause::undecided));
  s.failing_since = now - 1min;
  BOOST_TEST((release_or_node(s, now).cause == Cause::release));
  s.nodes[1].stable_degraded = true;
  BOOST_TEST((release_or_node(s, now).cause == Cause::node));
}

BOOST_AUTO_TEST_CASE(each_row_of_the_table) {
  struct Row {
    const char* name;
    void (*change)(NodeSituation&);
    Cause cause;
    bool confident;
  };
  const Row rows[] = {
      {"stable runs well here", [](auto& n) { n.stable_runs = true; }, Cause::release, true},
      {"stable degrades here too", [](auto& n) { n.stable_runs = n.stable_degraded = true; }, Cause::node, true},
      {"stable ran before, at once", [](auto& n) { n.stable_ran_before = n.at_once = true; }, Cause::release, true},
      {"at once, but others suffered before it started", [](auto& n) { n.stable_ran_before = n.at_once = n.others_suffered_before = true; }, Cause::node, true},
      {"later, others suffer", [](auto& n) { n.stable_ran_before = n.others_suffer = true; }, Cause::node, true},
      {"later, node under pressure", [](auto& n) { n.stable_ran_before = true; n.condition = "MemoryPressure"; }, Cause::node, true},
      {"later, nothing else", [](auto& n) { n.stable_ran_before = true; }, Cause::ambiguous, true},
      {"never ran here", [](auto& n) { n.at_once = true; }, Cause::ambiguous, true},
      {"never ran here, later", [](auto&) {}, Cause::ambiguous, true},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      Situation s;
      s.nodes = {healthy("a"), healthy("b"), with(failing("weak"), row.change)};
      s.failing_since = now - 1min;
      const Attribution a = release_or_node(s, now);
      BOOST_TEST((a.cause == row.cause));
      BOOST_TEST(a.confident == row.confident);
      BOOST_TEST(a.nodes.size() == 1u);
      BOOST_TEST(a.reason.find("weak") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_fails) {
  Situation s;
  s.nodes = {healthy("a")};
  BOOST_TEST((release_or_node(s, now).cause == Cause::none));
}

BOOST_AUTO_TEST_CASE(a_late_onset_waits_for_the_others) {
  Situation s;
  s.nodes = {healthy("a"), with(failing("b"), [](auto& n) { n.stable_ran_before = true; })};
  s.failing_since = now - 29s;
  BOOST_TEST((release_or_node(s, now).cause == Cause::undecided));
  s.failing_since = now - 30s;
  BOOST_TEST((release_or_node(s, now).cause == Cause::ambiguous));
  BOOST_TEST((release_or_node(s, now).suspect == Suspect::node));
}

BOOST_AUTO_TEST_CASE(late_trouble_everywhere_without_a_stable_pod_may_be_the_requests) {
  Situation s;
  s.nodes = {failing("a"), failing("b"), healthy("c")};
  for (auto& n : s.nodes) n.stable_ran_before = true;
  s.failing_since = now - 1min;
  BOOST_TEST((release_or_node(s, now).cause == Cause::ambiguous));
  BOOST_TEST((release_or_node(s, now).suspect == Suspect::requests));
  s.stable_runs_somewhere = true;
  BOOST_TEST((release_or_node(s, now).cause == Cause::release));
}

BOOST_AUTO_TEST_CASE(most_nodes_speak_against_the_release_even_where_it_never_ran) {
  Situation s;
  s.nodes = {failing("a"), failing("b"), healthy("c")};
  for (auto& n : s.nodes) n.at_once = true;
  s.failing_since = now;
  BOOST_TEST((release_or_node(s, now).cause == Cause::release));
}

BOOST_AUTO_TEST_CASE(most_nodes_where_everything_suffers_are_an_outage) {
  Situation s;
  s.nodes = {failing("a"), failing("b"), healthy("c")};
  for (auto& n : s.nodes) n.stable_ran_before = n.others_suffer = true;
  s.failing_since = now - 1min;
  BOOST_TEST((release_or_node(s, now).cause == Cause::inconclusive));
}

BOOST_AUTO_TEST_CASE(unusual_load_without_a_stable_pod_left_tells_nothing) {
  Situation s;
  s.nodes = {with(failing("a"), [](auto& n) { n.stable_ran_before = true; }), healthy("b")};
  s.load_unusual = true;
  s.failing_since = now - 1min;
  BOOST_TEST((release_or_node(s, now).cause == Cause::inconclusive));
  s.nodes[0].at_once = true;  // load does not explain what is there from the start
  BOOST_TEST((release_or_node(s, now).cause == Cause::release));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
