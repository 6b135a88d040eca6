#include "injector/shell/certificate_keeper.hpp"

#include "injector/shell/events.hpp"

namespace charon::injector {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// Replicas that start together meet here.
constexpr int max_conflicts = 5;

}  // namespace

CertificateKeeper::CertificateKeeper(std::shared_ptr<kube::Client> client, CertificateConfig config, Log log)
    : client_(std::move(client)), config_(std::move(config)), log_(std::move(log)) {}

std::vector<std::string> CertificateKeeper::names_of_service(const std::string& service) const {
  const std::string name = service + "." + config_.ns + ".svc";
  return {name, name + ".cluster.local"};
}

asio::awaitable<Result<void>> CertificateKeeper::store(json::object secret, std::string name, bool exists) {
  HttpRequest request = exists ? kube::replace(kube::secrets, config_.ns, name, json::value(std::move(secret)))
                               : kube::create(kube::secrets, config_.ns, json::value(std::move(secret)));
  const auto stored = co_await client_->call(std::move(request));
  if (!stored) co_return stored.error();
  co_return Result<void>();
}

asio::awaitable<Result<Authority>> CertificateKeeper::refresh_authority(Time now) {
  for (int i = 0; i < max_conflicts; ++i) {
    HttpRequest request = kube::get(kube::secrets, config_.ns, config_.authority_secret);
    const auto secret = co_await client_->call(std::move(request));
    if (!secret && !secret.error().is(Errc::not_found)) co_return secret.error();

    RootAction action = RootAction::create;
    Authority present;
    if (secret) {
      if (auto read = read_authority(*secret)) {
        present = std::move(*read);
        const auto planned = plan(present, now);
        if (!planned) co_return planned.error();
        action = *planned;
      }
    }
    if (action == RootAction::keep) co_return present;

    Authority next = present;
    if (action == RootAction::drop_previous) {
      next.previous_pem.clear();
      next.cross_pem.clear();
    } else {
      Result<Authority> made = action == RootAction::create ? make_authority(now) : rotate(present, now);
      if (!made) co_return made.error();
      next = std::move(*made);
    }
    const std::string version = secret ? resource_version(*secret) : std::string();
    json::object document = authority_secret(config_.ns, config_.authority_secret, next, version);
    const auto stored = co_await store(std::move(document), config_.authority_secret, secret.has_value());
    if (stored) {
      if (action == RootAction::drop_previous) events::previous_root_dropped(log_);
      else if (action == RootAction::rotate) events::root_rotated(log_, now + root_life);
      else events::root_made(log_, now + root_life);
      co_return next;
    }
    if (!stored.error().is(Errc::conflict)) co_return stored.error();
  }
  co_return fail(Errc::conflict, "other replicas keep changing the certificate authority");
}

asio::awaitable<Result<void>> CertificateKeeper::refresh_coordinator(Authority authority, Time now) {
  const std::vector<std::string> names = names_of_service(config_.coordinator_service);
  for (int i = 0; i < max_conflicts; ++i) {
    HttpRequest request = kube::get(kube::secrets, config_.ns, config_.coordinator_secret);
    const auto secret = co_await client_->call(std::move(request));
    if (!secret && !secret.error().is(Errc::not_found)) co_return secret.error();
    std::optional<LeafState> leaf;
    if (secret) leaf = read_server_secret(*secret, authority);
    if (!plan_leaf(leaf, names, now)) co_return Result<void>();

    const auto issued = issue(authority, names, now);
    if (!issued) co_return issued.error();
    const std::string version = secret ? resource_version(*secret) : std::string();
    json::object document = server_secret(config_.ns, config_.coordinator_secret, authority, *issued, version);
    const auto stored = co_await store(std::move(document), config_.coordinator_secret, secret.has_value());
    if (stored) {
      events::certificate_issued(log_, "coordinator", now + leaf_life);
      co_return Result<void>();
    }
    if (!stored.error().is(Errc::conflict)) co_return stored.error();
  }
  co_return fail(Errc::conflict, "other replicas keep changing the coordinator's certificate");
}

Result<void> CertificateKeeper::refresh_own(const Authority& authority, Time now) {
  const std::vector<std::string> names = names_of_service(config_.service);
  std::optional<LeafState> leaf;
  if (tls_) leaf = leaf_state(own_.certificate_pem, authority);
  if (leaf) leaf->bundle_current = bundle_ == authority.bundle();
  if (!plan_leaf(leaf, names, now)) return {};
  auto issued = issue(authority, names, now);
  if (!issued) return issued.error();
  const std::string chain = authority.chain(issued->certificate_pem);
  if (tls_) {
    if (auto ok = tls_->replace(chain, issued->key_pem); !ok) return ok;
  } else {
    auto created = net::TlsServer::create(chain, issued->key_pem);
    if (!created) return created.error();
    tls_ = std::move(*created);
  }
  own_ = std::move(*issued);
  bundle_ = authority.bundle();
  events::certificate_issued(log_, "injector", now + leaf_life);
  return {};
}

asio::awaitable<Result<void>> CertificateKeeper::refresh(Time now) {
  auto authority = co_await refresh_authority(now);
  if (!authority) co_return authority.error();
  // The own certificate first: the coordinator's Secret may be out of reach, and pods are still to be admitted.
  if (auto own = refresh_own(*authority, now); !own) co_return own.error();
  Authority copy = std::move(*authority);
  auto coordinator = co_await refresh_coordinator(std::move(copy), now);
  co_return coordinator;
}

}  // namespace charon::injector
