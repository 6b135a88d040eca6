#pragma once
/// TLS contexts that can be replaced while connections live. TLS 1.2 and later.
#include "lib/base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace charon::net {

/// A client's trust: which roots it believes. Thread-safe replacement is not offered; one io_context owns it.
class TlsClient {
 public:
  /// `roots_pem`: one or more certificates. Empty: the system's roots. Errors: invalid_input.
  static Result<std::shared_ptr<TlsClient>> create(std::string_view roots_pem);
  /// Encrypts and believes everybody: for a server in the same pod, reached on localhost.
  static std::shared_ptr<TlsClient> unverified();
  /// New connections use the new roots.
  Result<void> replace_roots(std::string_view roots_pem);
  std::shared_ptr<boost::asio::ssl::context> context() const { return context_; }

 private:
  std::shared_ptr<boost::asio::ssl::context> context_;
};

/// A server's identity.
class TlsServer {
 public:
  /// PEM chain (leaf first) and private key. Errors: invalid_input (not PEM, key does not match).
  static Result<std::shared_ptr<TlsServer>> create(std::string_view chain_pem, std::string_view key_pem);
  /// New handshakes use the new certificate; open connections go on.
  Result<void> replace(std::string_view chain_pem, std::string_view key_pem);
  std::shared_ptr<boost::asio::ssl::context> context() const { return context_; }

 private:
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace charon::net
