#pragma once
/// What the coordinator keeps of watched API objects: reduced, typed, bounded by what it decides on.
#include "lib/base/clock.hpp"
#include "lib/base/ids.hpp"

#include <boost/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace charon::coordinator {

inline constexpr std::string_view agent_container = "charon-agent";

/// The controller among an object's ownerReferences.
struct Owner {
  std::string kind, name, uid;
};

struct ContainerView {
  std::string name;
  bool init = false;
  std::string image;     ///< of the spec
  std::string image_id;  ///< of the status: "repository@sha256:..."
  bool ready = false;
  std::int64_t restarts = 0;
  std::string waiting;   ///< reason, for example CrashLoopBackOff; empty: not waiting
  std::string waiting_message;
  std::optional<Time> started;  ///< of the running state
  struct Termination {
    std::string reason;  ///< for example OOMKilled, Error
    std::int64_t exit_code = 0;
    std::optional<Time> finished;
  };
  std::optional<Termination> terminated, last;  ///< the present and the previous state
};

struct PodView {
  PodUid uid;
  std::string ns, name, node, phase;
  Owner owner;
  bool deleting = false, ready = false, scheduled = false;
  std::optional<Time> created, ready_since;
  std::vector<ContainerView> containers;  ///< init containers included
  bool has_agent = false;

  /// It was told to end, or has ended (evicted, say): it shows nothing of its release any more.
  bool over() const { return deleting || phase == "Succeeded" || phase == "Failed"; }
  /// When the first application container that now runs was started.
  std::optional<Time> app_started() const;
};

struct ReplicaSetView {
  std::string uid, ns, name;
  Owner owner;
  TemplateHash hash;  ///< of its normalised template; the template itself is not kept
};

struct Condition {
  bool status = false;
  std::string reason, message;
  std::optional<Time> since;
};

/// Who wrote a part of an object, from metadata.managedFields.
struct FieldManager {
  std::string name, operation;  ///< operation: Apply, Update
  std::optional<Time> when;
};

struct DeploymentView {
  std::string uid, ns, name, resource_version;
  std::map<std::string, std::string> labels, annotations;
  boost::json::object pod_template;  ///< normalised (release.hpp)
  TemplateHash hash;                 ///< of it
  std::map<std::string, std::string> template_labels;
  bool paused = false, deleting = false;
  std::int64_t replicas = 1, generation = 0, observed_generation = 0;
  std::int64_t current = 0, updated = 0, ready = 0;  ///< status counts
  Duration progress_deadline = std::chrono::minutes{10};
  std::map<std::string, Condition> conditions;
  std::vector<FieldManager> managers;           ///< of anything but status, newest first
  std::vector<FieldManager> template_managers;  ///< of fields of the pod template, newest first

  /// The controller has seen this generation, every pod is of this template, and all are ready.
  bool complete() const { return observed_generation >= generation && updated == replicas && ready == replicas && current == replicas; }
};

struct NodeView {
  std::string name, uid;
  bool ready = true;
  std::optional<Time> ready_changed;
  std::map<std::string, std::optional<Time>> pressures;  ///< MemoryPressure, DiskPressure, PIDPressure that hold, since
};

PodView read_pod(const boost::json::object& pod);
ReplicaSetView read_replica_set(const boost::json::object& replica_set);
DeploymentView read_deployment(const boost::json::object& deployment);
NodeView read_node(const boost::json::object& node);

/// Whether pods of this template get agents: the truth table of docs/design.md, "Injection". Absent labels are empty.
bool injection_wanted(std::string_view namespace_label, std::string_view pod_label);
inline constexpr std::string_view namespace_injection_label = "charon.dev/injection";
inline constexpr std::string_view pod_injection_label = "charon.dev/inject";

}  // namespace charon::coordinator
