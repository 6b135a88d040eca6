#pragma once
/// JSON patches (RFC 6902) on the raw pod. They add: parents only where they are missing, elements at the end of arrays;
/// nothing is replaced but Charon's own status annotation.
#include "injector/core/injection_status.hpp"

namespace charon::injector {

/// Volumes, container and status.
boost::json::array sidecar_patch(const PodView& pod, const AgentSettings& settings, const AgentPlan& plan, std::string_view status);

/// The status alone; empty where the pod says so already.
boost::json::array status_patch(const PodView& pod, std::string_view status);

}  // namespace charon::injector
