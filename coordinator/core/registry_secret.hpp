#pragma once
/// A registry's secret and what it is good for: a Secret in the coordinator's own namespace with the label
/// `charon.dev/registry` and the data `token` (at least 16 bytes), `namespaces` (names, separated by commas or white
/// space) and, optionally, `host` (docs/registry.md).
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace charon::coordinator {

inline constexpr std::string_view registry_label = "charon.dev/registry";

struct RegistrySecret {
  std::string name;
  std::string token;                    ///< never logged
  std::vector<std::string> namespaces;  ///< whose workloads a push may deploy to
  std::string host;                     ///< of the registry as image names spell it; empty: as the notification spells it
};

/// Errors: invalid_input with what is missing, never with a value.
Result<RegistrySecret> read_registry_secret(const boost::json::object& secret);

}  // namespace charon::coordinator
