#pragma once
/// The coordinator's certificate as files that someone else writes (a mounted Secret): waited for, and read again when
/// they change. A Secret volume changes by swapping a symbolic link, so files are compared by content.
#include "lib/base/log.hpp"
#include "lib/net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace charon::coordinator {

class TlsFiles {
 public:
  TlsFiles(boost::asio::any_io_executor executor, std::string directory, Log log);

  /// Waits until tls.crt and tls.key are there and fit. Ends early only when cancelled.
  boost::asio::awaitable<std::shared_ptr<net::TlsServer>> wait();
  /// Replaces the certificate as the files change; a pair that does not fit is logged and the old one stays.
  boost::asio::awaitable<void> watch(std::shared_ptr<net::TlsServer> server);

  /// ca.crt: what agents shall trust from now on.
  const std::string& trust_bundle() const { return pem_.roots; }

 private:
  struct Pem {
    std::string chain, key, roots;
    bool operator==(const Pem&) const = default;
  };
  Pem read() const;
  boost::asio::awaitable<void> pause();

  boost::asio::any_io_executor executor_;
  std::string directory_;
  Log log_;
  Pem pem_;
};

}  // namespace charon::coordinator
