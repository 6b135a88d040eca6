#include "coordinator/core/events.hpp"
#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/tag_follow.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

bool named(const ReleaseRecord& r, std::string_view word) {
  if (r.id == word || r.name == word || r.template_hash.value == word) return true;
  if (std::any_of(r.digests.begin(), r.digests.end(), [&](const auto& d) { return d.second.value == word; })) return true;
  return std::any_of(r.images.begin(), r.images.end(), [&](const auto& i) { return i.second == word || parse_image(i.second).tag == word; });
}

}  // namespace

Result<CommandReply> Workload::rollback(const CommandOptions& options, Time now) {
  refresh(now);
  const ReleaseRecord* current = deployment_ ? ledger_.current() : nullptr;
  if (!current) return fail(Errc::not_found, fmt::format("{} is not known", key_.text()));
  CommandReply out{key_, current->name, {}, {}, false};
  if (ledger_.intent && ledger_.intent->open() && ledger_.intent->kind == IntentKind::rollback) {
    if (const ReleaseRecord* to = ledger_.release(ledger_.intent->to)) out.to = to->name;
    out.message = "a rollback is under way";
    return out;
  }
  const ReleaseRecord* target = nullptr;
  if (options.to.empty()) {
    target = rollback_target(ledger_, *current);
    if (!target) return fail(Errc::conflict, fmt::format("{}: no stable release is known to go back to", key_.text()));
  } else {
    for (auto r = ledger_.releases.rbegin(); r != ledger_.releases.rend() && !target; ++r)
      if (named(*r, options.to) && r->id != current->id) target = &*r;
    if (!target && named(*current, options.to)) {
      out.to = current->name;
      out.message = fmt::format("{} runs {} already", key_.text(), current->name);
      return out;
    }
    if (!target) return fail(Errc::conflict, fmt::format("{}: no release '{}' is known", key_.text(), options.to.substr(0, 128)));
    if (target->state == ReleaseState::bad) return fail(Errc::conflict, fmt::format("{}: release {} is bad ({})", key_.text(), target->name, target->evidence));
  }
  out.to = target->name;
  if (auto possible = plan_rollback(*current, *target); !possible) return fail(Errc::conflict, fmt::format("{}: {}", key_.text(), possible.error().context));
  const std::string automation = automation_of(*deployment_);
  out.message = fmt::format("{} {} -> {}{}{}", options.dry_run ? "would roll back" : "rolling back", out.from, out.to,
                            automation.empty() ? "" : fmt::format("; {} owns the workload and may undo it", automation), deployment_->paused ? "; the rollout is paused by its owner" : "");
  if (options.dry_run) return out;
  out.changed = true;
  events::command(log_, key_, "Rollback", options.by);
  const ReleaseRecord from = *current, to = *target;
  ledger_.contested_by.clear();
  condemn_and_roll_back(from, to, fmt::format("asked for by {}", options.by.empty() ? "an operator" : options.by), options.by.empty() ? "an operator" : options.by, now);
  return out;
}

Result<CommandReply> Workload::set_frozen(bool frozen, const CommandOptions& options) {
  CommandReply out{key_, {}, {}, {}, false};
  const std::string_view word = frozen ? "frozen" : "not frozen";
  if (ledger_.frozen == frozen) {
    out.message = fmt::format("{} is {} already", key_.text(), word);
    return out;
  }
  out.message = fmt::format("{} {} {}", key_.text(), options.dry_run ? "would be" : "is", word);
  if (options.dry_run) return out;
  events::command(log_, key_, frozen ? "Freeze" : "Unfreeze", options.by);
  ledger_.frozen = frozen;
  out.changed = true;
  touch();
  return out;
}

Result<CommandReply> Workload::promote(const CommandOptions& options, Time now) {
  refresh(now);
  ReleaseRecord* current = deployment_ ? ledger_.release(ledger_.current_id) : nullptr;
  if (!current) return fail(Errc::not_found, fmt::format("{} is not known", key_.text()));
  CommandReply out{key_, current->name, current->name, {}, false};
  if (ledger_.intent && ledger_.intent->open() && ledger_.intent->kind == IntentKind::rollback) return fail(Errc::conflict, fmt::format("{}: a rollback is under way", key_.text()));
  if (current->state == ReleaseState::stable) {
    out.message = fmt::format("release {} is stable already", current->name);
    return out;
  }
  out.message = fmt::format("release {} {} stable", current->name, options.dry_run ? "would be" : "is");
  if (options.dry_run) return out;
  out.changed = true;
  events::command(log_, key_, "Promotion", options.by);
  held_ = false;
  settle(*current, ReleaseState::stable, fmt::format("promoted by {}", options.by.empty() ? "an operator" : options.by), now);
  if (deployment_->paused && deployment_->annotations.contains(std::string(paused_annotation)))
    begin(IntentKind::resume, ledger_.current_id, ledger_.current_id, "promoted by hand", options.by, {}, now);
  return out;
}

