#pragma once
/// One connection of the HTTP server: request, handler, response, until one side has enough. Private to lib/net.
#include "lib/net/http_server.hpp"
#include "lib/net/stream.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <set>

namespace charon::net {

/// What sessions of one server share.
struct ServerState {
  ServerState(HttpServerConfig c, HttpHandler h, Log l) : config(std::move(c)), handler(std::move(h)), log(std::move(l)) {}
  HttpServerConfig config;
  HttpHandler handler;
  Log log;
  HttpServerStats stats;
  bool draining = false, stopping = false;
};

/// A handler at work. Lives until the handler ends, which may be after its deadline.
struct HandlerCall {
  explicit HandlerCall(const boost::asio::any_io_executor& executor) : timer(executor) {}
  boost::asio::steady_timer timer;  ///< expires at the handler's deadline; cancelled when it has answered
  boost::asio::cancellation_signal cancel;
  bool done = false;
  std::exception_ptr error;
  HttpResponse response;
};

class HttpSession {
 public:
  HttpSession(std::shared_ptr<ServerState> state, boost::asio::ip::tcp::socket socket);

  /// Until the connection is closed.
  boost::asio::awaitable<void> run();
  /// Between requests, or before the first byte of the first.
  bool idle() const { return idle_; }
  /// Idle after at least one answer: closing it is within HTTP's rules at any time.
  bool kept() const { return idle_ && answered_; }
  Steady idle_since() const { return idle_since_; }
  /// Closes the connection and cancels the handler: run() ends soon.
  void abort();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class Next { request, close };

  boost::asio::awaitable<bool> wait_for_request(bool first);
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<boost::system::error_code> read(Parser& parser);
  boost::asio::awaitable<HttpResponse> call_handler(HttpRequest request);
  boost::asio::awaitable<Next> refuse(boost::system::error_code reason);
  boost::asio::awaitable<bool> write(HttpResponse response, bool head_only, unsigned version, bool keep_alive);
  boost::asio::awaitable<void> linger();

  std::shared_ptr<ServerState> state_;
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::string peer_;
  std::shared_ptr<HandlerCall> call_;
  Steady deadline_{};
  Steady idle_since_{};
  bool idle_ = true;
  bool answered_ = false;
  bool aborted_ = false;
};

}  // namespace charon::net
