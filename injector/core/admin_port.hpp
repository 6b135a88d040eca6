#pragma once
/// The port of the agent's own endpoint (/healthz, /metrics, /debug/evidence). A native sidecar starts first: on a port of
/// the application's it would keep the application from listening.
#include "injector/core/endpoint_discovery.hpp"

namespace charon::injector {

inline constexpr std::uint16_t usual_admin_port = 19095;

/// 19095, or the next port above that no container of the pod declares, in whatever protocol, and that is not the metrics
/// endpoint.
std::uint16_t admin_port(const PodView& pod, const Endpoint& endpoint);

}  // namespace charon::injector
