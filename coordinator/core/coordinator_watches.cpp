#include "coordinator/core/coordinator_state.hpp"
#include "coordinator/core/events.hpp"
#include "coordinator/core/json_lookup.hpp"

namespace charon::coordinator {
namespace {

WorkloadKey key_of(const boost::json::object& deployment) { return {text_at(deployment, {"metadata", "namespace"}), "Deployment", text_at(deployment, {"metadata", "name"})}; }
std::string uid_of(const boost::json::object& object) { return text_at(object, {"metadata", "uid"}); }
std::string version_of(const boost::json::object& object) { return text_at(object, {"metadata", "resourceVersion"}); }

}  // namespace

void Coordinator::on_pod(const boost::json::object& pod, Time) { state_->cluster.put(read_pod(pod)); }
void Coordinator::on_pod_gone(const boost::json::object& pod, Time) { state_->cluster.drop_pod(uid_of(pod)); }
void Coordinator::on_replica_set(const boost::json::object& replica_set, Time) { state_->cluster.put(read_replica_set(replica_set)); }
void Coordinator::on_replica_set_gone(const boost::json::object& replica_set, Time) { state_->cluster.drop_replica_set(uid_of(replica_set)); }

void Coordinator::on_deployment(const boost::json::object& deployment, Time now) {
  state_->cluster.put(read_deployment(deployment));
  state_->attend(key_of(deployment), now);
}
void Coordinator::on_deployment_gone(const boost::json::object& deployment, Time now) {
  const WorkloadKey key = key_of(deployment);
  state_->cluster.drop_deployment(key);
  state_->attend(key, now);
}

void Coordinator::on_node(const boost::json::object& node, Time) {
  NodeView view = read_node(node);
  std::string name = view.name;
  state_->cluster.nodes.insert_or_assign(std::move(name), std::move(view));
}
void Coordinator::on_node_gone(const boost::json::object& node, Time) { state_->cluster.nodes.erase(text_at(node, {"metadata", "name"})); }

void Coordinator::on_namespace(const boost::json::object& ns, Time now) {
  const std::string name = text_at(ns, {"metadata", "name"}), label = text_at(ns, {"metadata", "labels", namespace_injection_label});
  const auto [at, added] = state_->cluster.namespaces.try_emplace(name, label);
  if (!added && at->second == label) return;
  at->second = label;
  state_->attend_namespace(name, now);
}
void Coordinator::on_namespace_gone(const boost::json::object& ns, Time now) {
  const std::string name = text_at(ns, {"metadata", "name"});
  state_->cluster.namespaces.erase(name);
  state_->attend_namespace(name, now);
}

void Coordinator::on_policy(const boost::json::object& object, Time) {
  PolicyObject policy = read_policy(object, state_->defaults);
  const auto old = state_->cluster.policies.find(policy.uid);
  if (!policy.problem.empty() && (old == state_->cluster.policies.end() || old->second.problem != policy.problem)) {
    events::policy_refused(state_->log, policy.ns, policy.name, policy.problem);
    if (state_->events.size() < 256)
      state_->events.push_back({"charon.dev/v1alpha1", "RollbackPolicy", policy.ns, policy.name, policy.uid, "Warning", "PolicyRefused", "not used, defaults hold: " + policy.problem});
  }
  std::string uid = policy.uid;
  state_->cluster.policies.insert_or_assign(std::move(uid), std::move(policy));
}
void Coordinator::on_policy_gone(const boost::json::object& policy, Time) { state_->cluster.policies.erase(uid_of(policy)); }

void Coordinator::on_ledger(const boost::json::object& ledger, Time) {
  const auto key = owner_of(ledger);
  if (!key) return events::unreadable(state_->log, "ReleaseLedger " + text_at(ledger, {"metadata", "namespace"}) + "/" + text_at(ledger, {"metadata", "name"}), "its name is none that Charon gives");
  if (Workload* w = state_->workload(*key)) w->ledger_seen(ledger);
  else state_->ledgers[*key] = ledger;
}
void Coordinator::on_ledger_gone(const boost::json::object& ledger, Time) {
  const auto key = owner_of(ledger);
  if (!key) return;
  if (Workload* w = state_->workload(*key)) w->ledger_gone();
  state_->ledgers.erase(*key);
}
void Coordinator::on_baseline(const boost::json::object& baseline, Time) {
  const auto key = owner_of(baseline);
  if (!key) return;
  if (Workload* w = state_->workload(*key)) w->baseline_seen(version_of(baseline));
  else state_->baselines[*key] = baseline;
}
void Coordinator::on_baseline_gone(const boost::json::object& baseline, Time) {
  const auto key = owner_of(baseline);
  if (!key) return;
  if (Workload* w = state_->workload(*key)) w->baseline_seen({});
  state_->baselines.erase(*key);
}

void Coordinator::synced(Time now) {
  state_->synced = now;
  std::vector<WorkloadKey> keys;
  for (const auto& [key, d] : state_->cluster.deployments()) keys.push_back(key);
  for (const auto& key : keys) state_->attend(key, now);
}

}  // namespace charon::coordinator
