#include "coordinator/core/events.hpp"
#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

constexpr Duration give_up_patching = std::chrono::minutes{10};
constexpr Duration outcome_deadline = std::chrono::minutes{3};  // of five tries with the API client's own deadline

}  // namespace

Result<PatchPlan> Workload::plan_rollback(const ReleaseRecord& from, const ReleaseRecord& to) const {
  PatchPlan out;
  out.kind = PatchKind::rollback;
  out.uid = deployment_->uid;
  if (!from.pod_template || !to.pod_template) return fail(Errc::rejected, fmt::format("the template of {} is not kept any more", to.pod_template ? from.name : to.name));
  const ReleaseDifference diff = difference(*from.pod_template, *to.pod_template);
  if (!diff.images_only) {
    out.from = from.pod_template;
    out.to = to.pod_template;
    return out;
  }
  out.images = diff.images;
  // A tag that was pushed again rolls back to itself, unless the digest behind it is known.
  for (const auto& [container, before] : to.digests) {
    const auto now = from.digests.find(container);
    const auto image = to.images.find(container);
    if (diff.images.contains(container) || image == to.images.end() || now == from.digests.end() || now->second == before) continue;
    out.images[container] = parse_image(image->second).repository() + "@" + before.value;
  }
  if (out.images.empty()) return fail(Errc::rejected, fmt::format("{} and {} have the same images by tag, and no digest of {} is known to go back to", from.name, to.name, to.name));
  return out;
}

Result<PatchPlan> Workload::plan(const Intent& intent) const {
  PatchPlan out;
  out.uid = intent.uid;
  out.why = intent.why;
  switch (intent.kind) {
    case IntentKind::pause:
      out.kind = PatchKind::pause;
      out.judged = deployment_->hash;
      out.annotations[std::string(paused_annotation)] = deployment_->hash.value;
      return out;
    case IntentKind::resume:
      out.kind = PatchKind::resume;
      return out;
    case IntentKind::deploy:
      out.kind = PatchKind::deploy;
      out.judged = deployment_->hash;  // advance_intent checked that this is `from`
      out.images = intent.images;
      out.annotations[std::string(change_cause_annotation)] = fmt::format("charon: deploy {} ({})", intent.to, intent.by);
      out.annotations[std::string(rollback_annotation)] = "";
      return out;
    case IntentKind::rollback: break;
  }
  const ReleaseRecord *from = ledger_.release(intent.from), *to = ledger_.release(intent.to);
  if (!from || !to) return fail(Errc::rejected, "a release of the intent is not in the ledger any more");
  auto made = plan_rollback(*from, *to);
  if (!made) return made;
  made->why = intent.why;
  made->judged = deployment_->hash;  // advance_intent checked that this is `from`
  made->annotations[std::string(rollback_annotation)] = boost::json::serialize(boost::json::object{
      {"id", intent.id}, {"from", from->name}, {"to", to->name}, {"when", format_time(intent.when)}, {"why", intent.why.substr(0, 512)}});
  made->annotations[std::string(change_cause_annotation)] = fmt::format("charon: rollback {} -> {}{}", from->name, to->name, intent.by.empty() ? "" : " by " + intent.by);
  return made;
}

Intent& Workload::begin(IntentKind kind, std::string from, std::string to, std::string why, std::string by, Time now) {
  Intent intent;
  intent.kind = kind;
  intent.uid = deployment_->uid;
  intent.from = std::move(from);
  intent.to = std::move(to);
  intent.why = why.substr(0, 1024);
  intent.by = by.substr(0, 256);
  intent.when = now;
  intent.id = fmt::format("{}-{}", now.time_since_epoch().count(), ++revision_);
  ledger_.intent = std::move(intent);
  touch();
  intent_revision_ = revision_ + 1;  // the next write holds it
  patch_after_ = now;
  patch_backoff_ = Duration{1000};
  return *ledger_.intent;
}

void Workload::condemn_and_roll_back(const ReleaseRecord& from, const ReleaseRecord& to, std::string why, std::string by, Time now) {
  events::rolling_back(log_, key_, from.name, to.name, why);
  ledger_.condemned(from.id, why, now);
  if (ledger_.stable_id == from.id) ledger_.stable_id = to.id;
  if (!baseline_.release().empty() && baseline_.release() == from.template_hash.value) baseline_.forget(to.template_hash.value, now);
  begin(IntentKind::rollback, from.id, to.id, why, std::move(by), now);
  note_ = std::move(why);
}

void Workload::end_intent(IntentPhase phase, Time now) {
  ledger_.intent->phase = phase;
  ledger_.intent->ended = now;
  touch();
}

