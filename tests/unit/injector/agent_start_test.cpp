#include "injector/core/agent_start.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

AgentStart start_of(std::string_view list, std::string_view statuses, std::string_view state) {
  return agent_start(object(fmt::format(R"({{"spec":{{"{}":[{{"name":"charon-agent","image":"agent:1"}}]}},"status":{{"{}":[{{"name":"app","state":{{"waiting":{{"reason":"ErrImagePull"}}}}}},
      {{"name":"charon-agent","state":{}}}]}}}})", list, statuses, state)), "agent:1").start;
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
  BOOST_TEST((agent_start(pod(), "agent:1").start == AgentStart::none));
  BOOST_TEST((agent_start({}, "").start == AgentStart::none));
  BOOST_TEST((agent_start(admitted(pod()).after, settings().image).start == AgentStart::starting));
}

BOOST_AUTO_TEST_CASE(a_container_of_the_name_with_another_image_is_no_agent_of_ours) {
  const std::pair<const char*, AgentStart> cases[] = {{"agent:1", AgentStart::stuck}, {"agent:10", AgentStart::none}, {"agent", AgentStart::none}, {"", AgentStart::none}};
  for (const auto& [image, expected] : cases) {
    const auto of = object(fmt::format(R"({{"spec":{{"containers":[{{"name":"app","image":"agent:1"}},{{"name":"charon-agent","image":"{}"}}]}},
      "status":{{"containerStatuses":[{{"name":"charon-agent","state":{{"waiting":{{"reason":"ImagePullBackOff"}}}}}}]}}}})", image));
    BOOST_TEST((agent_start(of, "agent:1").start == expected), image);
  }
}

BOOST_AUTO_TEST_SUITE_END()
