#pragma once
/// The injector's parts, built in order and stopped in reverse.
#include "injector/shell/settings.hpp"

#include <boost/asio/io_context.hpp>

namespace charon::injector {

/// Runs until SIGTERM or SIGINT, then drains. The exit status.
boost::asio::awaitable<int> run(Settings settings, kube::ClientConfig api, Log log);

}  // namespace charon::injector
