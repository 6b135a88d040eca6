#pragma once
/// The agent's container and volumes (docs/design.md, "The agent container"), and its environment: the contract with agent/shell.
#include "injector/core/admin_port.hpp"
#include "injector/core/agent_resources.hpp"
#include "lib/base/clock.hpp"

namespace charon::injector {

/// The same for all pods.
struct AgentSettings {
  std::string image;              ///< pinned by digest in releases
  std::string version;            ///< written into charon.dev/status
  std::string coordinator;        ///< https://host:port
  std::string trust_roots_pem;    ///< that the agent believes the coordinator's certificate under
  std::string log_level;          ///< empty: the agent's default
  AgentResources resources;
};

inline constexpr std::string_view token_volume = "charon-token";
/// Mounted where the API server's token would be, see agent_container.cpp.
inline constexpr std::string_view mask_volume = "charon-no-api-token";

struct AgentPlan {
  Endpoint endpoint;
  AgentResources resources;
  std::optional<Duration> scrape_interval;  ///< of the pod's annotation
  bool native = false;
  std::uint16_t admin_port = usual_admin_port;
};

boost::json::object agent_container(const AgentSettings& settings, const AgentPlan& plan);
boost::json::array agent_volumes();

}  // namespace charon::injector
