#pragma once
/// What one TLS client connection expects of its peer.
#include "lib/base/error.hpp"

#include <openssl/ssl.h>

#include <string>

namespace charon::net {

/// The certificate must be for `name`: an address is matched against IP subject alternative names (RFC 9110, 4.3.5), a DNS
/// name against DNS names, and then also sent as SNI. Errors: invalid_input.
Result<void> expect_peer(SSL* ssl, const std::string& name);

/// ": unable to get local issuer certificate" after a handshake that failed for the certificate, else empty.
std::string verification_failure(const SSL* ssl);

}  // namespace charon::net
