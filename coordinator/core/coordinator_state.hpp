#pragma once
/// What the Coordinator holds. Its files: coordinator.cpp (agents, ticks, commands, views), coordinator_watches.cpp (what the
/// watches say), coordinator_state.cpp (which workloads are watched, what all of them say together).
#include "coordinator/core/outage_breaker.hpp"
#include "coordinator/core/workload.hpp"

namespace charon::coordinator {

struct Coordinator::State {
  State(CoordinatorConfig c, Log l) : config(std::move(c)), log(std::move(l)) {
    defaults.settle_time = config.settle_time;
    defaults.agent.scrape_interval = config.scrape_interval;
    defaults.agent.report_interval = config.report_interval;
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

  /// Watch or stop watching: the labels of namespace or template may have changed.
  void attend(const WorkloadKey& key, Time now);

  void attend_namespace(const std::string& ns, Time now);

  Workload* workload(const WorkloadKey& key) const;

  struct Speaker {
    const PodView* pod;
    Workload* workload;
  };
  Result<Speaker> speaker(const AgentIdentity& agent) const;

  Result<Workload*> commanded(const WorkloadKey& key) const;

  bool may_decide(Time now) const;
  Surroundings surroundings(Time now);

  void look_for_an_outage(Surroundings& around, Time now);
};

}  // namespace charon::coordinator
