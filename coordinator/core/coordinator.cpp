#include "coordinator/core/coordinator.hpp"

#include "coordinator/core/events.hpp"
#include "coordinator/core/facts.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/outage_breaker.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

WorkloadKey key_of(const boost::json::object& deployment) { return {text_at(deployment, {"metadata", "namespace"}), "Deployment", text_at(deployment, {"metadata", "name"})}; }
std::string uid_of(const boost::json::object& object) { return text_at(object, {"metadata", "uid"}); }
std::string version_of(const boost::json::object& object) { return text_at(object, {"metadata", "resourceVersion"}); }

}  // namespace

struct Coordinator::State {
  State(CoordinatorConfig c, Log l) : config(c), log(std::move(l)) {
    defaults.settle_time = c.settle_time;
    defaults.agent.scrape_interval = c.scrape_interval;
    defaults.agent.report_interval = c.report_interval;
  }

  CoordinatorConfig config;
  Log log;
  RollbackPolicy defaults;
  Cluster cluster;
  CoordinatorCounters counters;
  OutageBreaker breaker;
  bool breaker_open = false;
  std::optional<Time> synced;
  Time ticked{};
  std::vector<EmitEvent> events;  ///< of objects that are no workloads
  std::map<WorkloadKey, std::unique_ptr<Workload>> workloads;
  std::map<WorkloadKey, boost::json::object> ledgers, baselines;  ///< of workloads that are not watched (yet)
  std::map<std::string, WorkloadKey> ledger_keys;                 ///< "ns/ledger name" -> whose, for objects that are gone

