#include "coordinator/core/coordinator_state.hpp"

#include "coordinator/core/events.hpp"
#include "coordinator/core/json_lookup.hpp"

namespace charon::coordinator {

void Coordinator::State::attend(const WorkloadKey& key, Time now) {
  const DeploymentView* d = cluster.deployment(key);
  const bool wanted = synced && d && !d->deleting && cluster.wants_agents(*d);
  const auto found = workloads.find(key);
  if (wanted && found == workloads.end()) {
    auto w = std::make_unique<Workload>(key, cluster, defaults, log, counters);
    events::watching(log, key);
    if (const auto kept = ledgers.find(key); kept != ledgers.end()) {
      w->restore(kept->second);
      ledgers.erase(kept);
    }
    if (const auto kept = baselines.find(key); kept != baselines.end()) {
      w->restore_baseline(kept->second);
      baselines.erase(kept);
    }
    workloads.emplace(key, std::move(w)).first->second->refresh(now);
  } else if (!wanted && found != workloads.end()) {
    events::not_watching(log, key);
    boost::json::object ledger = found->second->kept_ledger(), baseline = found->second->kept_baseline(now);
    workloads.erase(found);
    // What the API server no longer has, as of a namespace that goes, is not brought back with the next workload of the name.
    const auto stored = [](const boost::json::object& o) { return !text_at(o, {"metadata", "resourceVersion"}).empty(); };
    if (stored(ledger)) ledgers[key] = std::move(ledger);
    if (stored(baseline)) baselines[key] = std::move(baseline);
  } else if (wanted) {
    found->second->refresh(now);
  }
}

void Coordinator::State::attend_namespace(const std::string& ns, Time now) {
  std::vector<WorkloadKey> keys;
  for (const auto& [key, d] : cluster.deployments())
    if (key.ns == ns) keys.push_back(key);
  for (const auto& key : keys) attend(key, now);
}

Workload* Coordinator::State::workload(const WorkloadKey& key) const {
  const auto found = workloads.find(key);
  return found == workloads.end() ? nullptr : found->second.get();
}

Result<Coordinator::State::Speaker> Coordinator::State::speaker(const AgentIdentity& agent) const {
  if (!synced) return fail(Errc::unavailable, "the coordinator is starting");
  const PodView* pod = cluster.pod(agent.pod_uid);
  if (!pod) return fail(Errc::unavailable, fmt::format("pod {}/{} is not known yet", agent.ns, agent.pod));
  if (pod->ns != agent.ns || pod->name != agent.pod) return fail(Errc::forbidden, "the token's pod has another name");
  if (pod->node.empty()) return fail(Errc::unavailable, fmt::format("the node of pod {}/{} is not known yet", agent.ns, agent.pod));
  auto key = cluster.workload_of(*pod);
  if (!key) return key.error();
  Workload* w = workload(*key);
  if (!w) return fail(Errc::forbidden, fmt::format("{} is not watched: its labels do not ask for it", key->text()));
  if (!w->unreadable().empty()) return fail(Errc::unavailable, fmt::format("the ledger of {} cannot be read", key->text()));
  return Speaker{pod, w};
}

Result<Workload*> Coordinator::State::commanded(const WorkloadKey& key) const {
  if (!synced) return fail(Errc::unavailable, "the coordinator is starting");
  Workload* w = workload(key);
  if (!w) return fail(Errc::not_found, fmt::format("no watched workload {}", key.text()));
  if (!w->unreadable().empty()) return fail(Errc::conflict, fmt::format("{}: its ReleaseLedger cannot be read: {}", key.text(), w->unreadable()));
  return w;
}

/// What one workload's nodes suffer from, agents of others may show: the longest interval counts.
bool Coordinator::State::may_decide(Time now) const {
  Duration wait = config.listening();
  for (const auto& [key, w] : workloads) wait = std::max(wait, w->report_interval());
  return synced && now - *synced >= wait;
}

Surroundings Coordinator::State::surroundings(Time now) {
  Surroundings out;
  std::map<std::string, std::size_t> registries;
  for (const auto& [key, w] : workloads) {
    w->trouble(out, now);
    for (const std::string& domain : failing_registries(w->pods())) ++registries[domain];
  }
  for (const auto& [domain, count] : registries)
    if (count > 1) out.failing_registries.insert(domain);
  out.may_decide = may_decide(now);
  return out;
}

void Coordinator::State::look_for_an_outage(Surroundings& around, Time now) {
  for (const auto& [key, w] : workloads)
    if (w->failing()) breaker.failing(key, now);
  const bool open = breaker.open(workloads.size(), now);
  if (open && !breaker_open) {
    const std::string message = events::outage(log, breaker.count(), workloads.size());
    const WorkloadKey own{config.ns, "Deployment", "charon-coordinator"};
    const DeploymentView* d = cluster.deployment(own);
    events.push_back({"apps/v1", own.kind, own.ns, own.name, d ? d->uid : "", "Warning", "Outage", message});
  }
  if (!open && breaker_open) events::outage_over(log);
  breaker_open = around.breaker_open = open;
}

}  // namespace charon::coordinator
