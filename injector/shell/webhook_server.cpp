#include "injector/shell/webhook_server.hpp"

#include "injector/shell/events.hpp"

namespace charon::injector {
namespace {

namespace asio = boost::asio;

struct Webhook {
  WebhookServerConfig config;
  ClusterView& cluster;
  Metrics& metrics;
  Log log;

  HttpResponse answer(const HttpRequest& request) {
    // The API server adds ?timeout=2s.
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    std::optional<std::string_view> namespace_value;
    if (path == "/inject/enabled") namespace_value = "enabled";
    else if (path != "/inject/requested") return net::problem(404, "Not found", "the webhook answers at /inject/enabled and /inject/requested");
    if (request.method != "POST") return net::problem(405, "Method not allowed", "an AdmissionReview is posted");

    const auto began = std::chrono::steady_clock::now();
    AgentSettings settings = config.agent;
    settings.trust_roots_pem = config.trust_roots();
    Admission admission = admit(request.body, namespace_value, settings, cluster.facts());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    metrics.admitted(admission, took.count());
    if (admission.skipped) events::skipped(log, admission, *admission.skipped);
    else events::injected(log, admission);
    if (!admission.skipped && !admission.dry_run && admission.workload) cluster.injected(*admission.workload, wall_now());
    return net::json_response(200, std::move(admission.body));
  }
};

asio::awaitable<HttpResponse> handle(std::shared_ptr<Webhook> webhook, HttpRequest request) { co_return webhook->answer(request); }

}  // namespace

net::HttpServerConfig webhook_limits() {
  net::HttpServerConfig limits;
  // Beyond this the review is refused and the pod admitted unchanged, by failurePolicy Ignore.
  limits.max_body_bytes = max_review_bytes + (64 << 10);
  // An answer takes about a millisecond: more calls than this are never in hand at once.
  limits.max_connections = 32;
  // The API server waits 2 s: who takes longer to send a review is none, and holds a place.
  limits.header_deadline = Duration{3'000};
  limits.handler_deadline = Duration{2'000};
  limits.idle = std::chrono::minutes{5};
  return limits;
}

Result<std::shared_ptr<net::HttpServer>> webhook_server(asio::any_io_executor executor, WebhookServerConfig config, std::shared_ptr<net::TlsServer> tls,
                                                        ClusterView& cluster, Metrics& metrics, Log log) {
  net::HttpServerConfig server = webhook_limits();
  server.address = config.address;
  server.port = config.port;
  server.tls = std::move(tls);
  auto webhook = std::make_shared<Webhook>(Webhook{std::move(config), cluster, metrics, log});
  return net::HttpServer::listen(
      std::move(executor), std::move(server), [webhook](HttpRequest request) { return handle(webhook, std::move(request)); }, log);
}

}  // namespace charon::injector