  /// Watch or stop watching: the labels of namespace or template may have changed.
  void attend(const WorkloadKey& key, Time now) {
    const DeploymentView* d = cluster.deployment(key);
    const bool wanted = synced && d && !d->deleting && cluster.wants_agents(*d);
    const auto found = workloads.find(key);
    if (wanted && found == workloads.end()) {
      auto w = std::make_unique<Workload>(key, cluster, defaults, log, counters);
      events::watching(log, key);
      if (const auto kept = ledgers.find(key); kept != ledgers.end()) {
        auto read = read_ledger(kept->second);
        // An unreadable ledger is not overwritten blindly: it is taken as absent, and said.
        if (read) w->restore(std::move(read->second), version_of(kept->second));
        else events::unreadable(log, "ReleaseLedger of " + key.text(), read.error().message()), w->restore({}, version_of(kept->second));
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
      ledgers[key] = std::move(ledger);
      baselines[key] = std::move(baseline);
    } else if (wanted) {
      found->second->refresh(now);
    }
  }

  void attend_namespace(const std::string& ns, Time now) {
    std::vector<WorkloadKey> keys;
    for (const auto& [key, d] : cluster.deployments())
      if (key.ns == ns) keys.push_back(key);
    for (const auto& key : keys) attend(key, now);
  }

  Workload* workload(const WorkloadKey& key) const {
    const auto found = workloads.find(key);
    return found == workloads.end() ? nullptr : found->second.get();
  }

  struct Speaker {
    const PodView* pod;
    Workload* workload;
  };
  Result<Speaker> speaker(const AgentIdentity& agent) const {
    if (!synced) return fail(Errc::unavailable, "the coordinator is starting");
    const PodView* pod = cluster.pod(agent.pod_uid);
    if (!pod) return fail(Errc::unavailable, fmt::format("pod {}/{} is not known yet", agent.ns, agent.pod));
    if (pod->ns != agent.ns || pod->name != agent.pod) return fail(Errc::forbidden, "the token's pod has another name");
    if (pod->node.empty()) return fail(Errc::unavailable, fmt::format("the node of pod {}/{} is not known yet", agent.ns, agent.pod));
    auto key = cluster.workload_of(*pod);
    if (!key) return key.error();
    Workload* w = workload(*key);
    if (!w) return fail(Errc::forbidden, fmt::format("{} is not watched: its labels do not ask for it", key->text()));
    return Speaker{pod, w};
  }

  Result<Workload*> commanded(const WorkloadKey& key) const {
    if (!synced) return fail(Errc::unavailable, "the coordinator is starting");
    Workload* w = workload(key);
    if (!w) return fail(Errc::not_found, fmt::format("no watched workload {}", key.text()));
    return w;
  }

  Surroundings surroundings(Time now) {
    Surroundings out;
    Duration wait = config.report_interval;
    std::map<std::string, std::size_t> registries;
    for (const auto& [key, w] : workloads) {
      w->trouble(out, now);
      wait = std::max(wait, w->report_interval());
      for (const std::string& domain : failing_registries(w->pods())) ++registries[domain];
    }
    for (const auto& [domain, count] : registries)
      if (count > 1) out.failing_registries.insert(domain);
    out.may_decide = synced && now - *synced >= wait;
    return out;
  }

  void look_for_an_outage(Surroundings& around, Time now) {
    for (const auto& [key, w] : workloads)
      if (w->failing()) breaker.failing(key, now);
    const bool open = breaker.open(workloads.size(), now);
    if (open && !breaker_open) events::outage(log, breaker.count(), workloads.size());
    if (!open && breaker_open) events::outage_over(log);
    breaker_open = around.breaker_open = open;
  }
};

Coordinator::Coordinator(CoordinatorConfig config, Log log) : state_(std::make_unique<State>(config, std::move(log))) {}
Coordinator::~Coordinator() = default;

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
  auto read = read_ledger(ledger);
  WorkloadKey key{text_at(ledger, {"metadata", "namespace"}), "Deployment", text_at(ledger, {"spec", "workload", "name"})};
  if (!read && key.name.empty()) return events::unreadable(state_->log, "ReleaseLedger " + key.ns + "/" + text_at(ledger, {"metadata", "name"}), read.error().message());
  state_->ledger_keys[key.ns + "/" + text_at(ledger, {"metadata", "name"})] = key;
  if (Workload* w = state_->workload(key)) w->ledger_seen(version_of(ledger));
  else state_->ledgers[key] = ledger;
}
void Coordinator::on_ledger_gone(const boost::json::object& ledger, Time) {
  const auto found = state_->ledger_keys.find(text_at(ledger, {"metadata", "namespace"}) + "/" + text_at(ledger, {"metadata", "name"}));
  if (found == state_->ledger_keys.end()) return;
  if (Workload* w = state_->workload(found->second)) w->ledger_seen({});
  state_->ledgers.erase(found->second);
  state_->ledger_keys.erase(found);
}
void Coordinator::on_baseline(const boost::json::object& baseline, Time) {
  const WorkloadKey key{text_at(baseline, {"metadata", "namespace"}), "Deployment", text_at(baseline, {"spec", "workload", "name"})};
  if (Workload* w = state_->workload(key)) w->baseline_seen(version_of(baseline));
  else state_->baselines[key] = baseline;
}
void Coordinator::on_baseline_gone(const boost::json::object& baseline, Time) {
  const WorkloadKey key{text_at(baseline, {"metadata", "namespace"}), "Deployment", text_at(baseline, {"spec", "workload", "name"})};
  if (Workload* w = state_->workload(key)) w->baseline_seen({});
  state_->baselines.erase(key);
}

void Coordinator::synced(Time now) {
  state_->synced = now;
  std::vector<WorkloadKey> keys;
  for (const auto& [key, d] : state_->cluster.deployments()) keys.push_back(key);
  for (const auto& key : keys) state_->attend(key, now);
}

Result<wire::HelloReply> Coordinator::hello(const AgentIdentity& agent, const wire::Hello& hello, Time now) {
  auto speaker = state_->speaker(agent);
  auto reply = speaker ? speaker->workload->hello(*speaker->pod, hello, now) : Result<wire::HelloReply>(speaker.error());
  ++(reply ? state_->counters.hellos : state_->counters.refused_hellos);
  return reply;
}

Result<wire::ReportReply> Coordinator::report(const AgentIdentity& agent, const wire::Report& report, Time now) {
  auto speaker = state_->speaker(agent);
  if (!speaker) return speaker.error();
  ++state_->counters.reports;
  return speaker->workload->report(*speaker->pod, report, now);
}

