#pragma once
/// Charon's own certificate authority: ECDSA P-256, X.509 v3, made and read by OpenSSL.
#include "lib/base/clock.hpp"

#include <string>
#include <vector>

namespace charon::net {

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

/// A self-signed root: CA:TRUE, keyCertSign, pathlen 1 (room for a cross-signed root, RFC 5280, 4.2.1.9).
/// Errors of all that make certificates: invalid_input.
Result<KeyPair> make_root(std::string_view common_name, Time not_before, Time not_after);

/// A server certificate for DNS names (and IP addresses, recognised as such), serverAuth, signed by `root`.
Result<KeyPair> issue_server(const KeyPair& root, const std::vector<std::string>& names, Time not_before, Time not_after);

/// `new_root`'s name and public key certified by `old_root`, so that those who trust only the old one accept chains under the new:
/// a server sends it after its own certificate. pathlen 0.
Result<std::string> cross_sign(const KeyPair& old_root, const KeyPair& new_root, Time not_before, Time not_after);

struct CertificateInfo {
  Time not_before, not_after;
  std::vector<std::string> names;  ///< subject alternative names
};
/// Of the first certificate in the PEM.
Result<CertificateInfo> inspect(std::string_view certificate_pem);
/// True if `certificate_pem` is signed by `root_pem`.
bool issued_by(std::string_view certificate_pem, std::string_view root_pem);

}  // namespace charon::net
