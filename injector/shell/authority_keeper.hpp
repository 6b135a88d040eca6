#pragma once
/// Keeps the certificate authority's Secret: made by whichever replica is first, rotated when due, and written back where it
/// was deleted or spoilt (docs/injection.md, "The webhook").
#include "injector/shell/authority.hpp"
#include "lib/kube/client.hpp"

#include <optional>

namespace charon::injector {

inline constexpr std::string_view authority_secret_name = "charon-ca";
inline constexpr std::string_view coordinator_secret = "charon-coordinator-tls";
/// Replicas that start together meet at the Secrets: how often one that was overtaken looks again.
inline constexpr int max_conflicts = 5;

class AuthorityKeeper {
 public:
  AuthorityKeeper(std::shared_ptr<kube::Client> client, std::string ns, Log log) : client_(std::move(client)), ns_(std::move(ns)), log_(std::move(log)) {}

  /// Errors: those of the API server; unavailable while it waits for a replica that holds the lost authority; conflict.
  boost::asio::awaitable<Result<void>> refresh(Time now);
  /// The authority as of the last refresh that succeeded; empty before the first.
  const std::optional<Authority>& held() const { return held_; }

 private:
  boost::asio::awaitable<Result<bool>> certificates_about();

  std::shared_ptr<kube::Client> client_;
  std::string ns_;
  Log log_;
  std::optional<Authority> held_;
  std::optional<Time> missing_since_;
};

/// Creates or replaces; conflict where somebody was faster.
boost::asio::awaitable<Result<void>> store_secret(std::shared_ptr<kube::Client> client, std::string ns, std::string name, boost::json::object secret, bool exists);

}  // namespace charon::injector
