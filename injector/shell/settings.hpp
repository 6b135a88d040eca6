#pragma once
/// What the injector is told on its command line.
#include "injector/core/agent_container.hpp"
#include "injector/core/native_sidecar.hpp"
#include "lib/kube/client_settings.hpp"

namespace charon::injector {

struct Settings {
  unsigned short listen = 8443;      ///< HTTPS webhook
  unsigned short admin = 9090;       ///< plain: /healthz, /readyz, /metrics
  std::string ns = "charon-system";  ///< the injector's own namespace: its Secrets
  std::string service = "charon-injector";                ///< that the API server calls; also the Deployment's name
  std::string webhook_configuration = "charon-injector";  ///< whose caBundle is kept
  std::string coordinator_service = "charon-coordinator";
  AgentSettings agent;
  NativeSidecar native_sidecar = NativeSidecar::automatic;
  unsigned breaker_pods = 2;
  Duration breaker_retry{300'000};
  Duration drain{5'000};             ///< served on after SIGTERM, until no API server calls any more
  kube::ClientSettings api;
  Level log_level = Level::info;
};

/// Empty: help or version was asked for and printed. Errors: invalid_input.
Result<std::optional<Settings>> read_settings(int argc, const char* const* argv);

}  // namespace charon::injector
