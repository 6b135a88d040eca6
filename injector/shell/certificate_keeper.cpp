#include "injector/shell/certificate_keeper.hpp"

#include "injector/shell/events.hpp"

namespace charon::injector {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

}  // namespace

CertificateKeeper::CertificateKeeper(std::shared_ptr<kube::Client> client, CertificateConfig config, Log log)
    : client_(std::move(client)), config_(std::move(config)), log_(std::move(log)), authority_(client_, config_.ns, log_) {}

std::vector<std::string> CertificateKeeper::names_of_service(const std::string& service) const {
  const std::string name = service + "." + config_.ns + ".svc";
  return {name, name + ".cluster.local"};
}

asio::awaitable<Result<void>> CertificateKeeper::refresh_coordinator(Time now) {
  const Authority authority = *authority_.held();
  const std::vector<std::string> names = names_of_service(config_.coordinator_service);
  for (int i = 0; i < max_conflicts; ++i) {
    HttpRequest request = kube::get(kube::secrets, config_.ns, std::string(coordinator_secret));
    const auto secret = co_await client_->call(std::move(request));
    if (!secret && !secret.error().is(Errc::not_found)) co_return secret.error();
    std::optional<LeafState> leaf;
    if (secret) leaf = read_server_secret(*secret, authority);
    if (!plan_leaf(leaf, names, now)) co_return Result<void>();

    const auto issued = issue(authority, names, now);
    if (!issued) co_return issued.error();
    const std::string version = secret ? resource_version(*secret) : std::string();
    json::object document = server_secret(config_.ns, std::string(coordinator_secret), authority, *issued, version);
    const auto stored = co_await store_secret(client_, config_.ns, std::string(coordinator_secret), std::move(document), secret.has_value());
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

asio::awaitable<Result<void>> CertificateKeeper::refresh_root(Time now) {
  const auto refreshed = co_await authority_.refresh(now);
  if (authority_.held())
    if (auto own = refresh_own(*authority_.held(), now); !own && refreshed) co_return own;
  co_return refreshed;
}

asio::awaitable<Result<void>> CertificateKeeper::refresh(Time now) {
  // The own certificate first: the coordinator's Secret may be out of reach, and pods are still to be admitted.
  const auto root = co_await refresh_root(now);
  if (!root) co_return root;
  const auto coordinator = co_await refresh_coordinator(now);
  co_return coordinator;
}

}  // namespace charon::injector
