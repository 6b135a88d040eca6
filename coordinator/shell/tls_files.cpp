#include "coordinator/shell/tls_files.hpp"

#include "coordinator/shell/shell_events.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>
#include <algorithm>

namespace charon::coordinator {
namespace {

/// Empty if it cannot be read; at most 256 KiB of it.
std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(256 * 1024, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace

TlsFiles::TlsFiles(boost::asio::any_io_executor executor, std::string directory, Log log)
    : executor_(std::move(executor)), directory_(std::move(directory)), log_(std::move(log)) {}

TlsFiles::Pem TlsFiles::read() const {
  return {contents(directory_ + "/tls.crt"), contents(directory_ + "/tls.key"), contents(directory_ + "/ca.crt")};
}

boost::asio::awaitable<void> TlsFiles::pause() {
  boost::asio::steady_timer timer(executor_, std::chrono::seconds{2});
  co_await timer.async_wait(boost::asio::use_awaitable);
}

boost::asio::awaitable<std::shared_ptr<net::TlsServer>> TlsFiles::wait() {
  for (bool said = false;; said = true) {
    pem_ = read();
    if (!pem_.chain.empty() && !pem_.key.empty()) {
      auto server = net::TlsServer::create(pem_.chain, pem_.key);
      if (server) co_return *server;
      log_.warn(shell_events::certificate_unfit(directory_, server.error()));
    } else if (!said) {
      log_.info(shell_events::waiting_for_certificate(directory_));
    }
    co_await pause();
  }
}

boost::asio::awaitable<void> TlsFiles::watch(std::shared_ptr<net::TlsServer> server) {
  for (;;) {
    co_await pause();
    Pem now = read();
    if (now == pem_ || now.chain.empty() || now.key.empty()) continue;
    if (auto replaced = server->replace(now.chain, now.key); replaced)
      log_.info(shell_events::certificate_replaced(directory_));
    else
      log_.warn(shell_events::certificate_unfit(directory_, replaced.error()));
    pem_ = std::move(now);  // an unfit pair is said once, not at every look
  }
}

}  // namespace charon::coordinator
