#pragma once
/// Registries' secrets and what they are good for: one Secret, `charon-registries`, in the coordinator's own namespace, so
/// that the coordinator may read this Secret and no other. Its data: `<namespace>` is the secret that may deploy to that
/// namespace's workloads (at least 16 bytes; several namespaces may share one), `<namespace>.host` optionally the
/// registry's host as that namespace's image names spell it (docs/registry.md).
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace charon::coordinator {

inline constexpr std::string_view registry_secret_name = "charon-registries";

struct RegistryGrant {
  std::string ns;    ///< whose workloads a push may deploy to
  std::string host;  ///< in image names; empty: as the notification spells it
};

class RegistryGrants {
 public:
  /// Reads the Secret; what is unfit in it is left out and listed in `warnings`, by key, never by value.
  static RegistryGrants read(const boost::json::object& secret);

  /// What a presented secret is good for; empty: nothing. Takes the same time for every secret of one length.
  std::vector<RegistryGrant> find(std::string_view presented) const;
  const std::vector<std::string>& warnings() const { return warnings_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    RegistryGrant grant;
    std::string secret;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> warnings_;
};

}  // namespace charon::coordinator
