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

/// Bounds of connections, bodies and times. At its worst the server holds a whole review for each connection and one of
/// them read as JSON; charts/charon/values.yaml gives the container more than that.
net::HttpServerConfig webhook_limits();
/// What one review of the largest size may take once it is read (measured: 74 MiB where it is all "0,0,0,...").
inline constexpr std::size_t parsed_review_bytes = std::size_t{80} << 20;

/// Errors: unavailable (the port is taken).
Result<std::shared_ptr<net::HttpServer>> webhook_server(boost::asio::any_io_executor executor, WebhookServerConfig config, std::shared_ptr<net::TlsServer> tls,
                                                        ClusterView& cluster, Metrics& metrics, Log log);

}  // namespace charon::injector
