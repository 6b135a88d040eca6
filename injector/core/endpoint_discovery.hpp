#pragma once
/// Where a pod serves its metrics, told from its annotations and ports (docs/design.md, "Names people type").
#include "injector/core/pod_view.hpp"

#include <cstdint>

namespace charon::injector {

struct Endpoint {
  std::uint16_t port = 0;
  std::string path = "/metrics";
  std::string scheme = "http";
  std::string container;  ///< that serves it; empty where only a number is known
  std::string source;     ///< what named the port: "charon.dev/metrics-port", "port named metrics", ...
};

struct Discovery {
  std::optional<Endpoint> endpoint;   ///< empty: nothing tells
  std::vector<std::string> warnings;  ///< annotations with bad values, which were passed over
};

/// The port, first that is there: annotation `charon.dev/metrics-port` (a number or a container port's name);
/// `prometheus.io/port`; a container port named metrics, http-metrics or prom; the only TCP port of the application
/// containers. Path and scheme: charon.dev/metrics-*, then prometheus.io/* (unless charon.dev names another port, or
/// prometheus.io/scrape is "false"), then /metrics and http. `charon.dev/metrics-container` limits ports to one container.
Discovery discover_endpoint(const PodView& pod);

}  // namespace charon::injector
