#include "lib/net/shutdown.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>

namespace charon::net {
namespace asio = boost::asio;

asio::awaitable<int> until_signal(asio::any_io_executor executor) {
  asio::signal_set signals(executor, SIGTERM, SIGINT);
  auto [ec, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return ec ? 0 : number;
}

}  // namespace charon::net
