#pragma once
/// The watched objects, and how they belong together: pod -> ReplicaSet -> Deployment, by uid and only through
/// controllers of the right kind.
#include "coordinator/core/cluster_view.hpp"
#include "coordinator/core/rollback_policy.hpp"
#include "coordinator/core/workload_key.hpp"

#include <set>

namespace charon::coordinator {

class Cluster {
 public:
  void put(PodView pod);
  void put(ReplicaSetView replica_set);
  void put(DeploymentView deployment);
  void drop_pod(const std::string& uid);
  void drop_replica_set(const std::string& uid);
  void drop_deployment(const WorkloadKey& key) { deployments_.erase(key); }

  const PodView* pod(const PodUid& uid) const;
  const ReplicaSetView* replica_set_of(const PodView& pod) const;
  const DeploymentView* deployment(const WorkloadKey& key) const;
  /// Live pods: not deleted, not finished.
  std::vector<const PodView*> pods_of(const DeploymentView& deployment) const;
  /// Whether pods of this Deployment get agents.
  bool wants_agents(const DeploymentView& deployment) const;
  const std::map<WorkloadKey, DeploymentView>& deployments() const { return deployments_; }

  /// What `owner` says of a pod. Errors: unavailable (its ReplicaSet or Deployment is not known yet), forbidden (its
  /// controller is of a kind that Charon does not watch).
  Result<WorkloadKey> workload_of(const PodView& pod) const;

  std::map<std::string, NodeView> nodes;                    ///< by name
  std::map<std::string, std::string> namespaces;            ///< name -> value of the injection label
  std::map<std::string, PolicyObject> policies;             ///< by uid

 private:
  std::map<std::string, PodView> pods_;                     // by uid
  std::map<std::string, ReplicaSetView> replica_sets_;      // by uid
  std::map<WorkloadKey, DeploymentView> deployments_;
  std::map<std::string, std::set<std::string>> pods_by_owner_, replica_sets_by_owner_;  // uid -> uids
};

}  // namespace charon::coordinator
