#include "coordinator/core/workload.hpp"

#include "coordinator/core/events.hpp"

#include <algorithm>

namespace charon::coordinator {

Workload::Workload(WorkloadKey key, const Cluster& cluster, const RollbackPolicy& defaults, const Log& log, CoordinatorCounters& counters)
    : key_(std::move(key)), cluster_(cluster), defaults_(defaults), log_(log), counters_(counters), policy_(defaults) {}

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

void Workload::look(const Surroundings& around, Time now) {
  refresh(now);
  if (!deployment_ || !unreadable_.empty()) return;
  forget_agents();
  if (ledger_.current_id != ledger_.stable_id) {  // else nobody asks
    const auto stable = pods_of_release(ledger_.stable_id);
    stable_agents_run_ = std::any_of(stable.begin(), stable.end(), [](const PodView* pod) { return pod->has_agent; });
  } else {
    stable_agents_run_ = true;
  }
  const bool busy = ledger_.intent && ledger_.intent->open();
  if (around.may_decide && !busy) {
    judge(around, now);
    review_ambiguous(now);
  }
}

void Workload::tick(const Surroundings& around, std::vector<Action>& out, Time now) {
  if (!deployment_) return;
  if (unreadable_.empty()) {
    if (around.may_decide) {
      if (!(ledger_.intent && ledger_.intent->open())) act(around, now);
      consider_promotion(now);
      advance_intent(around, out, now);
    }
    describe();
    write(out, now);
  }
  for (EmitEvent& event : events_) out.push_back(std::move(event));
  events_.clear();
}

void Workload::tell(const std::string& once, std::string type, std::string reason, std::string message, Time now) {
  std::erase_if(told_, [&](const auto& entry) { return now - entry.second >= std::chrono::hours{1}; });
  if (told_.contains(once) || told_.size() >= 256) return;
  told_[once] = now;
  if (type == "Warning") events::told(log_, key_, reason, message);
  if (message.size() > 1000) message.resize(1000);
  events_.push_back({"apps/v1", key_.kind, key_.ns, key_.name, deployment_ ? deployment_->uid : "", std::move(type), std::move(reason), std::move(message)});
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
