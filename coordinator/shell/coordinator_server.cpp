#include "coordinator/shell/coordinator_server.hpp"

#include "coordinator/shell/shell_events.hpp"

namespace charon::coordinator {
namespace asio = boost::asio;

CoordinatorServer::CoordinatorServer(std::shared_ptr<kube::Client> client, CoordinatorServerConfig config, Log log)
    : client_(std::move(client)),
      config_(std::move(config)),
      log_(std::move(log)),
      core_(config_.core, log_),
      authenticator_(client_, metrics_),
      feed_(core_, authenticator_, client_, config_.ns, metrics_, log_),
      reconciler_(core_, client_, metrics_, log_),
      api_({core_, authenticator_, feed_, reconciler_, metrics_, config_.trust_bundle, log_}),
      servers_(client_->executor()),
      watches_(client_->executor()) {}

Result<void> CoordinatorServer::start() {
  net::AdminConfig admin;
  admin.address = config_.address;
  admin.port = config_.admin;
  admin.registry = metrics_.registry();
  admin.ready = [this] { return ready(); };
  auto server = net::admin_server(client_->executor(), std::move(admin), log_);
  if (!server) return server.error();
  admin_server_ = *server;
  servers_.spawn(admin_server_->serve());
  feed_.start(watches_);
  reconciler_.start(watches_);
  return {};
}

Result<void> CoordinatorServer::listen(std::shared_ptr<net::TlsServer> tls) {
  net::HttpServerConfig http;
  http.address = config_.address;
  http.port = config_.listen;
  http.tls = std::move(tls);
  http.max_body_bytes = wire::max_message_bytes;
  http.max_connections = 8192;  // an agent keeps one
  auto server = net::HttpServer::listen(client_->executor(), std::move(http), [this](HttpRequest request) { return api_.handle(std::move(request)); }, log_);
  if (!server) return server.error();
  api_server_ = *server;
  servers_.spawn(api_server_->serve());
  log_.info(shell_events::listening(api_port(), admin_port()));
  return {};
}

asio::awaitable<void> CoordinatorServer::stop() {
  if (api_server_) co_await api_server_->stop(std::chrono::seconds{10});
  co_await reconciler_.drain(std::chrono::seconds{10});
  co_await watches_.stop(std::chrono::seconds{5});
  if (admin_server_) co_await admin_server_->stop(std::chrono::seconds{1});
  co_await servers_.stop(std::chrono::seconds{1});
}

}  // namespace charon::coordinator
