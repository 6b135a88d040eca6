#include "coordinator/core/deployment_patch.hpp"

#include "coordinator/core/cluster_view.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/release.hpp"

#include <fmt/format.h>

#include <array>

namespace charon::coordinator {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// RFC 7386: the patch that makes `after` of `before`.
object merge_patch(const object& before, const object& after) {
  object out;
  for (const auto& [key, old] : before)
    if (!after.contains(key)) out[key] = nullptr;
  for (const auto& [key, now] : after) {
    const value* old = before.if_contains(key);
    if (old && *old == now) continue;
    if (old && old->is_object() && now.is_object()) out[key] = merge_patch(old->get_object(), now.get_object());
    else out[key] = now;
  }
  return out;
}

const object* named(const array& list, std::string_view name) {
  for (const auto& element : list)
    if (element.is_object() && text_at(element.get_object(), {"name"}) == name) return &element.get_object();
  return nullptr;
}

bool all_named(const array& list) {
  for (const auto& element : list)
    if (!element.is_object() || text_at(element.get_object(), {"name"}).empty()) return false;
  return true;
}

value empty_like(const value& v) { return v.is_object() ? value(object{}) : v.is_array() ? value(array{}) : value(); }
bool empty(const value& v) { return v.is_null() || (v.is_object() && v.get_object().empty()) || (v.is_array() && v.get_array().empty()); }

value undo(const value& from, const value& to, const value& fresh);

/// Applies to a list of named objects what differs between `from` and `to`; elements that neither knows stay where they
/// are: others added them.
array undo(const array& from, const array& to, const array& fresh) {
  array out;
  for (const auto& element : fresh) {
    const std::string name = text_at(element.get_object(), {"name"});
    const object *before = named(from, name), *after = named(to, name);
    if (after) out.push_back(before ? undo(value(*before), value(*after), element) : value(*after));
    else if (!before) out.push_back(element);
  }
  for (const auto& element : to)
    if (!named(fresh, text_at(element.get_object(), {"name"}))) out.push_back(element);
  return out;
}

/// `fresh` with what differs from `from` to `to`. What is the same in both stays as it is in `fresh`.
value undo(const value& from, const value& to, const value& fresh) {
  if (from == to) return fresh;
  if (from.is_object() && to.is_object() && fresh.is_object()) {
    object out = fresh.get_object();
    for (const auto& [key, old] : from.get_object()) {
      value* now = out.if_contains(key);
      if (!now || to.get_object().contains(key)) continue;
      value left = undo(old, empty_like(old), *now);
      if (empty(left)) out.erase(key);
      else *now = std::move(left);
    }
    for (const auto& [key, wanted] : to.get_object()) {
      const value* before = from.get_object().if_contains(key);
      const value* now = out.if_contains(key);
      if (before && *before == wanted) continue;
      out[key] = now ? undo(before ? *before : empty_like(wanted), wanted, *now) : wanted;
    }
    return out;
  }
  if (from.is_array() && to.is_array() && fresh.is_array() && all_named(from.get_array()) && all_named(to.get_array()) && all_named(fresh.get_array()))
    return undo(from.get_array(), to.get_array(), fresh.get_array());
  return to;
}

Result<object> with_images(object pod_template, const std::map<std::string, std::string>& images) {
  std::size_t set = 0;
  value* spec = pod_template.if_contains("spec");
  if (spec && spec->is_object())
    for (const auto* list : {"containers", "initContainers"})
      if (value* found = spec->get_object().if_contains(list); found && found->is_array())
        for (value& element : found->get_array())
          if (element.is_object())
            if (const auto image = images.find(text_at(element.get_object(), {"name"})); image != images.end()) {
              element.get_object()["image"] = image->second;
              ++set;
            }
  if (set != images.size()) return fail(Errc::rejected, "a container whose image is to be set is not in the Deployment any more");
  return pod_template;
}

}  // namespace

Result<object> patched_template(const PatchPlan& plan, const object& pod_template) {
  if (plan.from && plan.to) return undo(value(*plan.from), value(*plan.to), value(pod_template)).get_object();
  return with_images(pod_template, plan.images);
}

Result<std::variant<object, Stale>> deployment_patch(const PatchPlan& plan, const object& fresh) {
  using Out = std::variant<object, Stale>;
  if (text_at(fresh, {"metadata", "uid"}) != plan.uid) return Out(Stale{"the Deployment was deleted and created again"});
  if (find(fresh, {"metadata", "deletionTimestamp"})) return Out(Stale{"the Deployment is being deleted"});
  const object& pod_template = object_at(fresh, {"spec", "template"});
  if (plan.judged && template_hash(normalised(pod_template)) != *plan.judged) return Out(Stale{"the Deployment has another template than the one that was judged"});

  object metadata{{"resourceVersion", text_at(fresh, {"metadata", "resourceVersion"})}};
  object annotations;
  for (const auto& [key, text] : plan.annotations) {
    if (text.empty()) annotations[key] = nullptr;
    else annotations[key] = text;
  }
  object spec;
  const bool ours = find(fresh, {"metadata", "annotations", paused_annotation}) != nullptr;
  switch (plan.kind) {
    case PatchKind::pause:
      if (flag_at(fresh, {"spec", "paused"})) return Out(Stale{"the rollout is paused already"});
      spec["paused"] = true;
      break;
    case PatchKind::resume:
      if (!ours) return Out(Stale{"the pause is not Charon's"});
      spec["paused"] = nullptr;
      annotations[paused_annotation] = nullptr;
      break;
    case PatchKind::rollback:
    case PatchKind::deploy: {
      auto wanted = patched_template(plan, pod_template);
      if (!wanted) return wanted.error();
      object change = merge_patch(pod_template, *wanted);
      if (change.empty()) return Out(Stale{"the Deployment has the wanted template already"});
      spec["template"] = std::move(change);
      if (ours) {  // a rollback that a pause of ours would keep from happening
        spec["paused"] = nullptr;
        annotations[paused_annotation] = nullptr;
      }
      break;
    }
  }
  if (!annotations.empty()) metadata["annotations"] = std::move(annotations);
  return Out(object{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}});
}

}  // namespace charon::coordinator
