#pragma once
/// A TCP connection, with TLS over it or not, behind one type: code above it is written and compiled once.
/// Satisfies Beast's AsyncStream. Each read and write ends at the deadline with beast::error::timeout.
#include "lib/base/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace charon::net {

using Steady = std::chrono::steady_clock::time_point;
/// Errors come as values: `auto [ec, n] = co_await stream.async_read_some(buffer, as_value)`.
inline constexpr auto as_value = boost::asio::as_tuple(boost::asio::use_awaitable);

class Stream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using lowest_layer_type = boost::asio::ip::tcp::socket;

  explicit Stream(executor_type executor) : tcp_(std::move(executor)) {}
  explicit Stream(boost::asio::ip::tcp::socket socket) : tcp_(std::move(socket)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return tcp_.get_executor(); }
  boost::beast::tcp_stream& tcp() { return tcp_; }
  /// Of all later reads and writes.
  void deadline(Steady at) { tcp_.expires_at(at); }

  /// From here on bytes go through TLS; the handshake comes next.
  boost::asio::ssl::stream<boost::beast::tcp_stream&>& start_tls(std::shared_ptr<boost::asio::ssl::context> context) {
    context_ = std::move(context);
    return tls_.emplace(tcp_, *context_);
  }
  boost::asio::awaitable<boost::system::error_code> handshake(boost::asio::ssl::stream_base::handshake_type type);
  /// The context that start_tls was called with; null over plain TCP.
  const std::shared_ptr<boost::asio::ssl::context>& tls_context() const { return context_; }

  /// Says that no more will be sent (close_notify, FIN) without waiting for the peer's answer.
  void shutdown_send();
  /// Ends operations in hand with operation_aborted and frees the socket.
  void close();
  /// True if an idle connection cannot carry another request: the peer closed it, or sent what nobody asked for.
  bool stale();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::shared_ptr<boost::asio::ssl::context> context_;  // outlives tls_
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace charon::net
