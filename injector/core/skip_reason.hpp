#pragma once
/// Why a pod got no agent: the words of status annotations, Events, audit annotations and metrics.
#include "lib/base/json_fields.hpp"

namespace charon::injector {

enum class Reason {
  opted_out,           ///< pod label "false", or the namespace says "disabled"
  not_selected,        ///< neither namespace nor pod asks
  label_value,         ///< a label of Charon's with a value that means nothing
  system_namespace,    ///< kube-system, kube-node-lease
  charon_itself,
  mirror_pod,          ///< a static pod's image in the API: its kubelet ignores changes
  has_agent,
  windows,
  host_network,        ///< without an explicit pod label
  no_cluster_dns,      ///< the pod does not resolve the coordinator's name
  controller_kind,     ///< not a ReplicaSet, StatefulSet or DaemonSet, without an explicit pod label
  job,                 ///< a Job that did not ask, or an agent would keep it from completing
  run_to_completion,   ///< a pod that ends, where an ordinary container would keep it from ending
  no_endpoint,         ///< nothing tells where metrics are served
  name_taken,          ///< a volume of the agent's name is there
  limit_range,         ///< the namespace's limits leave no room
  pod_resources,       ///< resources are set for the whole pod (spec.resources)
  agent_image,         ///< pods wait on the agent's image
  refused,             ///< this workload's pods were refused with an agent
  malformed,           ///< not a pod that Charon understands
};
constexpr EnumNames<Reason, 20> names_of(Reason) {
  return {{{Reason::opted_out, "OptedOut"},
           {Reason::not_selected, "NotSelected"},
           {Reason::label_value, "UnknownLabelValue"},
           {Reason::system_namespace, "SystemNamespace"},
           {Reason::charon_itself, "CharonItself"},
           {Reason::mirror_pod, "MirrorPod"},
           {Reason::has_agent, "HasAgent"},
           {Reason::windows, "Windows"},
           {Reason::host_network, "HostNetwork"},
           {Reason::no_cluster_dns, "NoClusterDns"},
           {Reason::controller_kind, "ControllerKind"},
           {Reason::job, "Job"},
           {Reason::run_to_completion, "RunToCompletion"},
           {Reason::no_endpoint, "NoMetricsEndpoint"},
           {Reason::name_taken, "NameTaken"},
           {Reason::limit_range, "LimitRange"},
           {Reason::pod_resources, "PodLevelResources"},
           {Reason::agent_image, "AgentImageUnavailable"},
           {Reason::refused, "RefusedWithAgent"},
           {Reason::malformed, "NotUnderstood"}}};
}

std::string_view name(Reason reason);

/// Whether the pod's status annotation says so: everywhere but where nobody asked, or nothing may be touched.
bool writes_status(Reason reason);
/// Whether an Event on the workload says so: where the workload was meant to have agents.
bool deserves_event(Reason reason);

struct Skip {
  Reason reason = Reason::malformed;
  std::string detail;  ///< one sentence, for people
};

}  // namespace charon::injector
