#include "coordinator/shell/cluster_feed.hpp"

#include "coordinator/shell/shell_events.hpp"

namespace charon::coordinator {
namespace {

namespace json = boost::json;

/// What is needed of an object that is gone: which one it was.
json::object identity_only(const json::object& object) {
  json::object metadata;
  if (const json::value* from = object.if_contains("metadata"); from && from->is_object())
    for (const std::string_view field : {"name", "namespace", "uid", "resourceVersion"})
      if (const json::value* value = from->get_object().if_contains(field)) metadata[field] = *value;
  return {{"metadata", std::move(metadata)}};
}

std::string uid_of(const json::object& object) {
  const json::value* metadata = object.if_contains("metadata");
  const json::value* uid = metadata && metadata->is_object() ? metadata->get_object().if_contains("uid") : nullptr;
  return uid && uid->is_string() ? std::string(uid->get_string()) : std::string();
}

}  // namespace

ClusterFeed::ClusterFeed(Coordinator& core, Authenticator& authenticator, std::shared_ptr<kube::Client> client, std::string ns, ShellMetrics& metrics, Log log)
    : core_(core), authenticator_(authenticator), client_(std::move(client)), ns_(std::move(ns)), metrics_(metrics), log_(std::move(log)) {}

void ClusterFeed::start(net::TaskGroup& tasks) {
  watch(tasks, kube::release_ledgers, &Coordinator::on_ledger, &Coordinator::on_ledger_gone);
  watch(tasks, kube::release_baselines, &Coordinator::on_baseline, &Coordinator::on_baseline_gone);
  watch(tasks, kube::rollback_policies, &Coordinator::on_policy, &Coordinator::on_policy_gone);
  watch(tasks, kube::namespaces, &Coordinator::on_namespace, &Coordinator::on_namespace_gone);
  watch(tasks, kube::nodes, &Coordinator::on_node, &Coordinator::on_node_gone);
  watch(tasks, kube::deployments, &Coordinator::on_deployment, &Coordinator::on_deployment_gone);
  watch(tasks, kube::replica_sets, &Coordinator::on_replica_set, &Coordinator::on_replica_set_gone);
  watch(tasks, kube::pods, &Coordinator::on_pod, &Coordinator::on_pod_gone);
  watch_registry_secret(tasks);
}

void ClusterFeed::watch(net::TaskGroup& tasks, const kube::Resource& resource, Take upsert, Take removed) {
  missing_.insert(resource.plural);
  const bool pods = resource.plural == kube::pods.plural;
  kube::WatchConfig config;
  config.resource = resource;
  config.keep = identity_only;
  kube::WatchHandlers handlers;
  handlers.upsert = [this, upsert](const json::object& object) { (core_.*upsert)(object, wall_now()); };
  handlers.removed = [this, removed, pods](const json::object& object) {
    (core_.*removed)(object, wall_now());
    if (pods) authenticator_.forget(PodUid{uid_of(object)});
  };
  handlers.synced = [this, plural = resource.plural] { listed(plural); };
  tasks.spawn(kube::watch_forever(client_, std::move(config), std::move(handlers), log_));
}

void ClusterFeed::watch_registry_secret(net::TaskGroup& tasks) {
  kube::WatchConfig config;
  config.resource = kube::secrets;
  config.ns = ns_;
  config.field_selector = fmt::format("metadata.name={}", registry_secret_name);
  config.keep = identity_only;
  kube::WatchHandlers handlers;
  handlers.upsert = [this](const json::object& secret) {
    grants_ = RegistryGrants::read(secret);
    for (const std::string& warning : grants_.warnings()) log_.warn(shell_events::registry_grant_unfit(warning));
    log_.info(shell_events::registry_grants(grants_.size()));
  };
  handlers.removed = [this](const json::object&) { grants_ = RegistryGrants{}; };
  tasks.spawn(kube::watch_forever(client_, std::move(config), std::move(handlers), log_));
}

void ClusterFeed::listed(const std::string& plural) {
  metrics_.lists(plural);
  missing_.erase(plural);
  if (synced_ || !missing_.empty()) return;
  synced_ = true;
  core_.synced(wall_now());
  log_.info(shell_events::synced());
}

}  // namespace charon::coordinator
