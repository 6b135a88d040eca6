#include "injector/shell/authority.hpp"

#include "injector/core/pod_view.hpp"
#include "lib/base/base64.hpp"
#include "lib/net/tls.hpp"

#include <initializer_list>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// The same name for every root: a cross-signed root is then self-issued and does not count against pathlen (RFC 5280, 6.1.4).
constexpr std::string_view common_name = "charon-root";

std::string decoded(const json::object& secret, std::string_view key) {
  const json::object* data = object_of(secret, "data");
  if (!data) return {};
  const auto text = base64_decode(text_of(*data, key));
  return text ? *text : std::string();
}

json::object secret(std::string_view ns, std::string_view name, std::string_view resource_version,
                    std::initializer_list<std::pair<std::string_view, std::string_view>> entries) {
  json::object metadata{{"name", name}, {"namespace", ns}, {"labels", json::object{{"app.kubernetes.io/name", "charon"}}}};
  if (!resource_version.empty()) metadata["resourceVersion"] = resource_version;
  json::object data;
  for (const auto& [key, value] : entries)
    if (!value.empty()) data[key] = base64_encode(value);
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "kubernetes.io/tls"}, {"metadata", std::move(metadata)}, {"data", std::move(data)}};
}

Result<Validity> validity(std::string_view pem) {
  const auto info = net::inspect(pem);
  if (!info) return info.error();
  return Validity{info->not_before, info->not_after};
}

}  // namespace

Result<Authority> make_authority(Time now) {
  auto root = net::make_root(common_name, now - backdate, now + root_life);
  if (!root) return root.error();
  return Authority{std::move(*root), {}, {}};
}

Result<Authority> rotate(const Authority& present, Time now) {
  const auto next = make_authority(now);
  if (!next) return next.error();
  return adopt(present, *next, now);
}

Result<Authority> adopt(const Authority& present, const Authority& next, Time now) {
  if (!next.previous_pem.empty()) return next;
  const auto old = validity(present.root.certificate_pem);
  if (!old) return old.error();
  auto cross = net::cross_sign(present.root, next.root, now - backdate, old->not_after);
  if (!cross) return cross.error();
  return Authority{next.root, present.root.certificate_pem, std::move(*cross)};
}

bool expired(const Authority& authority, Time now) {
  const auto root = validity(authority.root.certificate_pem);
  return !root || now >= root->not_after;
}

Result<RootAction> plan(const Authority& authority, Time now) {
  const auto root = validity(authority.root.certificate_pem);
  if (!root) return root.error();
  std::optional<Validity> previous;
  if (!authority.previous_pem.empty()) {
    const auto found = validity(authority.previous_pem);
    if (!found) return found.error();
    previous = *found;
  }
  return plan_root(*root, previous, now);
}

json::object authority_secret(std::string_view ns, std::string_view name, const Authority& authority, std::string_view resource_version) {
  return secret(ns, name, resource_version,
                {{"tls.crt", authority.root.certificate_pem},
                 {"tls.key", authority.root.key_pem},
                 {"previous.crt", authority.previous_pem},
                 {"cross.crt", authority.cross_pem}});
}

Result<Authority> read_authority(const json::object& secret) {
  Authority out{{decoded(secret, "tls.crt"), decoded(secret, "tls.key")}, decoded(secret, "previous.crt"), decoded(secret, "cross.crt")};
  if (out.root.certificate_pem.empty() || out.root.key_pem.empty()) return fail(Errc::invalid_input, "the certificate authority's Secret lacks tls.crt or tls.key");
  // A server's identity has to fulfil the same: PEM, and the key is the certificate's.
  if (const auto pair = net::TlsServer::create(out.root.certificate_pem, out.root.key_pem); !pair) return pair.error();
  if (const auto info = net::inspect(out.root.certificate_pem); !info) return info.error();
  if (!net::inspect(out.previous_pem) || !net::issued_by(out.cross_pem, out.previous_pem)) out.previous_pem.clear(), out.cross_pem.clear();
  return out;
}

bool has_bundle(const json::object& secret) { return !decoded(secret, "ca.crt").empty(); }

json::object server_secret(std::string_view ns, std::string_view name, const Authority& authority, const net::KeyPair& leaf, std::string_view resource_version) {
  return secret(ns, name, resource_version,
                {{"tls.crt", authority.chain(leaf.certificate_pem)}, {"tls.key", leaf.key_pem}, {"ca.crt", authority.bundle()}});
}

std::optional<LeafState> leaf_state(std::string_view certificate_pem, const Authority& authority) {
  auto info = net::inspect(certificate_pem);
  if (!info) return std::nullopt;
  return LeafState{{info->not_before, info->not_after}, std::move(info->names), net::issued_by(certificate_pem, authority.root.certificate_pem), true};
}

std::optional<LeafState> read_server_secret(const json::object& secret, const Authority& authority) {
  if (decoded(secret, "tls.key").empty()) return std::nullopt;
  auto state = leaf_state(decoded(secret, "tls.crt"), authority);
  if (state) state->bundle_current = decoded(secret, "ca.crt") == authority.bundle();
  return state;
}

Result<net::KeyPair> issue(const Authority& authority, const std::vector<std::string>& names, Time now) {
  const auto root = validity(authority.root.certificate_pem);
  if (!root) return root.error();
  // A certificate that outlives its root ends with the root anyway.
  return net::issue_server(authority.root, names, now - backdate, std::min<Time>(now + leaf_life, root->not_after));
}

std::string resource_version(const json::object& object) {
  const json::object* metadata = object_of(object, "metadata");
  return metadata ? std::string(text_of(*metadata, "resourceVersion")) : std::string();
}

}  // namespace charon::injector
