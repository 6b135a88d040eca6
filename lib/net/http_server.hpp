#pragma once
/// HTTP/1.1 server, plain or TLS, every wait with a deadline and every body with a bound.
#include "lib/base/clock.hpp"
#include "lib/base/http_message.hpp"
#include "lib/base/log.hpp"
#include "lib/net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <cstdint>
#include <memory>

namespace charon::net {

struct HttpServerConfig {
  std::string address = "0.0.0.0";         ///< IPv4 or IPv6; "::" listens on both families
  unsigned short port = 0;                 ///< 0: the system chooses, see HttpServer::port()
  std::shared_ptr<TlsServer> tls;          ///< null: plain HTTP
  std::size_t max_body_bytes = 1 << 20;    ///< of one request; more is answered 413 and the connection closed
  std::size_t max_connections = 512;       ///< more wait in the listen queue; idle ones are closed to make room
  Duration header_deadline{10'000};        ///< from accept, or a later request's first byte, to the end of its head and body
  Duration handler_deadline{30'000};       ///< then 503, and the handler's coroutine is cancelled
  Duration idle{60'000};                   ///< a kept connection without a request is closed
};

/// What the server met since it began to listen.
struct HttpServerStats {
  std::uint64_t connections = 0;         ///< accepted
  std::uint64_t requests = 0;            ///< read whole and given to the handler
  std::uint64_t handshake_failures = 0;
  std::uint64_t too_large = 0;           ///< answered 413 or 431
  std::uint64_t malformed = 0;           ///< answered 400
  std::uint64_t late_requests = 0;       ///< did not arrive within header_deadline (408)
  std::uint64_t late_handlers = 0;       ///< did not answer within handler_deadline (503)
  std::uint64_t handler_failures = 0;    ///< threw (500)
  std::uint64_t evicted = 0;             ///< idle connections closed to make room
};

/// Answers one request; must not throw (a throw is answered 500 and logged). Content-Length, Connection, Date and
/// Transfer-Encoding of the response are the server's. HEAD comes as HEAD; the body of its answer is not sent.
using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

class HttpServer {
 public:
  /// Binds and listens. Errors: unavailable with the address (port taken, no permission).
  static Result<std::shared_ptr<HttpServer>> listen(boost::asio::any_io_executor executor, HttpServerConfig config, HttpHandler handler, Log log);

  unsigned short port() const;
  const HttpServerStats& stats() const;
  /// Accepts until stop().
  boost::asio::awaitable<void> serve();
  /// Goes on accepting and answering, but closes each connection after its next answer, and says so (Connection: close):
  /// clients that keep connections turn elsewhere one by one, before stop() closes what is left.
  void drain();
  /// Stops accepting, lets requests in hand finish (Connection: close) within `grace`, then closes what is left.
  boost::asio::awaitable<void> stop(Duration grace);

  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

/// application/problem+json (RFC 9457).
HttpResponse problem(unsigned status, std::string_view title, std::string_view detail);
HttpResponse json_response(unsigned status, std::string body);

}  // namespace charon::net
