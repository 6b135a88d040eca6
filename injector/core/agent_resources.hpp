#pragma once
/// Requests and limits of the agent's container: defaults, annotations, the namespace's LimitRanges and the pod's QoS.
#include "injector/core/limit_range.hpp"
#include "injector/core/pod_view.hpp"
#include "injector/core/skip_reason.hpp"

#include <variant>

namespace charon::injector {

/// Milli-cores and bytes. Local ("ephemeral") storage 0: left out.
struct AgentResources {
  std::int64_t cpu_request = 10, cpu_limit = 100;
  std::int64_t memory_request = 24 << 20, memory_limit = 48 << 20;
  /// The agent writes no files; what counts is its log, of which a kubelet keeps 5 times 10 MiB unless it is told otherwise.
  std::int64_t storage_request = 8 << 20, storage_limit = 128 << 20;
  bool operator==(const AgentResources&) const = default;
};

/// {"requests": {"cpu": "10m", "memory": "24Mi"}, "limits": ...}: these four always, and "ephemeral-storage" where it is set,
/// which is what any ResourceQuota asks for.
boost::json::object to_json(const AgentResources& resources);

/// Below this the agent does not work; namespaces that allow less get none.
inline constexpr std::int64_t least_cpu_limit = 10;                  // milli-cores
inline constexpr std::int64_t least_memory_limit = 20 << 20;         // bytes
inline constexpr std::int64_t least_storage_limit = 32 << 20;        // bytes: a container that passes it has its pod evicted

/// Whether every container (init containers too) has limits for both and requests that equal them: QoS Guaranteed.
bool is_guaranteed(const PodView& pod);

/// `charon.dev/agent-{cpu,memory}-{request,limit}` on top of `defaults`; bad values are refused with a warning. A request
/// above the default limit raises the limit.
AgentResources annotated_resources(const PodView& pod, AgentResources defaults, std::vector<std::string>& warnings);

/// Fits the amounts into the bounds of single containers and of the whole pod, and keeps a Guaranteed pod so. Skip where
/// the bounds leave less than the agent needs.
/// Local storage is requested and limited only where some container of the pod does so (a quota or LimitRange that asks for
/// it asks it of every container): a limit of the agent's alone would become the whole pod's, application included, and
/// evict it (podEphemeralStorageLimitEviction in pkg/kubelet/eviction); a request alone keeps it off nodes that count none.
std::variant<AgentResources, Skip> fit_resources(const PodView& pod, AgentResources wanted, const std::vector<LimitRangeItem>& limits);

}  // namespace charon::injector
