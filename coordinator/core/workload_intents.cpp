#include "coordinator/core/events.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

constexpr Duration give_up_patching = std::chrono::minutes{10};
constexpr Duration outcome_deadline = std::chrono::minutes{3};  // of five tries with the API client's own deadline

}  // namespace

Intent& Workload::begin(IntentKind kind, std::string from, std::string to, std::string why, std::string by, std::map<std::string, std::string> images, Time now) {
  Intent intent;
  intent.kind = kind;
  intent.uid = deployment_->uid;
  intent.from = std::move(from);
  intent.to = std::move(to);
  intent.why = why.substr(0, 1024);
  intent.by = by.substr(0, 256);
  intent.images = std::move(images);
  intent.when = now;
  intent.id = fmt::format("{}-{}", now.time_since_epoch().count(), ++revision_);
  if (kind == IntentKind::rollback || kind == IntentKind::deploy)
    if (const auto made = plan(intent))
      if (const auto wanted = patched_template(*made, deployment_->pod_template)) intent.expected = template_hash(normalised(*wanted));
  ledger_.intent = std::move(intent);
  touch();
  intent_revision_ = revision_ + 1;  // the next write holds it
  patch_after_ = now;
  patch_backoff_ = Duration{1000};
  return *ledger_.intent;
}

Intent& Workload::condemn_and_roll_back(const ReleaseRecord& from, const ReleaseRecord& to, std::string why, std::string by, Time now) {
  events::rolling_back(log_, key_, from.name, to.name, why);
  ledger_.condemned(from.id, why, now);
  note_ = why;
  Intent& intent = begin(IntentKind::rollback, from.id, to.id, std::move(why), std::move(by), {}, now);
  intent.former = from.state;
  intent.former_since = from.since;
  return intent;
}

void Workload::demote(const Intent& intent, Time now) {
  const ReleaseRecord* from = ledger_.release(intent.from);
  const ReleaseRecord* to = ledger_.release(intent.to);
  if (intent.kind != IntentKind::rollback || !from || !to || from->state != ReleaseState::bad) return;
  if (ledger_.stable_id == from->id) ledger_.stable_id = to->id;
  if (!baseline_.release().empty() && baseline_.release() == from->template_hash.value) baseline_.forget(to->template_hash.value, now);
}

void Workload::end_intent(IntentPhase phase, Time now) {
  ledger_.intent->phase = phase;
  ledger_.intent->ended = now;
  touch();
}

void Workload::drop_intent(const std::string& why, Told told, Time now) {
  const Intent& intent = *ledger_.intent;
  end_intent(IntentPhase::dropped, now);
  events::patch_dropped(log_, key_, why);
  if (intent.kind == IntentKind::pause) held_ = false;
  const ReleaseRecord* from = ledger_.release(intent.from);
  const bool runs = from && from->id == ledger_.current_id;
  // A release that was condemned and still runs is what it was before: a candidate is judged again, from the evidence that
  // its agents hold; a proven one keeps its baseline.
  if (intent.kind == IntentKind::rollback && runs && from->state == ReleaseState::bad)
    ledger_.reopened(from->id, intent.former, intent.former == ReleaseState::candidate ? now : intent.former_since.value_or(now));
  else demote(intent, now);
  if (intent.by.empty() && told == Told::people_only) return;
  const ReleaseRecord* to = ledger_.release(intent.to);
  note_ = fmt::format("the {} to {}{} was dropped: {}", intent.kind == IntentKind::rollback ? "rollback" : intent.kind == IntentKind::deploy ? "deployment" : "change",
                      to ? to->name : intent.to, intent.by.empty() ? "" : ", asked for by " + intent.by, why);
  tell("dropped " + intent.id, "Warning", intent.kind == IntentKind::deploy ? "RolloutDropped" : "RollbackDropped", note_, now);
}

/// The release that was rolled back though nobody could tell it from its node or what it depends on was not the cause.
void Workload::acquit(const std::string& why, Time now) {
  Intent& intent = *ledger_.intent;
  ReleaseRecord* from = ledger_.release(intent.from);
  if (!from || from->state != ReleaseState::bad) return;
  ledger_.reopened(from->id, intent.former == ReleaseState::candidate ? ReleaseState::superseded : intent.former, intent.former_since.value_or(now));
  from->rolled_back.reset();  // who deploys it again contests nothing
  const Finding blamed{Cause::node, fmt::format("{} was rolled back for it, and {}", from->name, why), intent.nodes};
  note_ = fmt::format("{}: {} is no longer held back, {} the likely cause", blamed.evidence, from->name,
                      intent.nodes.empty() ? "what all depend on is" : intent.nodes.size() == 1 ? fmt::format("node {} or what it depends on is", intent.nodes.front()) : "these nodes or what all depend on are");
  tell("acquitted " + intent.id, "Warning", "QuarantineLifted", note_, now);
  suspect_nodes(blamed, now);
  touch();
}

