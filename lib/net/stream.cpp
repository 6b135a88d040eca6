#include "lib/net/stream.hpp"

#include <sys/socket.h>

namespace charon::net {
namespace asio = boost::asio;

asio::awaitable<boost::system::error_code> Stream::handshake(asio::ssl::stream_base::handshake_type type) {
  auto [ec] = co_await tls_->async_handshake(type, as_value);
  co_return ec;
}

void Stream::shutdown_send() {
  // SSL_shutdown only queues close_notify in the engine's memory, and awaiting it would wait for the peer. HTTP tells
  // complete from truncated by itself (Content-Length, chunks), so FIN alone is enough: all our messages have a length.
  boost::system::error_code ignored;
  tcp_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Stream::close() { tcp_.close(); }

bool Stream::stale() {
  char byte = 0;
  const auto n = ::recv(tcp_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // TLS 1.3 session tickets may wait there unread; over plain TCP nothing is expected.
  return n == 0 || !tls_;
}

}  // namespace charon::net
