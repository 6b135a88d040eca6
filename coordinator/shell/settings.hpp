#pragma once
/// What the coordinator is told on its command line.
#include "lib/base/error.hpp"
#include "lib/kube/client_settings.hpp"

#include <optional>
#include <string>

namespace charon::coordinator {

struct Settings {
  unsigned short listen = 8443;            ///< HTTPS API
  unsigned short admin = 9090;             ///< plain: /healthz, /readyz, /metrics
  std::string tls_dir = "/etc/charon/tls"; ///< tls.crt, tls.key, ca.crt
  std::string ns = "charon-system";        ///< the coordinator's own namespace: registry secrets
  kube::ClientSettings api;
  Level log_level = Level::info;
  std::optional<Duration> settle_time;     ///< in place of the core's default
};

/// Empty: help or version was asked for and printed. Errors: invalid_input.
Result<std::optional<Settings>> read_settings(int argc, const char* const* argv);

}  // namespace charon::coordinator
