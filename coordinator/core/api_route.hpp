#pragma once
/// The coordinator's HTTP API as a table: method and path to a call with its parameters (docs/coordinator-api.md).
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace charon::coordinator {

inline constexpr std::size_t max_target_bytes = 2048;

enum class ApiCall {
  hello, report, baseline,                          ///< agents
  workloads, workload,                              ///< readers
  rollback, freeze, unfreeze, promote,              ///< operators
  registry_events,                                  ///< registries
  old_rollout, old_rollback,                        ///< old clients
};

/// Which parts of a route are set follows from `call`.
struct ApiRoute {
  ApiCall call{};
  std::string ns, kind, name;  ///< of /v1/workloads/{ns}/{kind}/{name}; kind in the API server's plural ("deployments").
                               ///< workloads: ns is the query's `namespace`, empty: all
  std::string to;              ///< rollback: the query's `to` (a release's tag, digest or template hash), empty: the last stable one
  std::uint64_t version = 0;   ///< baseline: the version the agent has
  bool dry_run = false;
};

/// Why there is no such call. `allow`: for 405, the method that the path takes.
struct ApiRefusal {
  unsigned status = 404;  ///< 400, 404, 405 or 414
  std::string detail;
  std::string allow;
};

/// `target`: origin form, percent-encoded.
std::variant<ApiRoute, ApiRefusal> route(std::string_view method, std::string_view target);

}  // namespace charon::coordinator