void Workload::review_ambiguous(Time now) {
  if (!ledger_.intent) return;
  const Intent& intent = *ledger_.intent;
  const bool looked_after = intent.kind == IntentKind::rollback && intent.ambiguous && intent.phase == IntentPhase::recovered && ledger_.current_id == intent.to;
  if (!looked_after || !intent.ended || !intent.patched || now - *intent.ended > policy_.settle_time) return;
  // What agents of stable pods had seen before is what the other release may have done to them.
  std::set<std::string> failing;
  for (const auto& [uid, a] : agents_)
    if (a.release == intent.to && a.fresh(policy_.agent.report_interval, now) && fails(a) && a.last.degraded_since && *a.last.degraded_since >= *intent.patched) failing.insert(a.node);
  const bool there = std::any_of(intent.nodes.begin(), intent.nodes.end(), [&](const std::string& node) { return failing.contains(node); });
  if (there || 2 * failing.size() > nodes_of_release(intent.to).size()) acquit(fmt::format("{} degrades too ({})", ledger_.current()->name, finding_.evidence), now);
}

std::string Workload::refused_now(const Intent& intent, const ReleaseRecord& from, const Surroundings& around, Time now) const {
  if (!intent.by.empty() || (intent.kind != IntentKind::rollback && intent.kind != IntentKind::pause)) return {};
  DecisionInput input;
  input.policy = &policy_;
  input.ledger = &ledger_;
  input.judged = &from;
  input.deployment = deployment_;
  input.ambiguous = intent.ambiguous;
  input.breaker_open = around.breaker_open;
  const Decision decision = decide(input, now);
  if (decision.action == (intent.kind == IntentKind::rollback ? PolicyAction::patch : PolicyAction::hold)) return {};
  return decision.guard.empty() ? "the policy asks for something else now" : decision.guard;
}

void Workload::mark_patched(const DeploymentView& d, bool answered, Time now) {
  Intent& intent = *ledger_.intent;
  intent.phase = IntentPhase::patched;
  intent.patched = now;
  demote(intent, now);
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
  if (ReleaseRecord* from = ledger_.release(intent.from); from && intent.by.empty()) from->rolled_back = now;
  // Where the answer was lost, what is found may be what somebody else deployed since: only the plan's own result counts.
  const bool ours = answered || d.hash == intent.expected;
  if (ReleaseRecord* target = ledger_.release(intent.to); target && ours && !ledger_.by_template(d.hash)) {
    target->aliases.push_back(d.hash);
    if (target->aliases.size() > 8) target->aliases.erase(target->aliases.begin());
  }
  const ReleaseRecord* from = ledger_.release(intent.from);
  tell("rolled back " + intent.id, "Warning", "RolledBack",
       fmt::format("rolled back {} -> {}{}: {}", from ? from->name : intent.from, to ? to->name : intent.to, intent.by.empty() ? "" : " by " + intent.by, intent.why), now);
}

void Workload::advance_intent(const Surroundings& around, std::vector<Action>& out, Time now) {
  if (!ledger_.intent || !ledger_.intent->open()) {
    // Charon's own pause was for one template; another one is not held back by it.
    const auto paused = deployment_->annotations.find(std::string(paused_annotation));
    if (deployment_->paused && paused != deployment_->annotations.end() && paused->second != deployment_->hash.value)
      begin(IntentKind::resume, ledger_.current_id, ledger_.current_id, "a new template arrived", {}, {}, now);
    return;
  }
  Intent& intent = *ledger_.intent;
  if (intent.uid != deployment_->uid) return drop_intent("the workload was deleted and created again", Told::people_only, now);

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
      if (intent.ambiguous) acquit(fmt::format("{} does not become ready either", to->name), now);
    }
    return;
  }

  if (patching_ && now - patch_begun_ > outcome_deadline) patching_ = false;
  if (patching_ || writing_ledger_ || written_revision_ < intent_revision_ || now < patch_after_) return;
  if (intent.kind != IntentKind::resume) {
    const ReleaseRecord* from = ledger_.release(intent.from);
    if (!from || !from->has_template(deployment_->hash)) return drop_intent("the template changed before the patch", Told::people_only, now);
    if (const std::string guard = refused_now(intent, *from, around, now); !guard.empty()) {
      // Sent already, and the answer was lost: the watch tells whether it was carried out, and then it is to be finished.
      if (patch_sent_ == intent.id && now - patch_begun_ <= outcome_deadline) return;
      return drop_intent(guard, Told::always, now);
    }
  }
  auto made = plan(intent);
  if (!made) {
    events::patch_failed(log_, key_, made.error().context);
    note_ = made.error().context;
    tell("plan " + intent.id, "Warning", "RollbackFailed", note_, now);
    demote(intent, now);
    return end_intent(IntentPhase::failed, now);
  }
  patching_ = true;
  patch_sent_ = intent.id;
  patch_begun_ = now;
  out.push_back(PatchWorkload{key_, *std::move(made), intent.id});
}

void Workload::patch_done(const PatchWorkload& action, const Result<boost::json::object>& result, Time now) {
  patching_ = false;
  // Of an intent that a newer one replaced meanwhile there is nothing to say.
  if (!ledger_.intent || ledger_.intent->id != action.intent || ledger_.intent->phase != IntentPhase::intended) return;
  Intent& intent = *ledger_.intent;
  if (result) {
    mark_patched(read_deployment(*result), true, now);
    return;
  }
  const Error& error = result.error();
  if (error.is(Errc::conflict)) {
    return drop_intent(error.context, Told::people_only, now);
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
  demote(intent, now);
  end_intent(IntentPhase::failed, now);
}

}  // namespace charon::coordinator