void Workload::mark_patched(const DeploymentView& d, Time now) {
  Intent& intent = *ledger_.intent;
  intent.phase = IntentPhase::patched;
  intent.patched = now;
  const ReleaseRecord* to = ledger_.release(intent.to);
  events::patched(log_, key_, intent.kind == IntentKind::rollback ? "rollback to" : intent.kind == IntentKind::deploy ? "deployment of" : intent.kind == IntentKind::pause ? "pause of" : "resumption of",
                  to ? to->name : intent.to);
  touch();
  if (intent.kind != IntentKind::rollback) {
    if (intent.kind == IntentKind::deploy) ++counters_.deployed;
    return end_intent(IntentPhase::recovered, now);
  }
  ++counters_.rollbacks;
  std::erase_if(ledger_.rollbacks, [&](Time t) { return now - t > std::chrono::hours{2}; });
  ledger_.rollbacks.push_back(now);
  if (ledger_.rollbacks.size() > 128) ledger_.rollbacks.erase(ledger_.rollbacks.begin());
  if (ReleaseRecord* target = ledger_.release(intent.to); target && !ledger_.by_template(d.hash)) {
    target->aliases.push_back(d.hash);
    if (target->aliases.size() > 8) target->aliases.erase(target->aliases.begin());
  }
  const ReleaseRecord* from = ledger_.release(intent.from);
  tell("rolled back " + intent.id, "Warning", "RolledBack",
       fmt::format("rolled back {} -> {}{}: {}", from ? from->name : intent.from, to ? to->name : intent.to, intent.by.empty() ? "" : " by " + intent.by, intent.why), now);
}

void Workload::advance_intent(std::vector<Action>& out, Time now) {
  if (!ledger_.intent || !ledger_.intent->open()) {
    // Charon's own pause was for one template; another one is not held back by it.
    const auto paused = deployment_->annotations.find(std::string(paused_annotation));
    if (deployment_->paused && paused != deployment_->annotations.end() && paused->second != deployment_->hash.value && !ledger_.frozen)
      begin(IntentKind::resume, ledger_.current_id, ledger_.current_id, "a new template arrived", {}, now);
    return;
  }
  Intent& intent = *ledger_.intent;
  if (intent.uid != deployment_->uid) return end_intent(IntentPhase::dropped, now);

  if (intent.phase == IntentPhase::patched) {
    const ReleaseRecord* to = ledger_.release(intent.to);
    if (!to) return end_intent(IntentPhase::dropped, now);
    if (ledger_.current_id != intent.to) {
      // The watch has not caught up yet, or somebody deployed something else meanwhile.
      if (ledger_.current_id != intent.from) end_intent(IntentPhase::dropped, now);
      else if (!ledger_.contested_by.empty()) end_intent(IntentPhase::failed, now);
      return;
    }
    if (to->complete_since || deployment_->replicas == 0) {
      end_intent(IntentPhase::recovered, now);
      events::recovered(log_, key_, to->name, now - intent.when);
      tell("recovered " + intent.id, "Normal", "Recovered", fmt::format("every pod runs {} again, {} after the decision", to->name, format_duration(now - intent.when)), now);
    } else if (now - *intent.patched > deployment_->progress_deadline + std::chrono::minutes{1}) {
      end_intent(IntentPhase::failed, now);
      events::not_recovered(log_, key_, to->name);
      note_ = fmt::format("rolled back to {}, which does not become ready within {}", to->name, format_duration(deployment_->progress_deadline));
      tell("not recovered " + intent.id, "Warning", "RecoveryFailed", note_, now);
    }
    return;
  }

  if (patching_ && now - patch_begun_ > outcome_deadline) patching_ = false;
  if (patching_ || writing_ledger_ || written_revision_ < intent_revision_ || now < patch_after_) return;
  if (intent.kind != IntentKind::resume) {
    const ReleaseRecord* from = ledger_.release(intent.from);
    if (!from || !from->has_template(deployment_->hash)) {
      events::patch_dropped(log_, key_, "the template changed before the patch");
      return end_intent(IntentPhase::dropped, now);
    }
  }
  auto made = plan(intent);
  if (!made) {
    events::patch_failed(log_, key_, made.error().context);
    note_ = made.error().context;
    tell("plan " + intent.id, "Warning", "RollbackFailed", note_, now);
    return end_intent(IntentPhase::failed, now);
  }
  patching_ = true;
  patch_begun_ = now;
  out.push_back(PatchWorkload{key_, *std::move(made), intent.id});
}

