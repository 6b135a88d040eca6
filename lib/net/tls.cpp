#include "lib/net/tls.hpp"

#include "lib/net/openssl.hpp"

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace charon::net {
namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::shared_ptr<ssl::context> new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return context;
}

// RFC 7301: a client that offers protocols, but not ours, is told so by an alert.
int select_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, http_1_1, sizeof http_1_1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string no_password(std::size_t, ssl::context::password_purpose) { return {}; }

Result<std::shared_ptr<ssl::context>> client_context(std::string_view roots_pem) {
  auto context = new_context(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  context->set_verify_mode(ssl::verify_peer);
  SSL_CTX_set_alpn_protos(native, http_1_1, sizeof http_1_1);
  if (roots_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(native) != 1) return openssl::error("system roots");
    return context;
  }
  const auto in = openssl::reader(roots_pem);
  std::size_t found = 0;
  while (const openssl::Certificate root{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(native), root.get()) != 1) return openssl::error("root certificate");
    ++found;
  }
  // The loop ends with "no start line" at the end of the bundle; any other reason is a damaged certificate.
  if (found == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return openssl::error("root certificates are not PEM");
  ERR_clear_error();
  return context;
}

Result<std::shared_ptr<ssl::context>> server_context(std::string_view chain_pem, std::string_view key_pem) {
  auto context = new_context(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
  boost::system::error_code ec;
  context->set_password_callback(no_password, ec);  // OpenSSL would ask on the terminal
  context->use_certificate_chain(asio::buffer(chain_pem.data(), chain_pem.size()), ec);
  if (ec) return fail(Errc::invalid_input, "certificate chain is not PEM: " + ec.message());
  context->use_private_key(asio::buffer(key_pem.data(), key_pem.size()), ssl::context::pem, ec);
  if (ec) return fail(Errc::invalid_input, "private key: " + ec.message());
  if (SSL_CTX_check_private_key(native) != 1) return openssl::error("private key does not match the certificate");
  return context;
}

}  // namespace

Result<std::shared_ptr<TlsClient>> TlsClient::create(std::string_view roots_pem) {
  auto client = std::make_shared<TlsClient>();
  const auto done = client->replace_roots(roots_pem);
  if (!done) return done.error();
  return client;
}

std::shared_ptr<TlsClient> TlsClient::unverified() {
  auto client = std::make_shared<TlsClient>();
  client->context_ = new_context(ssl::context::tls_client);
  client->context_->set_verify_mode(ssl::verify_none);
  SSL_CTX_set_alpn_protos(client->context_->native_handle(), http_1_1, sizeof http_1_1);
  return client;
}

Result<void> TlsClient::replace_roots(std::string_view roots_pem) {
  auto context = client_context(roots_pem);
  if (!context) return context.error();
  context_ = std::move(*context);
  return {};
}

Result<std::shared_ptr<TlsServer>> TlsServer::create(std::string_view chain_pem, std::string_view key_pem) {
  auto server = std::make_shared<TlsServer>();
  const auto done = server->replace(chain_pem, key_pem);
  if (!done) return done.error();
  return server;
}

Result<void> TlsServer::replace(std::string_view chain_pem, std::string_view key_pem) {
  auto context = server_context(chain_pem, key_pem);
  if (!context) return context.error();
  context_ = std::move(*context);
  return {};
}

}  // namespace charon::net
