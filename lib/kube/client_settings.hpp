#pragma once
/// Where the API server is, as a program's command line says it (--kube-host and so on).
#include "lib/kube/client.hpp"

namespace charon::kube {

struct ClientSettings {
  std::string host, port = "443", ca_file, token_file;  ///< empty host: in-cluster configuration

  /// Credentials and address of the API server. Errors: not_found (not in a cluster, files missing).
  Result<ClientConfig> config() const;
};

}  // namespace charon::kube
