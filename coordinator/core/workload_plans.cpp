#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/workload.hpp"

namespace charon::coordinator {

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

}  // namespace charon::coordinator
