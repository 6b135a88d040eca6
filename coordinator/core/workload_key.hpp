#pragma once
/// Names a watched workload in every table, log line and path.
#include <fmt/format.h>

#include <compare>
#include <string>
#include <string_view>

namespace charon::coordinator {

struct WorkloadKey {
  std::string ns;
  std::string kind = "Deployment";
  std::string name;
  auto operator<=>(const WorkloadKey&) const = default;

  /// "shop/test-app"
  std::string text() const { return ns + "/" + name; }
  /// The API's plural, for SubjectAccessReviews and paths.
  std::string_view plural() const { return "deployments"; }
  /// Name of its ReleaseLedger and ReleaseBaseline, in its own namespace: "deployment.<name>", a DNS subdomain as long as
  /// the workload's name has at most 242 bytes. Longer names end in a hash instead.
  std::string ledger_name() const {
    if (name.size() <= 242) return "deployment." + name;
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return fmt::format("deployment.{}.{:016x}", name.substr(0, 220), hash);
  }
};

}  // namespace charon::coordinator
