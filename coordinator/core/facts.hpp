#pragma once
/// Facts beat statistics: what pod and Deployment status say for certain about a release (docs/design.md, "Verdict").
///
/// Counted only for application containers that the release changed (never the agent), and only where the stable release
/// does not fail likewise: on the same node, or, where none of its pods is there, on any. On a node where proven releases
/// of other workloads are killed or crash too, or that reports pressure, a crash is the node's.
#include "coordinator/core/cluster_view.hpp"

#include <set>

namespace charon::coordinator {

enum class FactKind { crash_loop, out_of_memory, image_pull, progress_deadline };

struct Fact {
  FactKind kind{};
  std::string pod, node, container;
  std::string text;  ///< one sentence for people: "container app of pod app-5f was OOMKilled on node-2"
};

struct FactsInput {
  std::vector<const PodView*> candidate;   ///< pods of the release under judgement
  std::vector<const PodView*> stable;      ///< pods of the release that would be gone back to
  std::set<std::string> changed;           ///< containers that the release changed
  const DeploymentView* deployment = nullptr;
  std::map<std::string, std::string> suspects;  ///< nodes that may be to blame themselves -> why, one clause
};

struct Facts {
  std::vector<Fact> against_release;
  std::vector<Fact> against_node;          ///< the same on suspects, for their reason
  std::vector<std::string> notices;        ///< true, and not the release's fault: one sentence each
};

inline constexpr std::int64_t crash_loop_restarts = 3;
inline constexpr Duration crash_loop_window = std::chrono::minutes{10};

Facts read_facts(const FactsInput& input, Time now);

/// Whether an application container was out of memory or killed (SIGKILL) within crash_loop_window, or crashes again and
/// again.
bool crashes(const PodView& pod, Time now);
/// Since when, of a pod that crashes: its latest termination that counts, the earliest of its containers'; its creation
/// where its restarts are so many that it never ran for crash_loop_window.
Time crashes_since(const PodView& pod, Time now);
/// Registry hosts that some pod of the list cannot pull application images from.
std::set<std::string> failing_registries(const std::vector<const PodView*>& pods);
/// "ErrImagePull" and its relatives.
bool cannot_pull(const ContainerView& container);

}  // namespace charon::coordinator
