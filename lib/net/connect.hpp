#pragma once
/// From a host name to a connected TCP stream.
#include "lib/net/stream.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace charon::net {

/// Addresses of `host`, which may be an address already. Errors: unavailable, timeout, shutting_down. getaddrinfo cannot
/// be interrupted: at the deadline its answer is abandoned, not awaited.
boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(std::string host, std::string port, Steady deadline);

/// Tries every address in turn; each gets its even share of the time left, so that one that swallows packets does not
/// use up the deadline. Errors: unavailable (the last address's reason), timeout, shutting_down.
boost::asio::awaitable<Result<std::unique_ptr<Stream>>> connect(std::string host, std::string port, Steady deadline);

/// "connect to host:443: Connection refused" as unavailable; timeouts as timeout; cancellation as shutting_down.
Error network_error(boost::system::error_code code, std::string_view doing);

}  // namespace charon::net
