#include "lib/net/client_tls.hpp"

#include "lib/net/openssl.hpp"

#include <boost/asio/ip/address.hpp>

namespace charon::net {

Result<void> expect_peer(SSL* ssl, const std::string& name) {
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(name, not_an_address);
  if (!not_an_address) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) != 1) return openssl::error("expected address " + name);
    return {};
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.empty() || SSL_set1_host(ssl, name.c_str()) != 1) return openssl::error("expected name " + name);
  if (SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) return openssl::error("server name " + name);
  return {};
}

std::string verification_failure(const SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : std::string(": ") + X509_verify_cert_error_string(result);
}

}  // namespace charon::net
