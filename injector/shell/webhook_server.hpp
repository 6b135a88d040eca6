#pragma once
/// The HTTPS server that API servers call: POST /inject/enabled and /inject/requested, named after the webhook entries.
#include "injector/shell/cluster_view.hpp"
#include "lib/net/http_server.hpp"

namespace charon::injector {

struct WebhookServerConfig {
  std::string address = "::";
  unsigned short port = 8443;
  AgentSettings agent;                         ///< without trust roots
  std::function<std::string()> trust_roots;    ///< PEM, as of now
};

/// Errors: unavailable (the port is taken).
Result<std::shared_ptr<net::HttpServer>> webhook_server(boost::asio::any_io_executor executor, WebhookServerConfig config, std::shared_ptr<net::TlsServer> tls,
                                                        ClusterView& cluster, Metrics& metrics, Log log);

}  // namespace charon::injector
