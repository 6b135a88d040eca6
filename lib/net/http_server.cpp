#include "lib/net/http_server.hpp"

#include "lib/net/events.hpp"
#include "lib/net/http_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>

namespace charon::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto accept_pause = std::chrono::milliseconds(200);  // after an error such as "too many open files"
constexpr auto unwinding = std::chrono::seconds(1);            // for coroutines to end once their connection is closed

boost::system::error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
  return ec;
}

}  // namespace

struct HttpServer::Impl {
  Impl(asio::any_io_executor e, HttpServerConfig c, HttpHandler h, Log l)
      : executor(e), acceptor(e), changed(e), state(std::make_shared<ServerState>(std::move(c), std::move(h), std::move(l))) {}

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  asio::steady_timer changed;  // cancelled whenever a session ends: who waits looks again
  std::shared_ptr<ServerState> state;
  std::list<std::shared_ptr<HttpSession>> sessions;
  unsigned short port = 0;

  void start(const std::shared_ptr<Impl>& self, tcp::socket socket);
  void evict_idlest();
  static asio::awaitable<void> accept(std::shared_ptr<Impl> self);
  static asio::awaitable<void> stop(std::shared_ptr<Impl> self, Duration grace);
  static asio::awaitable<void> drained(std::shared_ptr<Impl> self, Clock::time_point until);
};

void HttpServer::Impl::start(const std::shared_ptr<Impl>& self, tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  ++state->stats.connections;
  const auto session = std::make_shared<HttpSession>(state, std::move(socket));
  const auto place = sessions.insert(sessions.end(), session);
  auto ended = [self, place](const std::exception_ptr& error) {
    self->sessions.erase(place);
    self->changed.cancel();
    if (error) std::rethrow_exception(error);
  };
  asio::co_spawn(executor, session->run(), std::move(ended));
}

// Kept connections are a courtesy; they must not lock others out.
void HttpServer::Impl::evict_idlest() {
  std::shared_ptr<HttpSession> idlest;
  for (const auto& session : sessions)
    if (session->kept() && (!idlest || session->idle_since() < idlest->idle_since())) idlest = session;
  if (!idlest) return;
  ++state->stats.evicted;
  idlest->abort();
}

asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Impl> self) {
  bool said = false;
  while (self->acceptor.is_open()) {
    auto [ec, socket] = co_await self->acceptor.async_accept(self->executor, as_value);
    if (!self->acceptor.is_open() || ec == asio::error::operation_aborted) break;
    if (ec) {
      events::accept_failed(self->state->log, ec.message());
      asio::steady_timer pause(self->executor, accept_pause);
      auto [cancelled] = co_await pause.async_wait(as_value);
      if (cancelled) break;
      continue;
    }
    self->start(self, std::move(socket));
    if (self->sessions.size() >= self->state->config.max_connections) self->evict_idlest();
    while (self->sessions.size() >= self->state->config.max_connections && self->acceptor.is_open()) {
      if (!said) events::connections_exhausted(self->state->log, self->state->config.max_connections);
      said = true;
      // Looks again each second as well: a connection may have become idle meanwhile.
      self->changed.expires_after(std::chrono::seconds(1));
      auto [woken] = co_await self->changed.async_wait(as_value);
      if (!woken) self->evict_idlest();
    }
    said = false;
  }
}

asio::awaitable<void> HttpServer::Impl::drained(std::shared_ptr<Impl> self, Clock::time_point until) {
  while (!self->sessions.empty() && Clock::now() < until) {
    self->changed.expires_at(until);
    auto [ignored] = co_await self->changed.async_wait(as_value);
    static_cast<void>(ignored);
  }
}

asio::awaitable<void> HttpServer::Impl::stop(std::shared_ptr<Impl> self, Duration grace) {
  self->state->stopping = true;
  boost::system::error_code ignored;
  self->acceptor.close(ignored);
  self->changed.cancel();  // the accept loop, if it waits for room
  const auto sessions = self->sessions;
  for (const auto& session : sessions)
    if (session->idle()) session->abort();
  co_await drained(self, Clock::now() + grace);
  if (self->sessions.empty()) co_return;
  events::grace_passed(self->state->log, self->sessions.size());
  const auto left = self->sessions;
  for (const auto& session : left) session->abort();
  co_await drained(self, Clock::now() + unwinding);
}

Result<std::shared_ptr<HttpServer>> HttpServer::listen(asio::any_io_executor executor, HttpServerConfig config, HttpHandler handler, Log log) {
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(config.address, ec);
  if (ec) return fail(Errc::invalid_input, "listen address " + config.address);
  const std::string where = fmt::format("listen on {} port {}", config.address, config.port);
  const unsigned short port = config.port;
  auto impl = std::make_shared<Impl>(std::move(executor), std::move(config), std::move(handler), std::move(log));
  ec = open(impl->acceptor, tcp::endpoint(address, port));
  const bool no_ipv6 = ec == asio::error::address_family_not_supported || ec == boost::system::errc::address_not_available;
  if (no_ipv6 && address.is_v6() && address.is_unspecified()) ec = open(impl->acceptor, tcp::endpoint(tcp::v4(), port));
  if (ec) return fail(Errc::unavailable, where + ": " + ec.message());
  impl->port = impl->acceptor.local_endpoint().port();
  return std::make_shared<HttpServer>(std::move(impl));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
unsigned short HttpServer::port() const { return impl_->port; }
const HttpServerStats& HttpServer::stats() const { return impl_->state->stats; }
asio::awaitable<void> HttpServer::serve() { return Impl::accept(impl_); }
void HttpServer::drain() { impl_->state->draining = true; }
asio::awaitable<void> HttpServer::stop(Duration grace) { return Impl::stop(impl_, grace); }

}  // namespace charon::net
