#pragma once
/// SIGTERM and SIGINT as an awaitable: `co_await until_signal(executor)` in main, then drain.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace charon::net {

/// Returns the number of the signal, 0 if cancelled. Once it has returned, a second signal ends the program at once.
boost::asio::awaitable<int> until_signal(boost::asio::any_io_executor executor);

}  // namespace charon::net
