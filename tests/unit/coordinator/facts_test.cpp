#include "coordinator/core/facts.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

using namespace std::chrono_literals;
const Time now = *parse_time("2026-11-23T12:00:00Z");

PodView pod(std::string node, ContainerView c) {
  PodView p;
  p.name = "pod-" + node;
  p.node = std::move(node);
  p.scheduled = !p.node.empty();
  p.containers = {std::move(c)};
  return p;
}
ContainerView container(std::string name) {
  ContainerView c;
  c.name = std::move(name);
  c.image = "registry/" + c.name + ":v2";
  return c;
}
ContainerView crashing(std::string name, std::int64_t restarts = 3, std::int64_t exit_code = 1) {
  ContainerView c = container(std::move(name));
  c.restarts = restarts;
  c.last = ContainerView::Termination{"Error", exit_code, now - 1min};
  return c;
}
ContainerView waiting(std::string name, std::string reason) {
  ContainerView c = container(std::move(name));
  c.waiting = std::move(reason);
  return c;
}
ContainerView killed(std::string name) {
  ContainerView c = container(std::move(name));
  c.last = ContainerView::Termination{"OOMKilled", 137, now - 1min};
  return c;
}

BOOST_AUTO_TEST_SUITE(facts)

BOOST_AUTO_TEST_CASE(what_counts_against_a_release) {
  struct Row {
    const char* name;
    ContainerView container;
    std::size_t against, notices;
  };
  const Row rows[] = {
      {"well", container("app"), 0, 0},
      {"crash loop", crashing("app"), 1, 0},
      {"two restarts", crashing("app", 2), 0, 0},
      {"restarts with exit code 0", crashing("app", 9, 0), 0, 0},
      {"back-off after a failure", [] { auto c = crashing("app", 1); c.waiting = "CrashLoopBackOff"; return c; }(), 1, 0},
      {"back-off of a service that ends well", [] { auto c = crashing("app", 2, 0); c.waiting = "CrashLoopBackOff"; return c; }(), 1, 0},
      {"restarts long ago", [] { auto c = crashing("app", 5); c.last->finished = now - 2h; return c; }(), 0, 0},
      {"out of memory", killed("app"), 1, 0},
      {"image pull", waiting("app", "ImagePullBackOff"), 1, 0},
      {"creating", waiting("app", "ContainerCreating"), 0, 0},
      {"a container that did not change", crashing("proxy"), 0, 1},
      {"the agent", crashing("charon-agent"), 0, 0},
  };
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(row.name) {
      const PodView p = pod("node-1", row.container);
      const Facts facts = read_facts({{&p}, {}, {"app"}, nullptr, {}}, now);
      BOOST_TEST(facts.against_release.size() == row.against);
      BOOST_TEST(facts.notices.size() == row.notices);
    }
}

BOOST_AUTO_TEST_CASE(a_stable_release_that_fails_likewise_acquits) {
  const PodView candidate = pod("node-1", killed("app")), same = pod("node-1", killed("app")), well = pod("node-1", container("app")), elsewhere = pod("node-2", killed("app"));
  BOOST_TEST(read_facts({{&candidate}, {&same}, {"app"}, nullptr, {}}, now).against_release.empty());
  BOOST_TEST(read_facts({{&candidate}, {&well}, {"app"}, nullptr, {}}, now).against_release.size() == 1u);
  BOOST_TEST(read_facts({{&candidate}, {&elsewhere}, {"app"}, nullptr, {}}, now).against_release.empty());
  BOOST_TEST(read_facts({{&candidate}, {&well, &elsewhere}, {"app"}, nullptr, {}}, now).against_release.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_passed_deadline_counts_only_with_a_scheduled_pod_to_blame) {
  DeploymentView d;
  d.conditions["Progressing"] = {false, "ProgressDeadlineExceeded", "", now};
  const PodView slow = pod("node-1", container("app")), unscheduled = pod("", container("app")), agent = pod("node-1", waiting("charon-agent", "ErrImagePull"));
  BOOST_TEST(read_facts({{&slow}, {}, {"app"}, &d, {}}, now).against_release.size() == 1u);
  for (const PodView* p : {&unscheduled, &agent}) {
    const Facts facts = read_facts({{p}, {}, {"app"}, &d, {}}, now);
    BOOST_TEST(facts.against_release.empty());
    BOOST_TEST(facts.notices.size() == 1u);
  }
  BOOST_TEST(read_facts({{}, {}, {"app"}, &d, {}}, now).notices.size() == 1u);
  d.generation = 2;  // the condition is of an older template
  BOOST_TEST(read_facts({{&slow}, {}, {"app"}, &d, {}}, now).against_release.empty());
}

BOOST_AUTO_TEST_CASE(what_crashes_on_a_suspect_node_counts_against_the_node) {
  const std::map<std::string, std::string> suspects{{"node-1", "another workload crashes there"}};
  const PodView oom = pod("node-1", killed("app")), loop = pod("node-1", crashing("app")), pull = pod("node-1", waiting("app", "ErrImagePull")), elsewhere = pod("node-2", killed("app"));
  for (const PodView* p : {&oom, &loop}) {
    const Facts facts = read_facts({{p}, {}, {"app"}, nullptr, suspects}, now);
    BOOST_TEST(facts.against_release.empty());
    BOOST_REQUIRE_EQUAL(facts.against_node.size(), 1u);
    BOOST_TEST(facts.against_node[0].text.ends_with(", and another workload crashes there"));
  }
  for (const PodView* p : {&pull, &elsewhere}) BOOST_TEST(read_facts({{p}, {}, {"app"}, nullptr, suspects}, now).against_release.size() == 1u);
  DeploymentView d;
  d.conditions["Progressing"] = {false, "ProgressDeadlineExceeded", "", now};
  BOOST_TEST(read_facts({{&oom}, {}, {"app"}, &d, suspects}, now).against_release.empty());
}

BOOST_AUTO_TEST_CASE(crashes_that_speak_against_a_node) {
  ContainerView sigkill = container("app"), failed = container("app"), agent = killed("charon-agent");
  sigkill.last = ContainerView::Termination{"Error", 137, now - 1min};
  failed.last = ContainerView::Termination{"Error", 1, now - 1min};
  const struct { const char* name; ContainerView container; bool crashes; } rows[] = {
      {"well", container("app"), false}, {"out of memory", killed("app"), true}, {"killed from outside", sigkill, true}, {"failed once", failed, false},
      {"crash loop", crashing("app"), true}, {"the agent", agent, false}};
  for (const auto& row : rows) BOOST_TEST(crashes(pod("node-1", row.container), now) == row.crashes, row.name);
}

BOOST_AUTO_TEST_CASE(a_registry_is_named_by_its_domain) {
  PodView p = pod("node-1", waiting("app", "ErrImagePull"));
  p.containers[0].image = "10.0.0.1:5000/shop/app:v1";
  BOOST_TEST(failing_registries({&p}).contains("10.0.0.1:5000"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
