#include "coordinator/core/cluster.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace charon::coordinator {
namespace {

template <class Map>
auto* lookup(Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

void unlink(std::map<std::string, std::set<std::string>>& index, const std::string& owner, const std::string& uid) {
  const auto found = index.find(owner);
  if (found == index.end()) return;
  found->second.erase(uid);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

void Cluster::put(PodView pod) {
  const std::string uid = pod.uid.value;
  drop_pod(uid);
  if (!pod.owner.uid.empty()) pods_by_owner_[pod.owner.uid].insert(uid);
  pods_.emplace(uid, std::move(pod));
}

void Cluster::put(ReplicaSetView replica_set) {
  const std::string uid = replica_set.uid;
  drop_replica_set(uid);
  if (!replica_set.owner.uid.empty()) replica_sets_by_owner_[replica_set.owner.uid].insert(uid);
  replica_sets_.emplace(uid, std::move(replica_set));
}

void Cluster::put(DeploymentView deployment) {
  WorkloadKey key{deployment.ns, "Deployment", deployment.name};
  // The answer to a PATCH may overtake watch events from before it. (Versions are opaque to most clients, but of one
  // object they ascend: KEP-5504.)
  if (const auto old = deployments_.find(key); old != deployments_.end() && old->second.uid == deployment.uid) {
    const auto number = [](const std::string& version) { return std::strtoull(version.c_str(), nullptr, 10); };
    if (number(deployment.resource_version) < number(old->second.resource_version)) return;
  }
  deployments_.insert_or_assign(std::move(key), std::move(deployment));
}

void Cluster::drop_pod(const std::string& uid) {
  if (const PodView* old = lookup(pods_, uid)) {
    unlink(pods_by_owner_, old->owner.uid, uid);
    pods_.erase(uid);
  }
}

void Cluster::drop_replica_set(const std::string& uid) {
  if (const ReplicaSetView* old = lookup(replica_sets_, uid)) {
    unlink(replica_sets_by_owner_, old->owner.uid, uid);
    replica_sets_.erase(uid);
  }
}

const PodView* Cluster::pod(const PodUid& uid) const { return lookup(pods_, uid.value); }
const ReplicaSetView* Cluster::replica_set_of(const PodView& pod) const { return lookup(replica_sets_, pod.owner.uid); }
const DeploymentView* Cluster::deployment(const WorkloadKey& key) const { return lookup(deployments_, key); }

std::vector<const PodView*> Cluster::pods_of(const DeploymentView& deployment) const {
  std::vector<const PodView*> out;
  const auto* replica_sets = lookup(replica_sets_by_owner_, deployment.uid);
  if (!replica_sets) return out;
  for (const std::string& replica_set : *replica_sets)
    if (const auto* uids = lookup(pods_by_owner_, replica_set))
      for (const std::string& uid : *uids)
        if (const PodView* p = lookup(pods_, uid); p && !p->over()) out.push_back(p);
  return out;
}

bool Cluster::wants_agents(const DeploymentView& deployment) const {
  const auto* ns = lookup(namespaces, deployment.ns);
  const auto* pod = lookup(deployment.template_labels, std::string(pod_injection_label));
  return injection_wanted(ns ? *ns : std::string(), pod ? *pod : std::string());
}

Result<WorkloadKey> Cluster::workload_of(const PodView& pod) const {
  if (pod.owner.kind != "ReplicaSet")
    return fail(Errc::forbidden, fmt::format("pod {}/{}: only pods of Deployments are judged, this one is controlled by {}", pod.ns, pod.name,
                                             pod.owner.kind.empty() ? "nobody" : "a " + pod.owner.kind));
  const ReplicaSetView* replica_set = replica_set_of(pod);
  if (!replica_set) return fail(Errc::unavailable, fmt::format("ReplicaSet of pod {}/{} is not known yet", pod.ns, pod.name));
  if (replica_set->owner.kind != "Deployment") return fail(Errc::forbidden, fmt::format("ReplicaSet {}/{} belongs to no Deployment", pod.ns, replica_set->name));
  WorkloadKey key{pod.ns, "Deployment", replica_set->owner.name};
  const DeploymentView* d = deployment(key);
  if (!d || d->uid != replica_set->owner.uid) return fail(Errc::unavailable, fmt::format("Deployment {} is not known yet", key.text()));
  return key;
}

}  // namespace charon::coordinator
