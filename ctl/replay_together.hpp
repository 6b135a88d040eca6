#pragma once
/// What the recorded pods show together, weighed by the coordinator's own code (coordinator/core/pooled_evidence.hpp): each
/// reports as often as agents do; what their errors, slow requests, restarts and levels show as if one fault had all of them has 40% of
/// alpha, and the release fails when all evidence, each by its share, comes to 1. The classic engine has nothing to pool.
///
/// A pod whose recording ended some reports ago has left; where it was in trouble then, what all showed begins anew.
#include "coordinator/core/alpha_budget.hpp"
#include "coordinator/core/pooled_evidence.hpp"
#include "ctl/replay_candidate.hpp"

namespace charon::ctl {

/// When the release failed, by it or by a pod alone; else at the end.
struct ReplayTogether {
  double log_evidence = 0, log_needed = 0;  ///< of all pods together
  double sum = 0;                           ///< of all evidence, each by its share of alpha; fails from 1 on
  bool by_pooled = false;                   ///< the first alone fails the release
  std::vector<coordinator::PooledEvidence::Key> culprits;  ///< that it names
  std::optional<Time> failed;
  std::size_t pod = 0;                      ///< where it failed: the one that showed most, and what
  agent::Evidence evidence;
};

class PodsTogether {
 public:
  PodsTogether(const coordinator::AlphaBudget& budget, const wire::AgentPolicy& policy);

  /// Takes a report of each pod that has scraped since its last; always of the same pods. Once the release failed: nothing.
  void report(std::vector<CandidatePod>& pods, Time now);
  void stable_began_again(Time at) { pooled_.stable_began_again(at); }
  const ReplayTogether& result() const { return result_; }

 private:
  struct Agent {
    wire::Report last;
    Time received{};
    bool reported = false, left = false;
  };
  void weigh(const std::vector<CandidatePod>& pods, Time now);

  coordinator::AlphaBudget budget_;
  wire::AgentPolicy policy_;
  coordinator::PooledEvidence pooled_;
  std::vector<Agent> agents_;  // as the pods
  ReplayTogether result_;
};

}  // namespace charon::ctl
