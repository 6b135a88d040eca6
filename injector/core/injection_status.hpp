#pragma once
/// The pod annotation `charon.dev/status`: JSON that says what was injected, or why nothing was.
#include "injector/core/agent_container.hpp"

namespace charon::injector {

inline constexpr std::string_view status_annotation = "charon.dev/status";

/// {"version", "injected": true, "container": "native sidecar" | "container", "endpoint": {port, path, scheme, container, source}, "adminPort", "warnings"}
std::string injected_status(const AgentSettings& settings, const AgentPlan& plan, const std::vector<std::string>& warnings);
/// {"version", "injected": false, "reason", "message"}
std::string skipped_status(const AgentSettings& settings, const Skip& skip);

/// What a pod's status annotation says where nothing was injected and its workload should be told.
struct NotInjected {
  std::string reason, message;
};
/// Anybody may write annotations: reason and message are bounded, and only Charon's own reasons count.
std::optional<NotInjected> not_injected(const boost::json::object& pod);

}  // namespace charon::injector
