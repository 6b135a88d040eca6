#include "coordinator/core/cluster_view.hpp"

#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/release.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

Owner controller_of(const boost::json::object& object) {
  for (const auto& reference : array_at(object, {"metadata", "ownerReferences"}))
    if (const auto* r = reference.if_object(); r && flag_at(*r, {"controller"}))
      return {text_at(*r, {"kind"}), text_at(*r, {"name"}), text_at(*r, {"uid"})};
  return {};
}

std::map<std::string, std::string> texts(const boost::json::object& in) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : in)
    if (value.is_string()) out.emplace(key, value.get_string());
  return out;
}

std::optional<ContainerView::Termination> termination(const boost::json::object& state) {
  const auto* found = find(state, {"terminated"});
  if (!found || !found->is_object()) return std::nullopt;
  const auto& t = found->get_object();
  return ContainerView::Termination{text_at(t, {"reason"}), number_at(t, {"exitCode"}), time_at(t, {"finishedAt"})};
}

void read_containers(const boost::json::object& pod, bool init, PodView& out) {
  for (const auto& element : array_at(pod, {"spec", init ? "initContainers" : "containers"})) {
    const auto* spec = element.if_object();
    if (!spec) continue;
    ContainerView& c = out.containers.emplace_back();
    c.name = text_at(*spec, {"name"});
    c.init = init;
    c.image = text_at(*spec, {"image"});
    if (c.name == agent_container) out.has_agent = true;
  }
  for (const auto& element : array_at(pod, {"status", init ? "initContainerStatuses" : "containerStatuses"})) {
    const auto* s = element.if_object();
    if (!s) continue;
    const std::string name = text_at(*s, {"name"});
    const auto c = std::find_if(out.containers.begin(), out.containers.end(), [&](const ContainerView& v) { return v.name == name && v.init == init; });
    if (c == out.containers.end()) continue;
    c->image_id = text_at(*s, {"imageID"});
    c->ready = flag_at(*s, {"ready"});
    c->restarts = number_at(*s, {"restartCount"});
    c->waiting = text_at(*s, {"state", "waiting", "reason"});
    c->waiting_message = text_at(*s, {"state", "waiting", "message"});
    c->started = time_at(*s, {"state", "running", "startedAt"});
    c->terminated = termination(object_at(*s, {"state"}));
    c->last = termination(object_at(*s, {"lastState"}));
  }
}

std::map<std::string, Condition> read_conditions(const boost::json::object& object) {
  std::map<std::string, Condition> out;
  for (const auto& element : array_at(object, {"status", "conditions"}))
    if (const auto* c = element.if_object())
      out[text_at(*c, {"type"})] = {text_at(*c, {"status"}) == "True", text_at(*c, {"reason"}), text_at(*c, {"message"}), time_at(*c, {"lastTransitionTime"})};
  return out;
}

void newest_first(std::vector<FieldManager>& managers) {
  std::stable_sort(managers.begin(), managers.end(), [](const FieldManager& a, const FieldManager& b) { return a.when > b.when; });
}

}  // namespace

std::optional<Time> PodView::app_started() const {
  std::optional<Time> first;
  for (const ContainerView& c : containers)
    if (!c.init && c.name != agent_container && c.started && (!first || *c.started < *first)) first = c.started;
  return first;
}

PodView read_pod(const boost::json::object& pod) {
  PodView out;
  out.uid = PodUid(text_at(pod, {"metadata", "uid"}));
  out.ns = text_at(pod, {"metadata", "namespace"});
  out.name = text_at(pod, {"metadata", "name"});
  out.node = text_at(pod, {"spec", "nodeName"});
  out.phase = text_at(pod, {"status", "phase"});
  out.owner = controller_of(pod);
  out.deleting = find(pod, {"metadata", "deletionTimestamp"}) != nullptr;
  out.created = time_at(pod, {"metadata", "creationTimestamp"});
  out.scheduled = !out.node.empty();
  const auto conditions = read_conditions(pod);
  if (const auto ready = conditions.find("Ready"); ready != conditions.end()) {
    out.ready = ready->second.status;
    if (out.ready) out.ready_since = ready->second.since;
  }
  read_containers(pod, true, out);
  read_containers(pod, false, out);
  return out;
}

ReplicaSetView read_replica_set(const boost::json::object& replica_set) {
  return {text_at(replica_set, {"metadata", "uid"}), text_at(replica_set, {"metadata", "namespace"}), text_at(replica_set, {"metadata", "name"}),
          controller_of(replica_set), template_hash(normalised(object_at(replica_set, {"spec", "template"})))};
}

DeploymentView read_deployment(const boost::json::object& d) {
  DeploymentView out;
  out.uid = text_at(d, {"metadata", "uid"});
  out.ns = text_at(d, {"metadata", "namespace"});
  out.name = text_at(d, {"metadata", "name"});
  out.resource_version = text_at(d, {"metadata", "resourceVersion"});
  out.labels = texts(object_at(d, {"metadata", "labels"}));
  out.annotations = texts(object_at(d, {"metadata", "annotations"}));
  out.pod_template = normalised(object_at(d, {"spec", "template"}));
  out.hash = template_hash(out.pod_template);
  out.template_labels = texts(object_at(d, {"spec", "template", "metadata", "labels"}));
  out.paused = flag_at(d, {"spec", "paused"});
  out.deleting = find(d, {"metadata", "deletionTimestamp"}) != nullptr;
  out.replicas = number_at(d, {"spec", "replicas"}, 1);
  out.generation = number_at(d, {"metadata", "generation"});
  out.observed_generation = number_at(d, {"status", "observedGeneration"});
  out.current = number_at(d, {"status", "replicas"});
  out.updated = number_at(d, {"status", "updatedReplicas"});
  out.ready = number_at(d, {"status", "readyReplicas"});
  out.progress_deadline = std::chrono::seconds{std::clamp<std::int64_t>(number_at(d, {"spec", "progressDeadlineSeconds"}, 600), 1, 86'400)};
  out.conditions = read_conditions(d);
  for (const auto& element : array_at(d, {"metadata", "managedFields"})) {
    const auto* m = element.if_object();
    if (!m || !text_at(*m, {"subresource"}).empty()) continue;
    FieldManager manager{text_at(*m, {"manager"}), text_at(*m, {"operation"}), time_at(*m, {"time"})};
    if (find(*m, {"fieldsV1", "f:spec", "f:template"})) out.template_managers.push_back(manager);
    out.managers.push_back(std::move(manager));
  }
  newest_first(out.managers);
  newest_first(out.template_managers);
  return out;
}

NodeView read_node(const boost::json::object& node) {
  NodeView out;
  out.name = text_at(node, {"metadata", "name"});
  out.uid = text_at(node, {"metadata", "uid"});
  for (const auto& [type, condition] : read_conditions(node)) {
    if (type == "Ready") {
      out.ready = condition.status;
      out.ready_changed = condition.since;
    } else if (condition.status && type.ends_with("Pressure")) {
      out.pressures[type] = condition.since;
    }
  }
  return out;
}

bool injection_wanted(std::string_view namespace_label, std::string_view pod_label) {
  if (namespace_label == "enabled") return pod_label.empty() || pod_label == "true";
  return namespace_label.empty() && pod_label == "true";
}

}  // namespace charon::coordinator
