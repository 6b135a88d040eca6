#pragma once
/// Charon's certificate authority as it is kept in a Secret.
#include "injector/core/authority_plan.hpp"
#include "lib/net/certificates.hpp"

#include <boost/json.hpp>

namespace charon::injector {

struct Authority {
  net::KeyPair root;
  std::string previous_pem;  ///< the root before this one, as long as pods may know only that; may be empty
  std::string cross_pem;     ///< this root certified by the previous one; may be empty

  /// What clients are to believe: this root and the one before.
  std::string bundle() const { return root.certificate_pem + previous_pem; }
  /// What a server sends: its certificate, and the cross-signed root for clients that know only the old one.
  std::string chain(const std::string& leaf_pem) const { return leaf_pem + cross_pem; }
};

/// Errors: invalid_input.
Result<Authority> make_authority(Time now);
/// A new root, cross-signed by the present one. Errors: invalid_input.
Result<Authority> rotate(const Authority& present, Time now);
/// `next`, a root made by somebody else, cross-signed by the present one where its place for that is free.
Result<Authority> adopt(const Authority& present, const Authority& next, Time now);
Result<RootAction> plan(const Authority& authority, Time now);
bool expired(const Authority& authority, Time now);

/// `resource_version` empty: to be created.
boost::json::object authority_secret(std::string_view ns, std::string_view name, const Authority& authority, std::string_view resource_version);
/// Errors: invalid_input where root or key is missing, no PEM, or they do not belong together. A previous root that is none
/// is left out.
Result<Authority> read_authority(const boost::json::object& secret);

/// A TLS Secret: tls.crt (the chain), tls.key, ca.crt (the bundle).
boost::json::object server_secret(std::string_view ns, std::string_view name, const Authority& authority, const net::KeyPair& leaf, std::string_view resource_version);
/// Whether such a Secret holds a trust bundle: some authority made it.
bool has_bundle(const boost::json::object& secret);
/// What plan_leaf asks of such a Secret; empty where it holds no certificate.
std::optional<LeafState> read_server_secret(const boost::json::object& secret, const Authority& authority);
/// The same of a certificate in hand.
std::optional<LeafState> leaf_state(std::string_view certificate_pem, const Authority& authority);
Result<net::KeyPair> issue(const Authority& authority, const std::vector<std::string>& names, Time now);

std::string resource_version(const boost::json::object& object);

}  // namespace charon::injector
