#pragma once
/// The coordinator as one object: its parts, wired.
#include "coordinator/shell/api.hpp"
#include "coordinator/shell/cluster_feed.hpp"
#include "coordinator/shell/reconciler.hpp"
#include "lib/net/admin_server.hpp"

namespace charon::coordinator {

struct CoordinatorServerConfig {
  CoordinatorConfig core;
  std::string ns;                             ///< its own namespace
  std::string address = "::";
  unsigned short listen = 0, admin = 0;       ///< 0: the system chooses
  std::function<std::string()> trust_bundle;  ///< PEM roots that agents shall trust; may change
};

class CoordinatorServer {
 public:
  CoordinatorServer(std::shared_ptr<kube::Client> client, CoordinatorServerConfig config, Log log);

  /// Binds the admin port and starts watching. Errors: unavailable (the port is taken).
  Result<void> start();
  /// Binds the API's port, as soon as there is a certificate. Errors: unavailable.
  Result<void> listen(std::shared_ptr<net::TlsServer> tls);
  /// Stops accepting, finishes requests and actions in hand, ends the watches.
  boost::asio::awaitable<void> stop();

  unsigned short api_port() const { return api_server_->port(); }
  unsigned short admin_port() const { return admin_server_->port(); }
  /// Knows the cluster and takes requests.
  bool ready() const { return feed_.synced() && api_server_; }

 private:
  std::shared_ptr<kube::Client> client_;
  CoordinatorServerConfig config_;
  Log log_;
  ShellMetrics metrics_;
  Coordinator core_;
  Authenticator authenticator_;
  ClusterFeed feed_;
  Reconciler reconciler_;
  Api api_;
  net::TaskGroup servers_, watches_;
  std::shared_ptr<net::HttpServer> api_server_, admin_server_;
};

}  // namespace charon::coordinator
