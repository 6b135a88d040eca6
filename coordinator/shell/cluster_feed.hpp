#pragma once
/// The watches that tell the core what the cluster is like.
#include "coordinator/core/coordinator.hpp"
#include "coordinator/core/registry_grants.hpp"
#include "coordinator/shell/authenticator.hpp"
#include "lib/kube/watcher.hpp"
#include "lib/net/task_group.hpp"

#include <set>

namespace charon::coordinator {

class ClusterFeed {
 public:
  /// `ns`: the coordinator's own, which holds the Secret charon-registries.
  ClusterFeed(Coordinator& core, Authenticator& authenticator, std::shared_ptr<kube::Client> client, std::string ns, ShellMetrics& metrics, Log log);

  void start(net::TaskGroup& tasks);
  /// Every collection has been listed once: the core knows the cluster.
  bool synced() const { return synced_; }
  const RegistryGrants& registry_grants() const { return grants_; }

 private:
  using Take = void (Coordinator::*)(const boost::json::object&, Time);
  void watch(net::TaskGroup& tasks, const kube::Resource& resource, Take upsert, Take removed);
  void watch_registry_secret(net::TaskGroup& tasks);
  void listed(const std::string& plural);

  Coordinator& core_;
  Authenticator& authenticator_;
  std::shared_ptr<kube::Client> client_;
  std::string ns_;
  ShellMetrics& metrics_;
  Log log_;
  std::set<std::string> missing_;  ///< collections not listed yet
  bool synced_ = false;
  RegistryGrants grants_;
};

}  // namespace charon::coordinator
