#include "coordinator/core/events.hpp"
#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

std::string_view name_of(ReleaseState state) {
  for (const auto& [value, name] : names_of(ReleaseState{}))
    if (value == state) return name;
  return {};
}

}  // namespace

Workload::Workload(WorkloadKey key, const Cluster& cluster, const RollbackPolicy& defaults, const Log& log, CoordinatorCounters& counters)
    : key_(std::move(key)), cluster_(cluster), defaults_(defaults), log_(log), counters_(counters), policy_(defaults) {}

void Workload::restore(ReleaseLedger ledger, std::string resource_version) {
  ledger_ = std::move(ledger);
  for (ReleaseRecord& r : ledger_.releases) {
    acknowledged_[r.id] = r.budget.reserved;
    r.budget.recovered();
  }
  ledger_version_ = ledger_seen_ = std::move(resource_version);
  note_ = ledger_.reason;
  if (ledger_.intent && ledger_.intent->open()) {
    intent_revision_ = 0;  // it was read from the ledger, so it is written
    events::resumed(log_, key_, ledger_.intent->id);
  }
}

void Workload::ledger_seen(std::string resource_version) {
  if (resource_version.empty()) ledger_version_.clear();  // deleted: the next write creates it
  ledger_seen_ = std::move(resource_version);
}

void Workload::choose_policy() {
  std::vector<std::string> others;
  const PolicyObject* chosen = coordinator::choose_policy(cluster_.policies, key_.ns, deployment_->labels, &others);
  const std::string name = chosen ? chosen->name : std::string();
  if (name != policy_name_ && chosen)
    for (const std::string& other : others) events::policies_overlap(log_, key_, name, other);
  policy_name_ = name;
  policy_ = chosen ? chosen->policy : defaults_;
}

std::vector<const PodView*> Workload::pods() const {
  const DeploymentView* d = cluster_.deployment(key_);
  return d ? cluster_.pods_of(*d) : std::vector<const PodView*>{};
}

const ReleaseRecord* Workload::release_of(const PodView& pod) const {
  const ReplicaSetView* replica_set = cluster_.replica_set_of(pod);
  if (!replica_set) return nullptr;
  const auto digests = digests_of(pod);
  const ReleaseRecord* newest = nullptr;
  for (auto r = ledger_.releases.rbegin(); r != ledger_.releases.rend(); ++r) {
    if (!r->has_template(replica_set->hash)) continue;
    if (!newest) newest = &*r;
    const bool conflict = std::any_of(digests.begin(), digests.end(), [&](const auto& d) {
      const auto known = r->digests.find(d.first);
      return known != r->digests.end() && known->second != d.second;
    });
    if (!conflict) return &*r;
  }
  return newest;
}

std::vector<const PodView*> Workload::pods_of_release(std::string_view id) const {
  std::vector<const PodView*> out;
  for (const PodView* pod : pods())
    if (const ReleaseRecord* r = release_of(*pod); r && r->id == id) out.push_back(pod);
  return out;
}

void Workload::switch_to(const std::string& id, Time now) {
  if (ReleaseRecord* old = ledger_.release(ledger_.current_id); old && old->id != id && old->state == ReleaseState::candidate) {
    old->state = ReleaseState::superseded;
    old->since = now;
  }
  ledger_.current_id = id;
  finding_ = {};
  failing_since_.reset();
  held_ = false;
  crashing_.clear();
  suspects_.clear();
  note_.clear();
  if (ReleaseRecord* r = ledger_.release(id)) {
    r->complete_since.reset();
    baseline_.candidate_appeared(now);
  }
  touch();
}

void Workload::came_back(ReleaseRecord& r, Time now) {
  const auto& intent = ledger_.intent;
  const Duration window = std::max(contest_window, policy_.rollback_window);
  const bool undone = intent && intent->kind == IntentKind::rollback && intent->from == r.id && intent->patched && now - *intent->patched < window;
  switch_to(r.id, now);
  if (r.state == ReleaseState::bad && undone) {
    std::string manager = "somebody";
    for (const FieldManager& m : deployment_->template_managers)
      if (m.name != "charon") {
        manager = m.name;
        break;
      }
    ledger_.contested_by = manager;
    note_ = fmt::format("bad release {} was put back by {}; Charon does not fight it", r.name, manager);
    tell("contested " + r.id + intent->id, "Warning", "Contested", note_, now);
    return;
  }
  ledger_.contested_by.clear();
  if (r.state == ReleaseState::bad || r.state == ReleaseState::superseded) {
    const bool was_bad = r.state == ReleaseState::bad;
    r.state = ReleaseState::candidate;
    r.since = r.first_seen = now;
    r.evidence = was_bad ? "was bad before, judged again" : "";
  }
  if (intent && intent->kind == IntentKind::rollback && intent->to == r.id && intent->patched) {
    const ReleaseRecord* from = ledger_.release(intent->from);
    note_ = fmt::format("rolled back from {}: {}", from ? from->name : intent->from, intent->why);
  }
  events::returned(log_, key_, r.name, name_of(r.state));
}

