#include "coordinator/core/events.hpp"
#include "coordinator/core/pass_wait_text.hpp"
#include "coordinator/core/suspension_text.hpp"
#include "coordinator/core/workload.hpp"

namespace charon::coordinator {

void Workload::settle(ReleaseRecord& r, ReleaseState state, std::string why, Time now) {
  events::settled(log_, key_, r.name, state == ReleaseState::stable ? "stable" : "adopted", why);
  tell("settled " + r.id, "Normal", state == ReleaseState::stable ? "ReleaseStable" : "ReleaseAdopted", fmt::format("release {} is {}: {}", r.name, state == ReleaseState::stable ? "stable" : "adopted (unproven)", why), now);
  ledger_.promoted(r.id, state, why, now);
  ledger_.contested_by.clear();
  baseline_.candidate_promoted(r.template_hash.value, now);
  for (auto& [uid, a] : agents_)
    if (a.release == r.id) a.role = wire::Role::stable;
  note_ = std::move(why);
  finding_ = {};
  pooled_.restart();
  touch();
}

Workload::Watchers Workload::watchers(const ReleaseRecord& r, Time now) const {
  Watchers out;
  out.in_trouble = pooled_.log_evidence() >= log_suspicion;
  for (const PodView* pod : pods_of_release(r.id)) {
    ++out.pods;
    const auto a = agents_.find(pod->uid);
    if (a == agents_.end() || !a->second.fresh(policy_.agent.report_interval, now)) continue;
    ++out.reporting;
    const bool passes = a->second.last.verdict == wire::Verdict::pass;
    // A settled time without one: what restarts each 5 minutes does that by chance in one of 400 half hours.
    out.restarted = out.restarted || (a->second.restarted && now - *a->second.restarted < policy_.settle_time);
    if (const auto& suspended = a->second.last.suspended; suspended && suspended->pass_waits) out.suspended = &*suspended;
    for (const wire::PassWait& wait : a->second.last.pass_waits)
      if (!out.waits || sooner(*out.waits, wait)) out.waits = &wait, out.waiting = &a->second.last;
    if (passes) ++out.passing;
    else if (a->second.passed) out.lost = true;
    out.in_trouble = out.in_trouble || a->second.in_trouble();
  }
  return out;
}

/// From when all that report pass to when one of them does not any more. An agent that is new, of a pod that was added,
/// has yet to pass but takes nothing back; too few that report do: what happened meanwhile nobody knows.
void Workload::watch_passing(ReleaseRecord& r, const Watchers& agents, Time now) {
  const bool ends = agents.lost || agents.in_trouble || !agents.covered(policy_.minimum_coverage) || finding_.cause != Cause::none;
  if (r.passing_since && ends) {
    r.passing_since.reset();
    touch();
  } else if (!r.passing_since && !ends && agents.passing == agents.reporting) {
    r.passing_since = now;
    touch();
  }
}

void Workload::consider_promotion(Time now) {
  ReleaseRecord* r = ledger_.release(ledger_.current_id);
  if (!r || r->state != ReleaseState::candidate || !ledger_.contested_by.empty()) return;
  const Watchers agents = watchers(*r, now);
  watch_passing(*r, agents, now);
  if (!r->complete_since || agents.pods == 0 || agents.in_trouble || finding_.cause != Cause::none || deployment_->paused) return;
  const Duration age = now - *r->complete_since;
  if (age < policy_.settle_time) return;
  for (const PodView* pod : pods_of_release(r->id))
    for (const ContainerView& c : pod->containers)
      if (c.name != agent_container && c.last && c.last->exit_code != 0 && c.last->finished && now - *c.last->finished < policy_.settle_time) return;
  const std::string ran = format_duration(std::chrono::floor<std::chrono::seconds>(age));
  if (!rollback_target(ledger_, *r))
    return settle(*r, ReleaseState::adopted, fmt::format("ran for {} without complaint {}", ran, r->first ? "when Charon first saw the workload" : "while no proven release was known"), now);
  if (!agents.covered(policy_.minimum_coverage)) {  // what nobody looked at does not replace what was proven
    note_ = fmt::format("only {} of {} pods have an agent that reports", agents.reporting, agents.pods);
    return;
  }
  if (!agents.restarted && r->passing_since && agents.passing == agents.reporting && now - *r->passing_since >= policy_.settle_time)
    return settle(*r, ReleaseState::stable, fmt::format("{} of {} pods passed, settled for {}", agents.passing, agents.pods, ran), now);
  // A Pass that has yet to last is waited for, and so is an agent that has yet to join it; but not for ever. Without one,
  // time alone makes no proof.
  const bool waits = !agents.restarted && r->passing_since && (agents.passing == agents.reporting || now - *r->passing_since < 2 * policy_.settle_time);
  std::string without = agents.waits ? fmt::format("no proof ({})", pass_wait_text(*agents.waits, agents.waiting->excluded)) : "no proof (too little traffic or too little to compare with)";
  if (policy_.agent.detector == wire::DetectorKind::anomalyzer) without = "the classic engine proves nothing";
  else if (agents.restarted) without = "no proof, as processes restart";
  else if (agents.suspended) without = fmt::format("no proof ({})", suspension_text(*agents.suspended));
  if (!waits && age >= 2 * policy_.settle_time) settle(*r, ReleaseState::adopted, fmt::format("{} in {}, and no complaint", without, ran), now);
}

}  // namespace charon::coordinator
