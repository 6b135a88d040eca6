#pragma once
/// Whether the agent is a native sidecar (KEP-753: an init container with restartPolicy Always, on by default since 1.29).
#include "lib/base/json_fields.hpp"

#include <map>
#include <optional>
#include <string>

namespace charon::injector {

enum class NativeSidecar { automatic, always, never };
constexpr EnumNames<NativeSidecar, 3> names_of(NativeSidecar) {
  return {{{NativeSidecar::automatic, "auto"}, {NativeSidecar::always, "always"}, {NativeSidecar::never, "never"}}};
}

struct KubernetesVersion {
  int major = 0, minor = 0;
  auto operator<=>(const KubernetesVersion&) const = default;
};

/// "v1.29.4-eks-036c24b", "v1.31.0+k3s1". Errors: invalid_input.
Result<KubernetesVersion> parse_version(std::string_view text);

/// What is known of the cluster: an unknown version counts as old.
struct ClusterVersions {
  std::optional<KubernetesVersion> server;
  std::map<std::string, std::optional<KubernetesVersion>> nodes;  ///< by node name
};

bool use_native_sidecar(NativeSidecar setting, const ClusterVersions& versions);

}  // namespace charon::injector
