#include "lib/net/connect.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/error.hpp>
#include <fmt/format.h>

namespace charon::net {
namespace asio = boost::asio;
using asio::ip::tcp;

Error network_error(boost::system::error_code code, std::string_view doing) {
  if (code == boost::beast::error::timeout) return fail(Errc::timeout, std::string(doing));
  if (code == asio::error::operation_aborted) return fail(Errc::shutting_down, std::string(doing));
  return fail(Errc::unavailable, fmt::format("{}: {}", doing, code.message()));
}

namespace {

// Outlives the coroutine that asked, if getaddrinfo answers after the deadline.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), timer(executor) {}
  tcp::resolver resolver;
  asio::steady_timer timer;
  bool done = false;
  boost::system::error_code error;
  std::vector<tcp::endpoint> endpoints;
};

void start(const std::shared_ptr<Lookup>& lookup, const std::string& host, const std::string& port) {
  lookup->resolver.async_resolve(host, port, tcp::resolver::numeric_service,
                                 [lookup](boost::system::error_code ec, const tcp::resolver::results_type& results) {
                                   lookup->done = true;
                                   lookup->error = ec;
                                   for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
                                   lookup->timer.cancel();
                                 });
}

Result<unsigned short> port_number(const std::string& port) {
  unsigned value = 0;
  for (const char c : port) {
    if (c < '0' || c > '9' || value > 65'535) return fail(Errc::invalid_input, "port " + port);
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value == 0 || value > 65'535) return fail(Errc::invalid_input, "port " + port);
  return static_cast<unsigned short>(value);
}

}  // namespace

asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::string port, Steady deadline) {
  const auto number = port_number(port);
  if (!number) co_return number.error();
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) co_return std::vector<tcp::endpoint>(1, tcp::endpoint(address, *number));

  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->timer.expires_at(deadline);
  start(lookup, host, port);
  if (!lookup->done) {
    auto [ec] = co_await lookup->timer.async_wait(as_value);
    if (!lookup->done) {
      lookup->resolver.cancel();
      if (ec) co_return fail(Errc::shutting_down, "resolve " + host);
      co_return fail(Errc::timeout, "resolve " + host);
    }
  }
  if (lookup->error) co_return network_error(lookup->error, "resolve " + host);
  co_return std::move(lookup->endpoints);
}

asio::awaitable<Result<std::unique_ptr<Stream>>> connect(std::string host, std::string port, Steady deadline) {
  const auto executor = co_await asio::this_coro::executor;
  auto endpoints = co_await resolve(host, port, deadline);
  if (!endpoints) co_return endpoints.error();
  Error last = fail(Errc::unavailable, "resolve " + host + ": no address");
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) co_return fail(Errc::timeout, fmt::format("connect to {}:{}", host, port));
    const auto left = static_cast<std::int64_t>(endpoints->size() - i);
    auto stream = std::make_unique<Stream>(executor);
    stream->deadline(now + (deadline - now) / left);
    const tcp::endpoint endpoint = (*endpoints)[i];
    auto [ec] = co_await stream->tcp().async_connect(endpoint, as_value);
    if (!ec) {
      boost::system::error_code ignored;
      stream->tcp().socket().set_option(tcp::no_delay(true), ignored);
      co_return std::move(stream);
    }
    last = network_error(ec, fmt::format("connect to {}:{} ({})", host, port, endpoint.address().to_string()));
    if (last.is(Errc::shutting_down)) break;
  }
  co_return last;
}

}  // namespace charon::net