Result<wire::Baseline> Coordinator::baseline(const AgentIdentity& agent, Time) const {
  auto speaker = state_->speaker(agent);
  if (!speaker) return speaker.error();
  return speaker->workload->baseline(*speaker->pod);
}

std::vector<Action> Coordinator::tick(Time now) {
  std::vector<Action> out;
  state_->ticked = now;
  if (!state_->synced) return out;
  Surroundings around = state_->surroundings(now);
  for (const auto& [key, w] : state_->workloads) w->look(around, now);
  state_->look_for_an_outage(around, now);
  for (const auto& [key, w] : state_->workloads) w->tick(around, out, now);
  for (EmitEvent& event : state_->events) out.push_back(std::move(event));
  state_->events.clear();
  return out;
}

void Coordinator::outcome(const Action& action, const Result<boost::json::object>& result, Time now) {
  if (const auto* write = std::get_if<WriteLedger>(&action)) {
    if (Workload* w = state_->workload(write->key)) w->ledger_written(result, write->revision, now);
  } else if (const auto* baseline = std::get_if<WriteBaseline>(&action)) {
    if (Workload* w = state_->workload(baseline->key)) w->baseline_written(result, now);
  } else if (const auto* patch = std::get_if<PatchWorkload>(&action)) {
    Workload* w = state_->workload(patch->key);
    if (w) w->patch_done(*patch, result, now);
    // What the patch made of it is known before the watch says so.
    if (result && uid_of(*result) == patch->plan.uid) on_deployment(*result, now);
  }
}

Result<CommandReply> Coordinator::rollback(const WorkloadKey& key, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->rollback(options, now);
}
Result<CommandReply> Coordinator::freeze(const WorkloadKey& key, const CommandOptions& options, Time) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->set_frozen(true, options);
}
Result<CommandReply> Coordinator::unfreeze(const WorkloadKey& key, const CommandOptions& options, Time) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->set_frozen(false, options);
}
Result<CommandReply> Coordinator::promote(const WorkloadKey& key, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->promote(options, now);
}
Result<CommandReply> Coordinator::rollout(const WorkloadKey& key, std::string_view image, std::string_view tag, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->rollout(image, tag, options, now);
}

std::vector<CommandReply> Coordinator::image_pushed(const ImagePush& push, const std::vector<std::string>& namespaces, Time now) {
  std::vector<CommandReply> out;
  for (const auto& [key, w] : state_->workloads) {
    const bool everywhere = std::find(namespaces.begin(), namespaces.end(), "*") != namespaces.end();
    if (!everywhere && std::find(namespaces.begin(), namespaces.end(), key.ns) == namespaces.end()) continue;
    if (auto reply = w->image_pushed(push, now)) out.push_back(*std::move(reply));
  }
  return out;
}

std::vector<WorkloadKey> Coordinator::find_by_image(std::string_view image) const {
  std::vector<WorkloadKey> out;
  for (const auto& [key, w] : state_->workloads)
    if (w->has_image(image)) out.push_back(key);
  return out;
}

std::vector<WorkloadKey> Coordinator::watched() const {
  std::vector<WorkloadKey> out;
  for (const auto& [key, w] : state_->workloads) out.push_back(key);
  return out;
}

boost::json::object Coordinator::workloads(std::string_view ns) const {
  boost::json::array list;
  for (const auto& [key, w] : state_->workloads)
    if (ns.empty() || key.ns == ns) list.push_back(w->summary());
  return {{"workloads", std::move(list)}};
}

Result<boost::json::object> Coordinator::workload(const WorkloadKey& key, Time now) const {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->view(now);
}

CoordinatorCounters Coordinator::counters() const {
  const Time now = state_->ticked;
  CoordinatorCounters out = state_->counters;
  out.watched = state_->workloads.size();
  for (const auto& [key, w] : state_->workloads) w->count_agents(out, now);
  out.breaker_open = state_->breaker_open;
  out.ready = state_->synced && now - *state_->synced >= state_->config.report_interval;
  return out;
}

}  // namespace charon::coordinator
