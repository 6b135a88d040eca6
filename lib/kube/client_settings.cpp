#include "lib/kube/client_settings.hpp"

#include <fstream>
#include <sstream>

namespace charon::kube {

Result<ClientConfig> ClientSettings::config() const {
  if (host.empty()) return ClientConfig::in_cluster();
  ClientConfig config;
  config.host = host;
  config.port = port;
  config.token_file = token_file;
  if (!ca_file.empty()) {
    std::ifstream file(ca_file);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(Errc::not_found, "cannot read " + ca_file);
    config.ca_pem = text.str();
  }
  return config;
}

}  // namespace charon::kube