void Workload::patch_done(const PatchWorkload& action, const Result<boost::json::object>& result, Time now) {
  patching_ = false;
  // Of an intent that a newer one replaced meanwhile there is nothing to say.
  if (!ledger_.intent || ledger_.intent->id != action.intent || ledger_.intent->phase != IntentPhase::intended) return;
  Intent& intent = *ledger_.intent;
  if (result) {
    mark_patched(read_deployment(*result), now);
    return;
  }
  const Error& error = result.error();
  if (error.is(Errc::conflict)) {
    events::patch_dropped(log_, key_, error.context);
    end_intent(IntentPhase::dropped, now);
    // A release that was condemned and still runs is judged again, from the evidence that its agents hold.
    if (ReleaseRecord* from = ledger_.release(intent.from); from && intent.kind == IntentKind::rollback && intent.by.empty() && from->state == ReleaseState::bad && from->id == ledger_.current_id)
      from->state = ReleaseState::candidate;
    return;
  }
  const bool again = error.is(Errc::unavailable) || error.is(Errc::timeout) || error.is(Errc::shutting_down);
  if (again && now - intent.when < give_up_patching) {
    patch_after_ = now + patch_backoff_;
    patch_backoff_ = std::min<Duration>(patch_backoff_ * 2, std::chrono::seconds{30});
    return;
  }
  events::patch_failed(log_, key_, error.message());
  note_ = fmt::format("the patch failed: {}", error.message());
  tell("patch " + intent.id, "Warning", "PatchFailed", note_, now);
  end_intent(IntentPhase::failed, now);
}

void Workload::tell(const std::string& once, std::string type, std::string reason, std::string message, Time now) {
  std::erase_if(told_, [&](const auto& entry) { return now - entry.second >= std::chrono::hours{1}; });
  if (told_.contains(once) || told_.size() >= 256) return;
  told_[once] = now;
  if (type == "Warning") events::told(log_, key_, reason, message);
  if (message.size() > 1000) message.resize(1000);
  events_.push_back({"apps/v1", key_.kind, key_.ns, key_.name, deployment_ ? deployment_->uid : "", std::move(type), std::move(reason), std::move(message)});
}

void Workload::write(std::vector<Action>& out, Time now) {
  ReleaseRecord* current = ledger_.release(ledger_.current_id);
  if (current && current->budget.wants_reservation()) touch();
  if (writing_ledger_ && now - write_begun_ > outcome_deadline) {
    writing_ledger_ = false;
    ledger_version_ = ledger_seen_;
    touch();
  }
  if (dirty_ && !writing_ledger_ && now >= write_after_) {
    for (ReleaseRecord& r : ledger_.releases)
      if (r.id == ledger_.current_id || r.id == ledger_.stable_id) r.budget.reserve();
    in_flight_.clear();
    for (const ReleaseRecord& r : ledger_.releases) in_flight_[r.id] = r.budget.reserved;
    dirty_ = false;
    writing_ledger_ = true;
    write_begun_ = now;
    out.push_back(WriteLedger{key_, ledger_object(key_, ledger_, ledger_version_), ++revision_});
  }
  if (!writing_baseline_ && now >= baseline_after_ && baseline_.wants_write(now)) {
    writing_baseline_ = true;
    out.push_back(WriteBaseline{key_, baseline_.object(key_, baseline_version_, now)});
  }
}

namespace {
std::string version_of(const boost::json::object& object) { return text_at(object, {"metadata", "resourceVersion"}); }
}  // namespace

void Workload::ledger_written(const Result<boost::json::object>& result, std::uint64_t revision, Time now) {
  writing_ledger_ = false;
  if (result) {
    ledger_version_ = version_of(*result);
    written_revision_ = std::max(written_revision_, revision);
    for (const auto& [id, reserved] : in_flight_) acknowledged_[id] = reserved;
    return;
  }
  events::write_failed(log_, key_, "ReleaseLedger", result.error().message());
  // Somebody else wrote or deleted it: what this coordinator knows is the truth, on the newest version.
  if (result.error().is(Errc::conflict)) ledger_version_ = ledger_seen_;
  if (result.error().is(Errc::not_found)) ledger_version_.clear();
  write_after_ = now + std::chrono::seconds{2};
  touch();
}

void Workload::baseline_written(const Result<boost::json::object>& result, Time now) {
  writing_baseline_ = false;
  if (result) {
    baseline_version_ = version_of(*result);
    return;
  }
  events::write_failed(log_, key_, "ReleaseBaseline", result.error().message());
  baseline_version_ = result.error().is(Errc::not_found) ? std::string() : baseline_seen_;
  baseline_.write_again();
  baseline_after_ = now + std::chrono::seconds{10};
}

void Workload::look(const Surroundings& around, Time now) {
  refresh(now);
  if (!deployment_) return;
  forget_agents();
  const bool busy = ledger_.intent && ledger_.intent->open();
  if (around.may_decide && !busy) judge(around, now);
}

void Workload::tick(const Surroundings& around, std::vector<Action>& out, Time now) {
  if (!deployment_) return;
  if (around.may_decide) {
    if (!(ledger_.intent && ledger_.intent->open())) act(around, now);
    consider_promotion(now);
    advance_intent(out, now);
  }
  describe();
  write(out, now);
  for (EmitEvent& event : events_) out.push_back(std::move(event));
  events_.clear();
}

}  // namespace charon::coordinator
