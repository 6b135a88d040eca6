#pragma once
/// What Charon's coordinator makes of agents' reports and of pod status, for one workload with its default policy.
///
/// The parts are the product's: baseline store, alpha shares, pooled evidence, AgentRecord, facts, the table that tells a
/// release from a node. How they are joined is Workload's (workload_verdict.cpp, workload_promotion.cpp, named at each
/// function), which lives on a whole coordinator's watches, ledger and writes.
///
/// Its cluster-wide breaker has no part here, and needs none: it counts verdicts against releases under judgement
/// (Workload::failing), and the simulator's other workloads run proven ones. Of those the coordinator knows on which nodes
/// their agents are in trouble, and since when; that is what it holds an outage by.
#include "coordinator/core/alpha_budget.hpp"
#include "coordinator/core/pooled_evidence.hpp"
#include "coordinator/core/release_or_node.hpp"
#include "tests/bench/release_regression/simulated_agent.hpp"

#include <array>
#include <map>

namespace charon::bench {

/// By release and pod.
using SimulatedAgents = std::map<std::pair<int, int>, SimulatedAgent>;

class SimulatedCoordinator {
 public:
  explicit SimulatedCoordinator(const SimulatedAgents& agents) : agents_(agents) {}

  void begin();
  void release_appeared(Time now) { store_.candidate_appeared(now); }
  void promote(Time now) { store_.candidate_promoted("stable", now); }
  /// The release that is judged: it has so many replicas.
  void candidate_appeared(std::uint32_t replicas);
  double next_share() { return budget_.share(budget_.next++); }

  /// A report: `a.known.last` after `a.before`. `counts_as_stable`: of a proven release's pod.
  void showed(SimulatedAgent& a, bool counts_as_stable, Time now);
  /// The answer to it.
  wire::Control control(const SimulatedAgent& a, Time now) const;
  const coordinator::BaselineStore& store() const { return store_; }
  const wire::AgentPolicy& policy() const { return policy_; }

  /// One tick while the candidate is judged.
  Decision decide(const FleetScrape& fleet, Time now);

 private:
  bool is_candidate(const SimulatedAgent& a) const { return a.known.role == wire::Role::candidate; }
  bool fresh(const SimulatedAgent& a, Time now) const { return a.known.fresh(policy_.report_interval, now); }
  bool fails(const SimulatedAgent& a) const;
  void note_others(const FleetScrape& fleet, Time now);
  void weigh_together(Time now);
  coordinator::NodeSituation node_situation(const std::string& node, const NodeFacts& facts, Time now) const;
  Decision look_for_evidence(const FleetScrape& fleet, Time now);
  int culprit(const SimulatedAgent& a) const;
  void consider_pass(const FleetScrape& fleet, Decision& decision, Time now);

  const SimulatedAgents& agents_;
  const wire::AgentPolicy policy_ = [] {
    wire::AgentPolicy out;
    out.version = 1;
    return out;
  }();
  coordinator::BaselineStore store_;
  coordinator::AlphaBudget budget_;
  coordinator::PooledEvidence pooled_;
  coordinator::Together together_;
  std::array<std::optional<Time>, nodes_per_fleet> others_suffer_since_;
  std::optional<Time> failing_since_, complete_since_, passing_since_;
  bool judging_ = false;
};

}  // namespace charon::bench
