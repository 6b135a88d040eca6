#pragma once
/// Real servers and clients on 127.0.0.1, in one thread.
#include "lib/net/http_client.hpp"
#include "lib/net/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace loopback {

namespace asio = boost::asio;
using namespace charon;
using namespace charon::net;
using namespace std::chrono_literals;

inline HttpRequest get(std::string target) {
  HttpRequest request;
  request.target = std::move(target);
  return request;
}
inline HttpRequest post(std::string target, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}
inline HttpResponse text(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

inline asio::awaitable<void> sleep(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

/// Waits until `condition` holds, 30 s at most: the thread sanitizer on a busy machine takes more than 10 for 8 MiB.
template <class Condition>
asio::awaitable<void> until(Condition condition) {
  for (int i = 0; i < 15'000 && !condition(); ++i) co_await sleep(2ms);
  BOOST_TEST(condition());
}

/// "METHOD target body" of the request; /slow... answers after 100 ms, /hang... never, /throw throws.
inline asio::awaitable<HttpResponse> echo(HttpRequest request) {
  if (request.target.substr(0, 5) == "/slow") co_await sleep(100ms);
  if (request.target.substr(0, 5) == "/hang") co_await sleep(1h);
  if (request.target == "/throw") throw std::runtime_error("broken handler");
  co_return text(request.method + " " + request.target + " " + request.body);
}

struct Loop {
  asio::io_context context{1};
  std::vector<std::string> lines;
  Log log{[this](std::string_view line) { lines.emplace_back(line); }, wall_now};

  Loop() { log.threshold(Level::debug); }

  /// Runs a coroutine function to its end. `body` lives here until then, so it may capture.
  template <class Body>
  void run(Body body) {
    bool finished = false;
    std::exception_ptr error;
    asio::co_spawn(context, body(), [&](std::exception_ptr e) {
      finished = true;
      error = e;
      context.stop();
    });
    context.restart();
    context.run_for(60s);  // a busy machine and the thread sanitizer: many times what it takes
    BOOST_REQUIRE_MESSAGE(finished, "the test's coroutine did not end");
    if (error) std::rethrow_exception(error);
  }

  std::shared_ptr<HttpServer> serve(HttpServerConfig config = {}, HttpHandler handler = echo) {
    config.address = "127.0.0.1";
    auto server = HttpServer::listen(context.get_executor(), std::move(config), std::move(handler), log);
    BOOST_REQUIRE(server.has_value());
    asio::co_spawn(context, (*server)->serve(), asio::detached);
    return *server;
  }

  HttpClient client(unsigned short port, std::shared_ptr<TlsClient> tls = nullptr, std::string verify_name = {}, std::size_t max_body = 1 << 20) {
    HttpClientConfig config;
    config.host = "127.0.0.1";
    config.port = std::to_string(port);
    config.tls = std::move(tls);
    config.verify_name = std::move(verify_name);
    config.max_body_bytes = max_body;
    return HttpClient(context.get_executor(), std::move(config));
  }

  bool logged(std::string_view part) const {
    return std::any_of(lines.begin(), lines.end(), [part](const std::string& line) { return line.find(part) != std::string::npos; });
  }
};

/// A peer that speaks by a script: for each connection in turn it writes these pieces one by one,
/// then closes; the piece "<request>" stands for waiting for a request.
struct ScriptedServer {
  using Script = std::vector<std::string>;
  ScriptedServer(asio::io_context& context, std::vector<Script> scripts)
      : acceptor(context, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)), scripts_(std::move(scripts)) {
    asio::co_spawn(context, run(), asio::detached);
  }
  unsigned short port() const { return acceptor.local_endpoint().port(); }

  asio::ip::tcp::acceptor acceptor;
  std::vector<std::string> heads;  ///< that came
  bool hold_open = false;          ///< after the last script: no close

 private:
  asio::awaitable<void> run() {
    for (const Script& script : scripts_) {
      auto socket = co_await acceptor.async_accept(asio::use_awaitable);
      for (const std::string& piece : script) {
        if (piece == "<request>") {
          std::string head;
          auto [ec, n] = co_await asio::async_read_until(socket, asio::dynamic_buffer(head), "\r\n\r\n", asio::as_tuple(asio::use_awaitable));
          if (ec) break;
          heads.push_back(head);
          continue;
        }
        co_await asio::async_write(socket, asio::buffer(piece), asio::use_awaitable);
        co_await sleep(2ms);  // so that pieces arrive apart
      }
      if (hold_open && &script == &scripts_.back()) co_await sleep(1h);
    }
  }
  std::vector<Script> scripts_;
};

}  // namespace loopback
