#pragma once
/// Keeps certificates alive: the authority's Secret (made by whichever replica is first), the coordinator's Secret, and this
/// replica's own server certificate, which stays in memory.
#include "injector/shell/authority_keeper.hpp"
#include "lib/net/tls.hpp"

namespace charon::injector {

struct CertificateConfig {
  std::string ns;
  std::string service, coordinator_service;  ///< names in the certificates: <service>.<ns>.svc and .svc.cluster.local
};

class CertificateKeeper {
 public:
  CertificateKeeper(std::shared_ptr<kube::Client> client, CertificateConfig config, Log log);

  /// Reads the Secrets and makes what plan_root and plan_leaf ask for. A replica that was faster is read, a bounded number
  /// of times. Errors: those of the API server, conflict where replicas kept overtaking each other.
  boost::asio::awaitable<Result<void>> refresh(Time now);
  /// The authority and this replica's own certificate alone. Where the Secret is out of reach, the one in memory goes on.
  boost::asio::awaitable<Result<void>> refresh_root(Time now);

  /// What clients believe; empty before the first refresh that succeeded.
  const std::string& bundle() const { return bundle_; }
  /// This replica's identity; null before the first refresh that succeeded. Replaced in place as it is renewed.
  const std::shared_ptr<net::TlsServer>& tls() const { return tls_; }

 private:
  boost::asio::awaitable<Result<void>> refresh_coordinator(Time now);
  Result<void> refresh_own(const Authority& authority, Time now);
  std::vector<std::string> names_of_service(const std::string& service) const;

  std::shared_ptr<kube::Client> client_;
  CertificateConfig config_;
  Log log_;
  AuthorityKeeper authority_;
  std::shared_ptr<net::TlsServer> tls_;
  net::KeyPair own_;
  std::string bundle_;
};

}  // namespace charon::injector
