#include "tests/bench/release_regression/simulated_coordinator.hpp"

#include "tests/bench/release_regression/release_facts.hpp"

#include <algorithm>

namespace charon::bench {

void SimulatedCoordinator::begin() {
  store_ = {};
  budget_ = {};
  pooled_ = {};
  together_ = {};
  others_suffer_since_ = {};
  failing_since_.reset();
  complete_since_.reset();
  passing_since_.reset();
  judging_ = false;
}

void SimulatedCoordinator::candidate_appeared(std::uint32_t replicas) {
  judging_ = true;
  budget_.expected = replicas;
}

/// Workload::report.
void SimulatedCoordinator::showed(SimulatedAgent& a, bool counts_as_stable, Time now) {
  coordinator::AgentRecord& known = a.known;
  const auto more = coordinator::BaselineStore::shown(known.reported ? &a.before : nullptr, known.last);
  if (more.restarted) known.restarted = now;
  if (judging_ && is_candidate(a)) pooled_.showed(known.pod_uid, known.node, known.reported ? &a.before : nullptr, known.last, now);
  if (!is_candidate(a) && more.restarted) pooled_.stable_began_again(now);
  known.reported = true;
  if (counts_as_stable) store_.stable_showed(known.pod_uid, known.node, more, !known.in_trouble(), now);
  else store_.candidate_showed(known.pod_uid, known.node, more);
}

/// Workload::report.
wire::Control SimulatedCoordinator::control(const SimulatedAgent& a, Time now) const {
  wire::Control out;
  const bool candidate = is_candidate(a);
  if (candidate) {
    coordinator::BaselineStore::Reporting stable{a.known.node};
    for (const auto& [key, other] : agents_)
      if (!is_candidate(other) && fresh(other, now)) stable.add(other.known.node, other.known.told());
    out = store_.control(stable, now);
    out.none_runs = std::all_of(agents_.begin(), agents_.end(), [&](const auto& entry) { return is_candidate(entry.second); });
  }
  store_.add_levels(out, a.known.node, now, policy_.report_interval);
  if (!candidate) out.same_node_levels.clear();
  return out;
}

/// Workload::trouble of the other workloads.
void SimulatedCoordinator::note_others(const FleetScrape& fleet, Time now) {
  for (std::size_t node = 0; node < fleet.nodes.size(); ++node) {
    auto& since = others_suffer_since_[node];
    if (!fleet.nodes[node].others_degraded) since.reset();
    else if (!since) since = now;
  }
}

/// Workload::watch_passing and consider_promotion, but for one thing: the product promotes a release only when a Pass has
/// lasted for the settle time, which no release of 30 minutes can show. Here it passes when the settle time since its rollout
/// is over and the Pass stands then.
void SimulatedCoordinator::consider_pass(const FleetScrape& fleet, Decision& decision, Time now) {
  const coordinator::RollbackPolicy defaults;
  const bool waits = std::any_of(fleet.pods.begin(), fleet.pods.end(), [](const PodScrape& pod) { return pod.release == 1 && pod.image_pull_failed; });
  if (waits) complete_since_.reset();
  else if (!complete_since_) complete_since_ = Time{Duration{static_cast<std::int64_t>((fleet.time - scrape_seconds) * 1000)}};
  std::size_t reporting = 0, passing = 0, pods = 0;
  bool lost = false, restarted = false, in_trouble = pooled_.log_evidence() >= coordinator::log_suspicion;
  for (const auto& [key, a] : agents_) {
    if (!is_candidate(a)) continue;
    ++pods;
    if (!fresh(a, now)) continue;
    ++reporting;
    const bool passes = a.known.last.verdict == wire::Verdict::pass;
    restarted = restarted || (a.known.restarted && now - *a.known.restarted < defaults.settle_time);
    in_trouble = in_trouble || a.known.in_trouble();
    if (passes) ++passing;
    else lost = lost || a.known.passed;
  }
  const bool covered = reporting > 0 && static_cast<double>(reporting) >= defaults.minimum_coverage * static_cast<double>(pods);
  if (lost || in_trouble || !covered || decision.verdict != Verdict::none) passing_since_.reset();
  else if (!passing_since_ && passing == reporting) passing_since_ = now;
  decision.evidence_passes = passing_since_ && passing == reporting;
  if (decision.evidence_passes && !restarted && complete_since_ && now - *complete_since_ >= defaults.settle_time) decision.verdict = Verdict::pass;
}

/// Workload::judge.
Decision SimulatedCoordinator::decide(const FleetScrape& fleet, Time now) {
  note_others(fleet, now);
  Decision out;
  if (!look_for_facts(fleet, now).against_release.empty()) {
    out.verdict = Verdict::rollback;
    return out;
  }
  out = look_for_evidence(fleet, now);
  consider_pass(fleet, out, now);
  return out;
}

}  // namespace charon::bench
