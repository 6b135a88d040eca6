#pragma once
/// All that the coordinator knows and decides, without I/O: watched objects, agents' messages, commands and `now` in;
/// replies, views and actions out. One strand owns it. See docs/design.md ("Release", "Verdict", "Coordinator API").
///
/// After a start nothing is decided until `synced` was called and two report intervals have passed (of a policy's own, one), by
/// which time the agents' cumulative reports have brought the picture, save of those that back off. What was decided before is
/// in the ledgers (on_ledger).
#include "coordinator/core/action.hpp"
#include "coordinator/core/identity_review.hpp"
#include "coordinator/core/registry_notification.hpp"
#include "coordinator/core/workload_key.hpp"
#include "lib/base/log.hpp"
#include "lib/base/wire.hpp"

#include <memory>
#include <vector>

namespace charon::coordinator {

/// Where no RollbackPolicy says otherwise. See rollback_policy.hpp for the rest.
struct CoordinatorConfig {
  std::string ns = "charon-system";  ///< its own namespace, for Events that concern no workload
  Duration settle_time = std::chrono::minutes{30};
  Duration scrape_interval{5'000};
  Duration report_interval{5'000};
  Duration listening() const { return 2 * report_interval; }  ///< after a start, before anything is decided
};

/// For metrics: counts since start, and what is now.
struct CoordinatorCounters {
  std::uint64_t reports = 0, hellos = 0, refused_hellos = 0;
  std::uint64_t decisions = 0;       ///< verdicts against a release, whatever followed
  std::uint64_t rollbacks = 0;       ///< patches acknowledged
  std::uint64_t held = 0, notified = 0;
  std::uint64_t deployed = 0;        ///< by registry events and rollout calls
  std::uint64_t watched = 0;         ///< workloads, now
  std::uint64_t candidate_agents = 0, stable_agents = 0, silent_agents = 0;  ///< now
  bool breaker_open = false;         ///< the cluster-wide one, now
  bool ready = false;                ///< synced, and agents had time to report: it decides, now
};

struct CommandOptions {
  std::string to;      ///< rollback: a release's id, tag or digest; empty: the last stable (or adopted) one
  std::string by;      ///< who asks, for annotations and Events
  bool dry_run = false;
};

/// What a command did or would do.
struct CommandReply {
  WorkloadKey workload;
  std::string from, to;   ///< releases in words: "v1.2", "v1.0"
  std::string message;    ///< one sentence
  bool changed = false;   ///< false in a dry run and where nothing was to do
};
template <class V, Same<CommandReply> S>
void fields(V& v, S& s) {
  v("namespace", s.workload.ns);
  v("kind", s.workload.kind);
  v("name", s.workload.name);
  v("from", s.from);
  v("to", s.to);
  v("message", s.message);
  v("changed", s.changed);
}

class Coordinator {
 public:
  Coordinator(CoordinatorConfig config, Log log);
  ~Coordinator();

  // What the watches say. Raw objects as the API server sent them; cheap, no decision is made here.
  void on_pod(const boost::json::object& pod, Time now);
  void on_pod_gone(const boost::json::object& pod, Time now);
  void on_replica_set(const boost::json::object& replica_set, Time now);
  void on_replica_set_gone(const boost::json::object& replica_set, Time now);
  void on_deployment(const boost::json::object& deployment, Time now);
  void on_deployment_gone(const boost::json::object& deployment, Time now);
  void on_node(const boost::json::object& node, Time now);
  void on_node_gone(const boost::json::object& node, Time now);
  void on_namespace(const boost::json::object& ns, Time now);
  void on_namespace_gone(const boost::json::object& ns, Time now);
  void on_policy(const boost::json::object& policy, Time now);       ///< RollbackPolicy
  void on_policy_gone(const boost::json::object& policy, Time now);
  /// ReleaseLedger and ReleaseBaseline: of the first list, and later only what someone else wrote matters.
  void on_ledger(const boost::json::object& ledger, Time now);
  void on_ledger_gone(const boost::json::object& ledger, Time now);
  void on_baseline(const boost::json::object& baseline, Time now);
  void on_baseline_gone(const boost::json::object& baseline, Time now);
  /// Every watch has listed once. Also call after becoming leader again.
  void synced(Time now);

  /// Agents. `unavailable`: the pod, its ReplicaSet, Deployment or the release's ledger is not known yet (HTTP 425: try
  /// again in a second). `forbidden`: the token's pod is not (any more) a pod of a watched workload, or another pod has its
  /// name now. The reply's trust_bundle is the shell's to fill.
  Result<wire::HelloReply> hello(const AgentIdentity& agent, const wire::Hello& hello, Time now);
  /// Also invalid_input (validate). A repeated or late sequence is acknowledged and changes nothing.
  Result<wire::ReportReply> report(const AgentIdentity& agent, const wire::Report& report, Time now);
  /// The present baseline for this pod.
  Result<wire::Baseline> baseline(const AgentIdentity& agent, Time now) const;

  /// What is to be done now. Call every second and after a report whose verdict is fail.
  std::vector<Action> tick(Time now);
  /// How an action ended; see action.hpp for what `result` holds.
  void outcome(const Action& action, const Result<boost::json::object>& result, Time now);

  // Commands. Authorisation is the shell's, before the call. Errors: not_found (no such workload), conflict (refused; the
  // context says why, in a sentence for people). What they start comes out of the next tick.
  Result<CommandReply> rollback(const WorkloadKey& key, const CommandOptions& options, Time now);
  Result<CommandReply> freeze(const WorkloadKey& key, const CommandOptions& options, Time now);
  Result<CommandReply> unfreeze(const WorkloadKey& key, const CommandOptions& options, Time now);
  Result<CommandReply> promote(const WorkloadKey& key, const CommandOptions& options, Time now);
  /// Sets `tag` on the containers whose image is `image` (as find_by_image compares). Also invalid_input.
  Result<CommandReply> rollout(const WorkloadKey& key, std::string_view image, std::string_view tag, const CommandOptions& options, Time now);
  /// A registry's push, for workloads in `namespaces` ("*": all) that follow it (annotation charon.dev/follow). One reply
  /// per workload that follows the repository, refusals included (changed false, message says why).
  std::vector<CommandReply> image_pushed(const ImagePush& push, const std::vector<std::string>& namespaces, Time now);

  // Views, for readers.
  /// Keys of watched workloads with a container of this image: "test-app" fits any repository whose last part it is,
  /// "shop/test-app" or "10.0.0.1:5000/shop/test-app" the whole ones.
  std::vector<WorkloadKey> find_by_image(std::string_view image) const;
  std::vector<WorkloadKey> watched() const;
  /// {"workloads": [{namespace, kind, name, state, candidate, stable, reason}]}; `ns` empty: all.
  boost::json::object workloads(std::string_view ns) const;
  /// Releases, verdict, evidence per pod, coverage, last action, policy. Errors: not_found.
  Result<boost::json::object> workload(const WorkloadKey& key, Time now) const;
  CoordinatorCounters counters() const;  ///< "now" is the last tick

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace charon::coordinator
