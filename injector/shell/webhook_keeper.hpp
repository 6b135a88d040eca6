#pragma once
/// Keeps the trust bundle in every entry of the webhook configuration, also after someone re-applied or reset it. Before it
/// writes it reads the authority's Secret again: what that holds counts, not which replica writes last.
#include "injector/shell/certificate_keeper.hpp"
#include "lib/net/task_group.hpp"
#include "lib/kube/watcher.hpp"

namespace charon::injector {

class WebhookKeeper {
 public:
  WebhookKeeper(std::shared_ptr<kube::Client> client, std::string configuration, std::shared_ptr<CertificateKeeper> certificates, net::TaskGroup& tasks, Log log);

  /// Watches the configuration and patches as needed. Runs until cancelled.
  boost::asio::awaitable<void> watch();
  /// Patches if the last known configuration needs it: after the bundle changed, and again after a failure.
  boost::asio::awaitable<void> reconcile();

 private:
  struct State;
  std::shared_ptr<kube::Client> client_;
  std::string configuration_;
  std::shared_ptr<CertificateKeeper> certificates_;
  net::TaskGroup& tasks_;
  Log log_;
  std::shared_ptr<State> state_;
};

}  // namespace charon::injector
