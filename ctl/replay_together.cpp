#include "ctl/replay_together.hpp"

#include "coordinator/core/baseline_store.hpp"

#include <algorithm>
#include <cmath>

namespace charon::ctl {

PodsTogether::PodsTogether(const coordinator::AlphaBudget& budget, const wire::AgentPolicy& policy) : budget_(budget), policy_(policy) {
  result_.log_needed = -std::log(budget_.share_together());
}

void PodsTogether::report(std::vector<CandidatePod>& pods, Time now) {
  const bool failed = std::any_of(pods.begin(), pods.end(), [](const CandidatePod& pod) { return pod.result().verdict == wire::Verdict::fail; });
  if (policy_.detector != wire::DetectorKind::charon || failed || result_.failed) return;
  agents_.resize(pods.size());
  for (std::size_t i = 0; i < pods.size(); ++i) {
    Agent& agent = agents_[i];
    if (const std::uint64_t scrapes = pods[i].detector().evidence().scrapes; scrapes > agent.last.scrapes) {
      wire::Report next;
      pods[i].detector().fill(next);
      pooled_.showed(PodUid(pods[i].result().name), pods[i].node(), agent.reported ? &agent.last : nullptr, next, now);
      agent = {std::move(next), now, true, false};
    } else if (!pods[i].player().next() && agent.reported && !agent.left && now - agent.received > coordinator::BaselineStore::fresh_for(policy_.report_interval)) {
      agent.left = true;
      if (agent.last.log_evidence >= coordinator::log_suspicion) pooled_.restart();
    }
  }
  pooled_.tick(policy_.report_interval * 9 / 10, result_.log_needed / 2, now);  // as often as there are reports
  weigh(pods, now);
}

void PodsTogether::weigh(const std::vector<CandidatePod>& pods, Time now) {
  std::vector<coordinator::PodEvidence> shown;
  for (const Agent& agent : agents_)
    if (agent.reported && !agent.left) shown.push_back({budget_.share(0), agent.last.log_evidence});
  const coordinator::Together together = pooled_.with(shown, budget_.share_together());
  result_.log_evidence = pooled_.log_evidence();
  result_.sum = together.sum;
  result_.by_pooled = together.of_pooled >= 1;
  result_.culprits = pooled_.culprits(budget_.alpha);
  if (!together.fails()) return;
  const Agent* strongest = nullptr;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const Agent& agent = agents_[i];
    if (!agent.reported || agent.left || agent.last.log_evidence < together.suspected_from || (strongest && agent.last.log_evidence <= strongest->last.log_evidence)) continue;
    strongest = &agent;
    result_.pod = i;
  }
  if (!strongest) return;  // no pod shows anything: nobody to condemn
  result_.failed = now;
  result_.evidence = pods[result_.pod].evidence();
}

}  // namespace charon::ctl
