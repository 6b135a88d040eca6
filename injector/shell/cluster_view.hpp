#pragma once
/// What the injector knows of the cluster, kept by watches: versions of nodes and server, LimitRanges, pending pods with
/// agents, refused creations. Decisions are the core's; this feeds them and answers for one admission.
#include "injector/core/admission.hpp"
#include "injector/core/creation_refusals.hpp"
#include "injector/core/injection_breaker.hpp"
#include "injector/core/native_sidecar.hpp"
#include "injector/shell/metrics.hpp"
#include "lib/net/task_group.hpp"
#include "injector/shell/workload_events.hpp"
#include "lib/kube/watcher.hpp"

namespace charon::injector {

struct ClusterViewConfig {
  NativeSidecar native_sidecar = NativeSidecar::automatic;
  BreakerConfig breaker;
  RefusalConfig refusals;
  std::string agent_image;  ///< that new pods get
};

class ClusterView {
 public:
  ClusterView(std::shared_ptr<kube::Client> client, ClusterViewConfig config, WorkloadEvents& workloads, Metrics& metrics, net::TaskGroup& tasks, Log log);

  /// Starts the watches and the clock; they run until the group is cancelled.
  void start();
  /// Every watch listed once, and the server's version is known.
  bool ready() const;
  /// For one admission. Valid as long as this view.
  ClusterFacts facts();
  /// After an answer that injected (not of a dry run).
  void injected(const WorkloadKey& workload, Time now);

  // Handlers of the watches.
  void node(const boost::json::object& object);
  void node_gone(const boost::json::object& object);
  void limit_range(const boost::json::object& object);
  void limit_range_gone(const boost::json::object& object);
  void pending_pod(const boost::json::object& pod, Time now);
  void not_pending(const boost::json::object& pod, Time now);
  void creation_failed(const boost::json::object& event, Time now);

 private:
  boost::asio::awaitable<void> tick();
  boost::asio::awaitable<void> read_version();
  boost::asio::awaitable<void> look_again(std::string ns, std::string name);
  void agent_seen(const boost::json::object& pod, Time now);
  void breaker_changed(std::optional<BreakerState> state, Time now);
  void publish(Time now);

  std::shared_ptr<kube::Client> client_;
  ClusterViewConfig config_;
  WorkloadEvents& workloads_;
  Metrics& metrics_;
  net::TaskGroup& tasks_;
  Log log_;
  ClusterVersions versions_;
  std::map<std::string, std::map<std::string, std::vector<LimitRangeItem>>> limits_;  ///< by namespace and name
  InjectionBreaker breaker_;
  CreationRefusals refusals_;
  std::string stuck_reason_;  ///< of the last stuck agent seen
  std::optional<bool> native_told_;
  bool nodes_synced_ = false, limits_synced_ = false;
};

}  // namespace charon::injector
