#include "injector/core/agent_start.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

AgentStart start_of(std::string_view list, std::string_view statuses, std::string_view state) {
  return agent_start(object(fmt::format(R"({{"spec":{{"{}":[{{"name":"charon-agent"}}]}},"status":{{"{}":[{{"name":"app","state":{{"waiting":{{"reason":"ErrImagePull"}}}}}},
      {{"name":"charon-agent","state":{}}}]}}}})", list, statuses, state))).start;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(agent_start_state)

BOOST_AUTO_TEST_CASE(told_from_the_agents_own_container_alone) {
  for (const auto& [list, statuses] : {std::pair{"initContainers", "initContainerStatuses"}, std::pair{"containers", "containerStatuses"}}) {
    for (const auto* reason : {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CrashLoopBackOff"})
      BOOST_TEST((start_of(list, statuses, fmt::format(R"({{"waiting":{{"reason":"{}"}}}})", reason)) == AgentStart::stuck), reason);
    for (const auto* state : {R"({"waiting":{"reason":"PodInitializing"}})", R"({"waiting":{"reason":"ContainerCreating"}})", "{}", "null"})
      BOOST_TEST((start_of(list, statuses, state) == AgentStart::starting), state);
    BOOST_TEST((start_of(list, statuses, R"({"running":{"startedAt":"2026-11-23T12:00:00Z"}})") == AgentStart::running));
  }
  BOOST_TEST((agent_start(pod()).start == AgentStart::none));
  BOOST_TEST((agent_start({}).start == AgentStart::none));
  BOOST_TEST((agent_start(admitted(pod()).after).start == AgentStart::starting));
}

BOOST_AUTO_TEST_CASE(names_the_image_that_the_pod_asks_for) {
  for (const auto* list : {"initContainers", "containers"})
    BOOST_TEST(agent_start(object(fmt::format(R"({{"spec":{{"{}":[{{"name":"app","image":"a"}},{{"name":"charon-agent","image":"registry/agent@sha256:1"}}]}}}})", list))).image ==
               "registry/agent@sha256:1");
}

BOOST_AUTO_TEST_SUITE_END()
