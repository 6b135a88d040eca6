#pragma once
/// What the agent is told: the environment that the injector writes into the container (docs/injection.md).
#include "lib/base/clock.hpp"
#include "lib/base/log.hpp"

#include <functional>
#include <optional>
#include <string>

namespace charon::agent {

struct Settings {
  std::string coordinator_host, coordinator_port;     ///< CHARON_COORDINATOR=https://host:port
  std::string trust_roots;                            ///< CHARON_TRUST_ROOTS: PEM
  std::string token_file = "/var/run/secrets/charon/token";  ///< CHARON_TOKEN_FILE
  unsigned short metrics_port = 0;                    ///< CHARON_METRICS_PORT
  std::string metrics_path = "/metrics";              ///< CHARON_METRICS_PATH
  bool metrics_tls = false;                           ///< CHARON_METRICS_SCHEME=https
  std::optional<Duration> scrape_interval;            ///< CHARON_SCRAPE_INTERVAL, beats the policy's
  unsigned short admin_port = 19095;                  ///< CHARON_ADMIN_PORT
  std::uint64_t memory_limit = 48u << 20;             ///< CHARON_MEMORY_LIMIT_BYTES, of the container
  Level log_level = Level::info;                      ///< CHARON_LOG_LEVEL
  std::string pod, ns, node;                          ///< POD_NAME, POD_NAMESPACE, NODE_NAME: for the log only
};

using Environment = std::function<const char*(const char* name)>;

/// Errors: invalid_input with the variable's name.
Result<Settings> read_settings(const Environment& environment);
/// CHARON_MEMORY_LIMIT_BYTES alone, for the supervisor, which must start whatever else is wrong.
std::uint64_t read_memory_limit(const Environment& environment);

}  // namespace charon::agent
