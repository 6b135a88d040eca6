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

void Workload::switch_to(const std::string& id, Time now) {
  if (ReleaseRecord* old = ledger_.release(ledger_.current_id); old && old->id != id && old->state == ReleaseState::candidate) {
    old->state = ReleaseState::superseded;
    old->since = now;
  }
  ledger_.current_id = id;
  finding_ = {};
  failing_since_.reset();
  pooled_.restart();
  held_ = false;
  crashing_.clear();
  suspects_.clear();
  note_.clear();
  if (ReleaseRecord* r = ledger_.release(id)) {
    r->complete_since.reset();
    r->passing_since.reset();
    baseline_.candidate_appeared(now);
  }
  touch();
}

void Workload::came_back(ReleaseRecord& r, Time now) {
  const auto& intent = ledger_.intent;
  const Duration window = std::max(contest_window, policy_.rollback_window);
  const bool undone = r.rolled_back && now - *r.rolled_back < window;
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
    tell("contested " + r.id + format_time(*r.rolled_back), "Warning", "Contested", note_, now);
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

void Workload::note_push(ReleaseRecord& r) {
  const auto& intent = ledger_.intent;
  if (!intent || intent->kind != IntentKind::deploy || intent->digest.empty() || intent->images.empty()) return;
  const bool its = std::all_of(intent->images.begin(), intent->images.end(), [&](const auto& set) {
    const auto image = r.images.find(set.first);
    return image != r.images.end() && image->second == set.second;
  });
  if (its) r.pushed = intent->digest;
}

void Workload::refresh(Time now) {
  deployment_ = cluster_.deployment(key_);
  if (!deployment_ || !unreadable_.empty()) return;
  const DeploymentView& d = *deployment_;
  choose_policy();
  // A PATCH whose answer was lost: its annotation names the intent.
  if (ledger_.intent && ledger_.intent->phase == IntentPhase::intended && ledger_.intent->kind != IntentKind::pause && ledger_.intent->kind != IntentKind::resume) {
    const auto annotation = d.annotations.find(std::string(rollback_annotation));
    if (annotation != d.annotations.end() && annotation->second.find("\"" + ledger_.intent->id + "\"") != std::string::npos) mark_patched(d, false, now);
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
    note_push(*ledger_.release(id));
    const ReleaseRecord* stable = ledger_.last_stable();
    events::appeared(log_, key_, ledger_.current()->name, stable ? stable->name : std::string());
  } else if (!known->id.empty() && known->id != ledger_.current_id) {
    note_push(*ledger_.release(known->id));
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

}  // namespace charon::coordinator
