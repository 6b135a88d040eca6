#pragma once
/// The plain endpoint every Charon program serves: /healthz, /readyz, /metrics (prometheus-cpp registry), and what the
/// program adds (the agent's /debug/evidence).
#include "lib/net/http_server.hpp"

#include <prometheus/registry.h>

#include <map>

namespace charon::net {

struct AdminConfig {
  std::string address = "::";
  unsigned short port = 0;
  std::shared_ptr<prometheus::Registry> registry;
  std::function<bool()> ready;                                       ///< null: always
  std::map<std::string, std::function<HttpResponse()>> pages;        ///< path -> page
};

Result<std::shared_ptr<HttpServer>> admin_server(boost::asio::any_io_executor executor, AdminConfig config, Log log);

}  // namespace charon::net
