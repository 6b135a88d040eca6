#include "injector/core/native_sidecar.hpp"

#include <algorithm>
#include <charconv>

namespace charon::injector {
namespace {

constexpr KubernetesVersion first_with_sidecars{1, 29};

bool recent(const std::optional<KubernetesVersion>& version) { return version && *version >= first_with_sidecars; }

}  // namespace

Result<KubernetesVersion> parse_version(std::string_view text) {
  const auto bad = [&] { return fail(Errc::invalid_input, "'" + std::string(text.substr(0, 64)) + "' is not a Kubernetes version"); };
  const char* const end = text.data() + text.size();
  const char* at = text.data() + (text.starts_with('v') ? 1 : 0);
  KubernetesVersion version;
  const auto major = std::from_chars(at, end, version.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.' || version.major < 0) return bad();
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc{} || version.minor < 0) return bad();
  return version;
}

bool use_native_sidecar(NativeSidecar setting, const ClusterVersions& versions) {
  if (setting != NativeSidecar::automatic) return setting == NativeSidecar::always;
  return recent(versions.server) && !versions.nodes.empty() &&
         std::all_of(versions.nodes.begin(), versions.nodes.end(), [](const auto& node) { return recent(node.second); });
}

}  // namespace charon::injector