Result<CommandReply> Workload::rollout(std::string_view image, std::string_view tag, const CommandOptions& options, Time now) {
  refresh(now);
  if (!deployment_) return fail(Errc::not_found, fmt::format("{} is not known", key_.text()));
  const auto tag_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'; };
  if (tag.empty() || tag.size() > 128 || !std::all_of(tag.begin(), tag.end(), tag_character) || tag.front() == '.' || tag.front() == '-') return fail(Errc::invalid_input, "tag: 1 to 128 of letters, digits, '_', '.' and '-' are needed");
  const ReleaseRecord* current = ledger_.current();
  CommandReply out{key_, current ? current->name : "", std::string(tag), {}, false};
  std::map<std::string, std::string> images;
  for (const auto& [container, text] : images_of(deployment_->pod_template)) {
    const ImageReference present = parse_image(text);
    if (!names_image(image, present)) continue;
    const std::string wanted = present.repository() + ":" + std::string(tag);
    for (const ReleaseRecord& r : ledger_.releases)
      if (const auto i = r.images.find(container); r.state == ReleaseState::bad && i != r.images.end() && i->second == wanted)
        return fail(Errc::conflict, fmt::format("{}: {} is bad ({})", key_.text(), wanted, r.evidence));
    if (wanted != text) images[container] = wanted;
  }
  if (ledger_.frozen) return fail(Errc::conflict, fmt::format("{} is frozen", key_.text()));
  if (ledger_.intent && ledger_.intent->open() && ledger_.intent->kind == IntentKind::rollback) return fail(Errc::conflict, fmt::format("{}: a rollback is under way", key_.text()));
  if (images.empty()) {
    out.message = fmt::format("{} runs {}:{} already", key_.text(), image, tag);
    return out;
  }
  out.message = fmt::format("{} {}:{}", options.dry_run ? "would deploy" : "deploying", image, tag);
  if (options.dry_run) return out;
  out.changed = true;
  const std::string name = fmt::format("{}:{}", image, tag);
  events::deploying(log_, key_, name, options.by);
  begin(IntentKind::deploy, ledger_.current_id, name, "asked for", options.by.empty() ? "an operator" : options.by, std::move(images), now);
  return out;
}

std::optional<CommandReply> Workload::image_pushed(const ImagePush& push, Time now) {
  refresh(now);
  if (!deployment_) return std::nullopt;
  bool follows = false;
  const auto containers = followers(*deployment_, push, follows);
  if (!follows) return std::nullopt;
  const ReleaseRecord* current = ledger_.current();
  CommandReply out{key_, current ? current->name : "", push.tag, {}, false};
  const auto refuse = [&](std::string why) {
    out.message = std::move(why);
    events::deploy_refused(log_, key_, push.name(), out.message);
    return out;
  };
  if (!unreadable_.empty()) return refuse(ledger_.reason);
  if (containers.empty()) return refuse(fmt::format("the workload does not follow tag {}", push.tag));
  if (ledger_.is_quarantined(push.digest)) {
    tell("quarantined " + push.digest.value + push.tag, "Warning", "QuarantinedImage", fmt::format("{} is {}, which is quarantined: it was rolled back", push.name(), push.digest.value), now);
    return refuse(fmt::format("its digest {} is quarantined", push.digest.value));
  }
  if (ledger_.frozen) return refuse("the workload is frozen");
  if (const std::string automation = automation_of(*deployment_); !automation.empty()) return refuse(fmt::format("{} owns the workload and would undo it", automation));
  if (ledger_.intent && ledger_.intent->open() && ledger_.intent->kind == IntentKind::rollback) return refuse("a rollback is under way");
  std::map<std::string, std::string> images;
  for (const auto& [container, text] : containers) {
    ImageReference wanted = parse_image(text);
    wanted.tag = push.tag;
    wanted.digest = {};
    // The same tag again: a template that says the same would change nothing, and one that a bad release had would be
    // taken for it. The digest tells them apart.
    for (const ReleaseRecord& r : ledger_.releases)
      if (const auto i = r.images.find(container); i != r.images.end() && i->second == wanted.text()) {
        const auto ran = r.digests.find(container);
        if (ran == r.digests.end() ? r.state == ReleaseState::bad : ran->second != push.digest) wanted.digest = push.digest;
      }
    if (wanted.text() != text) images[container] = wanted.text();
  }
  if (images.empty()) {
    out.message = fmt::format("{} runs {} already", key_.text(), push.name());
    return out;
  }
  out.changed = true;
  out.message = fmt::format("deploying {}", push.name());
  events::deploying(log_, key_, push.name(), "pushed to the registry");
  begin(IntentKind::deploy, ledger_.current_id, push.name(), "pushed to the registry", "the registry", std::move(images), now).digest = push.digest;
  return out;
}

}  // namespace charon::coordinator
