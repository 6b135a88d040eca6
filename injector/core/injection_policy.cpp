#include "injector/core/injection_policy.hpp"

#include "injector/core/utf8_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace charon::injector {
namespace {

/// Controllers whose pods get an agent unasked: they run for long and are replaced pod by pod.
constexpr std::array<std::string_view, 3> usual_controllers{"ReplicaSet", "StatefulSet", "DaemonSet"};

bool in_group(const Controller& controller, std::string_view group) {
  return controller.api_version.starts_with(group) && controller.api_version.size() > group.size() &&
         controller.api_version[group.size()] == '/';
}

std::optional<Skip> by_controller(const PodView& pod, bool asked, bool native_sidecars) {
  const std::optional<Controller>& controller = pod.controller();
  if (controller && controller->kind == "Job" && in_group(*controller, "batch")) {
    if (!asked) return Skip{Reason::job, "Jobs get an agent only with the pod label charon.dev/inject: \"true\""};
    if (!native_sidecars) return Skip{Reason::job, "a Job would never complete beside an ordinary container; native sidecars need Kubernetes 1.29 on every node"};
    return std::nullopt;
  }
  const bool usual = controller && in_group(*controller, "apps") &&
                     std::find(usual_controllers.begin(), usual_controllers.end(), controller->kind) != usual_controllers.end();
  if (usual || asked) return std::nullopt;
  return Skip{Reason::controller_kind,
              fmt::format("{} get an agent only with the pod label charon.dev/inject: \"true\"",
                          controller ? fmt::format("pods of a {}", utf8_prefix(controller->kind, 64)) : "pods without a controller")};
}

/// A Service's name: only the cluster's own DNS knows it.
bool cluster_name(std::string_view url) {
  std::string_view host = url.substr(std::min(url.size(), std::string_view("https://").size()));
  host = host.substr(0, host.find_first_of(":/"));
  return host.ends_with(".svc") || host.find(".svc.") != std::string_view::npos;
}

}  // namespace

std::optional<Skip> by_labels(std::optional<std::string_view> namespace_value, std::optional<std::string_view> pod_value) {
  if (pod_value == "false") return Skip{Reason::opted_out, "the pod label charon.dev/inject is \"false\""};
  if (namespace_value == "disabled") return Skip{Reason::opted_out, "the namespace label charon.dev/injection is disabled"};
  if (namespace_value && namespace_value != "enabled")
    return Skip{Reason::label_value, fmt::format("the namespace label charon.dev/injection is '{}': enabled or disabled", utf8_prefix(*namespace_value, 63))};
  if (pod_value && pod_value != "true")
    return Skip{Reason::label_value, fmt::format("the pod label charon.dev/inject is '{}': true or false", utf8_prefix(*pod_value, 63))};
  if (!namespace_value && !pod_value) return Skip{Reason::not_selected, "neither the namespace nor the pod asks for an agent"};
  return std::nullopt;
}

std::optional<Skip> by_policy(const PodView& pod, const PolicyInput& input) {
  if (pod.has_container(agent_container_name)) return Skip{Reason::has_agent, "the pod has a container charon-agent"};
  if (pod.annotation("kubernetes.io/config.mirror")) return Skip{Reason::mirror_pod, "mirror pods cannot be changed"};
  if (input.ns == "kube-system" || input.ns == "kube-node-lease") return Skip{Reason::system_namespace, "system namespaces get no agents"};
  if (pod.label("app.kubernetes.io/name") == "charon") return Skip{Reason::charon_itself, "Charon's own pods get no agent"};
  const auto asked = pod.label(pod_label);
  if (auto skip = by_labels(input.namespace_value, asked)) return skip;
  if (pod.windows()) return Skip{Reason::windows, "the agent runs on Linux only"};
  if (pod.host_network() && asked != "true")
    return Skip{Reason::host_network, "hostNetwork pods get an agent only with the pod label charon.dev/inject: \"true\""};
  if (auto skip = by_controller(pod, asked == "true", input.native_sidecars)) return skip;
  if (!pod.cluster_dns() && cluster_name(input.coordinator))
    return Skip{Reason::no_cluster_dns, fmt::format("the pod asks its node's DNS, which does not know the coordinator: set dnsPolicy: {}",
                                                    pod.host_network() ? "ClusterFirstWithHostNet" : "ClusterFirst")};
  if (!input.native_sidecars && pod.ends())
    return Skip{Reason::run_to_completion, "the pod's restartPolicy is not Always: beside an ordinary container it would never end; native sidecars need Kubernetes 1.29 on every node"};
  return std::nullopt;
}

}  // namespace charon::injector