void Workload::refresh(Time now) {
  deployment_ = cluster_.deployment(key_);
  if (!deployment_) return;
  const DeploymentView& d = *deployment_;
  choose_policy();
  // A PATCH whose answer was lost: its annotation names the intent.
  if (ledger_.intent && ledger_.intent->phase == IntentPhase::intended && ledger_.intent->kind != IntentKind::pause && ledger_.intent->kind != IntentKind::resume) {
    const auto annotation = d.annotations.find(std::string(rollback_annotation));
    if (annotation != d.annotations.end() && annotation->second.find("\"" + ledger_.intent->id + "\"") != std::string::npos) mark_patched(d, now);
  }
  const ReleaseRecord* known = ledger_.by_template(d.hash);
  if (!known) {
    ReleaseRecord* old = ledger_.release(ledger_.current_id);
    const std::string before = ledger_.current_id;
    if (old && old->state == ReleaseState::candidate) {
      old->state = ReleaseState::superseded;
      old->since = now;
    }
    const std::string id = d.hash.value;
    ledger_.appeared(d.pod_template, id, static_cast<std::uint32_t>(std::clamp<std::int64_t>(d.replicas, 1, 10'000)), policy_.alpha, now);
    ledger_.contested_by.clear();
    switch_to(id, now);
    const ReleaseRecord* stable = ledger_.last_stable();
    events::appeared(log_, key_, ledger_.current()->name, stable ? stable->name : std::string());
  } else if (!known->id.empty() && known->id != ledger_.current_id) {
    came_back(*ledger_.release(known->id), now);
  }
  learn_digests(now);
  watch_completion(now);
}

void Workload::learn_digests(Time now) {
  ReleaseRecord* r = ledger_.release(ledger_.current_id);
  if (!r) return;
  for (const PodView* pod : pods()) {
    const ReplicaSetView* replica_set = cluster_.replica_set_of(*pod);
    if (!replica_set || !r->has_template(replica_set->hash)) continue;
    const auto digests = digests_of(*pod);
    std::string other;  // a digest that this template did not run before: the tag was pushed again
    for (const auto& [container, digest] : digests) {
      const auto known = r->digests.find(container);
      if (known != r->digests.end() && known->second != digest) other = digest.value;
    }
    if (other.empty()) {
      for (const auto& [container, digest] : digests)
        if (r->digests.emplace(container, digest).second) touch();
      continue;
    }
    const ReleaseRecord* of_pod = release_of(*pod);
    bool seen = false;
    for (const auto& [container, digest] : digests)
      if (of_pod && of_pod != r && of_pod->digests.contains(container) && of_pod->digests.at(container) == digest) seen = true;
    if (seen || !r->pod_template) continue;  // an older digest that a node still holds
    const auto pod_template = *r->pod_template;
    const std::string id = r->template_hash.value + "-" + other.substr(other.find(':') + 1, 12);
    if (ledger_.release(id)) continue;
    if (r->state == ReleaseState::candidate) {
      r->state = ReleaseState::superseded;
      r->since = now;
    }
    ledger_.appeared(pod_template, id, static_cast<std::uint32_t>(std::clamp<std::int64_t>(deployment_->replicas, 1, 10'000)), policy_.alpha, now).digests = digests;
    switch_to(id, now);
    r = ledger_.release(id);
    const ReleaseRecord* stable = ledger_.last_stable();
    events::appeared(log_, key_, r->name, stable ? stable->name : std::string());
  }
}

void Workload::watch_completion(Time now) {
  ReleaseRecord* r = ledger_.release(ledger_.current_id);
  if (!r) return;
  std::optional<Time> since;
  if (deployment_->complete() && deployment_->replicas > 0) {
    std::int64_t ready = 0;
    for (const PodView* pod : pods_of_release(r->id)) {
      if (!pod->ready) continue;
      ++ready;
      const Time at = pod->ready_since.value_or(now);
      since = since ? std::max(*since, at) : at;
    }
    if (ready < deployment_->replicas) since.reset();
    // Of the first release the time before Charon saw it counts: it ran without complaint then too.
    if (since && !r->first) since = std::max(*since, r->first_seen);
  }
  if (since == r->complete_since) return;
  r->complete_since = since;
  touch();
}

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
  touch();
}

void Workload::consider_promotion(Time now) {
  ReleaseRecord* r = ledger_.release(ledger_.current_id);
  if (!r || r->state != ReleaseState::candidate || !r->complete_since || !ledger_.contested_by.empty()) return;
  if (finding_.cause != Cause::none || deployment_->paused) return;
  const Duration age = now - *r->complete_since;
  if (age < policy_.settle_time) return;
  std::size_t pods = 0, reporting = 0, passing = 0;
  for (const PodView* pod : pods_of_release(r->id)) {
    ++pods;
    for (const ContainerView& c : pod->containers)
      if (c.name != agent_container && c.last && c.last->exit_code != 0 && c.last->finished && now - *c.last->finished < policy_.settle_time) return;
    const auto a = agents_.find(pod->uid);
    if (a == agents_.end() || !a->second.fresh(policy_.agent.report_interval, now)) continue;
    ++reporting;
    if (a->second.in_trouble()) return;
    if (a->second.last.verdict == wire::Verdict::pass) ++passing;
  }
  if (pods == 0) return;
  const std::string ran = format_duration(std::chrono::floor<std::chrono::seconds>(age));
  const ReleaseRecord* target = rollback_target(ledger_, *r);
  if (!target) return settle(*r, ReleaseState::adopted, fmt::format("ran for {} without complaint {}", ran, r->first ? "when Charon first saw the workload" : "while no proven release was known"), now);
  const bool covered = static_cast<double>(reporting) >= policy_.minimum_coverage * static_cast<double>(pods) && reporting > 0;
  if (covered && passing == reporting)
    return settle(*r, ReleaseState::stable, fmt::format("{} of {} pods passed, settled for {}", passing, pods, ran), now);
  if (!covered) {  // what nobody looked at does not replace what was proven
    note_ = fmt::format("only {} of {} pods have an agent that reports", reporting, pods);
    return;
  }
  if (age >= 2 * policy_.settle_time) settle(*r, ReleaseState::adopted, fmt::format("too little traffic for a proof in {}, and no complaint", ran), now);
}

void Workload::describe() {
  const ReleaseRecord* r = ledger_.current();
  if (!r) return;
  const ReleaseRecord* stable = ledger_.last_stable();
  const auto& intent = ledger_.intent;
  std::string state;
  if (!ledger_.contested_by.empty()) state = "Contested";
  else if (intent && intent->kind == IntentKind::rollback && intent->open()) state = "RollingBack";
  else if (intent && intent->kind == IntentKind::rollback && intent->phase == IntentPhase::failed && intent->to == r->id) state = "Failed";
  else if (ledger_.frozen) state = "Frozen";
  else if (r->state == ReleaseState::bad) state = "Bad";
  else if (held_ || deployment_->annotations.contains(std::string(paused_annotation))) state = "Held";
  else if (r->state == ReleaseState::candidate) state = r->first ? "Adopting" : "Judging";
  else state = intent && intent->kind == IntentKind::rollback && intent->phase == IntentPhase::recovered && intent->to == r->id ? "RolledBack" : "Stable";
  const std::string candidate = r->target() ? std::string() : r->name;
  std::string reason = note_;
  if (reason.empty() && state == "Judging") reason = fmt::format("watching {}", r->name);
  if (reason.empty() && state == "Adopting") reason = "first release that Charon sees of this workload";
  if (reason.size() > 512) reason.resize(512);
  const std::string stable_name = stable ? stable->name : std::string();
  if (state == ledger_.state && candidate == ledger_.candidate && stable_name == ledger_.stable && reason == ledger_.reason) return;
  ledger_.state = std::move(state);
  ledger_.candidate = candidate;
  ledger_.stable = stable_name;
  ledger_.reason = std::move(reason);
  touch();
}

}  // namespace charon::coordinator
