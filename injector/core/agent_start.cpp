#include "injector/core/agent_start.hpp"

#include "injector/core/pod_view.hpp"

#include <algorithm>
#include <array>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// Waiting reasons of the kubelet that do not pass by themselves (pkg/kubelet/images/types.go, container/sync_result.go).
constexpr std::array<std::string_view, 11> stuck_reasons{
    "ErrImagePull",          "ImagePullBackOff",           "InvalidImageName",           "ErrImageNeverPull",
    "ImageInspectError",     "RegistryUnavailable",        "SignatureValidationFailed",  "CreateContainerConfigError",
    "CreateContainerError",  "RunContainerError",          "CrashLoopBackOff"};

const json::object* agent_of(const json::object& parent, std::string_view list) {
  const json::array* containers = array_of(parent, list);
  if (!containers) return nullptr;
  for (const json::value& value : *containers)
    if (const json::object* container = value.if_object(); container && text_of(*container, "name") == agent_container_name)
      return container;
  return nullptr;
}

}  // namespace

AgentStartState agent_start(const json::object& pod, std::string_view image) {
  const json::object* spec = object_of(pod, "spec");
  const json::object* specified = spec ? agent_of(*spec, "initContainers") : nullptr;
  if (spec && !specified) specified = agent_of(*spec, "containers");
  if (!specified || text_of(*specified, "image") != image) return {};
  AgentStartState out{AgentStart::starting, {}, {}};
  const json::object* status = object_of(pod, "status");
  const json::object* container = status ? agent_of(*status, "initContainerStatuses") : nullptr;
  if (status && !container) container = agent_of(*status, "containerStatuses");
  const json::object* state = container ? object_of(*container, "state") : nullptr;
  if (!state) return out;
  if (const json::object* running = object_of(*state, "running")) {
    out.start = AgentStart::running;
    if (const auto started = parse_time(text_of(*running, "startedAt"))) out.started = *started;
  } else if (const json::object* waiting = object_of(*state, "waiting")) {
    const std::string_view reason = text_of(*waiting, "reason");
    if (std::find(stuck_reasons.begin(), stuck_reasons.end(), reason) != stuck_reasons.end()) {
      out.start = AgentStart::stuck;
      out.reason = std::string(reason);
    }
  }
  return out;
}

}  // namespace charon::injector
