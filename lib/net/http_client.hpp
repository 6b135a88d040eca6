#pragma once
/// HTTP/1.1 client for one origin, plain or TLS.
#include "lib/base/clock.hpp"
#include "lib/base/http_message.hpp"
#include "lib/net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace charon::net {

struct HttpClientConfig {
  std::string host;                          ///< name or address; also SNI and the name the certificate is checked for
  std::string port;
  std::string verify_name;                   ///< the certificate's name where it differs from host; empty: host
  std::shared_ptr<TlsClient> tls;            ///< null: plain HTTP
  std::size_t max_body_bytes = 8 << 20;      ///< of one response; more is Errc::too_large
};

/// Keeps at most one idle connection and opens more as calls overlap. Not thread-safe: one strand (io_context) owns it.
/// Errors: timeout, unavailable (connection, TLS handshake), too_large, invalid_input (not HTTP), shutting_down (the
/// calling coroutine was cancelled; its next await throws, as Asio does). An HTTP status of 400 and above is a response,
/// not an error.
class HttpClient {
 public:
  HttpClient(boost::asio::any_io_executor executor, HttpClientConfig config);
  ~HttpClient();

  /// One request and its whole response within `deadline`. A kept connection that the server closed meanwhile is
  /// retried once on a new one, for idempotent methods only (RFC 9110, 9.2.2). gzip bodies are inflated within the body
  /// bound, and then lose their Content-Encoding and Content-Length.
  boost::asio::awaitable<Result<HttpResponse>> request(HttpRequest request, Duration deadline);

  /// A response whose body is lines without end (a Kubernetes watch): `on_line` gets each, without the newline; a line of
  /// more than max_body_bytes is too_large. Ends with the body (a value: the status; the body of a status other than 200 is
  /// in `body`), with `timeout` when nothing came for `idle`, with `unavailable` when the connection broke in the middle,
  /// or when the coroutine is cancelled. Always on a connection of its own; connecting takes 15 s at most.
  boost::asio::awaitable<Result<HttpResponse>> lines(HttpRequest request, Duration idle, std::function<void(std::string_view)> on_line);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace charon::net
