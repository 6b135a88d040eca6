#pragma once
/// From a decision to the body of one PATCH, on the object as it is now.
///
/// The body is a JSON merge patch (RFC 7386) that carries the fresh object's metadata.resourceVersion: the API server
/// answers 409 when the object changed since (apiserver, registry/store.go: a patched object with another resourceVersion
/// than the stored one is a conflict; without one it would retry silently). Lists are replaced whole, from the fresh
/// object, so what others added to other containers survives.
#include "lib/base/error.hpp"
#include "lib/base/ids.hpp"

#include <boost/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>

namespace charon::coordinator {

enum class PatchKind {
  rollback,  ///< undo what differs between two releases
  deploy,    ///< set images (a registry's push, an old client's rollout)
  pause,     ///< hold a rollout in progress
  resume,    ///< lift Charon's own pause
};

struct PatchPlan {
  PatchKind kind = PatchKind::rollback;
  std::string uid;                      ///< of the Deployment that was judged
  std::optional<TemplateHash> judged;   ///< the template that was judged; absent: any (by hand)
  /// Where only images differ: container name (of containers and initContainers) -> image reference to set.
  std::map<std::string, std::string> images;
  /// Else: normalised templates; what differs from `from` to `to` is applied to the fresh template, the rest of it stays.
  std::optional<boost::json::object> from, to;
  std::map<std::string, std::string> annotations;  ///< to set on the Deployment; an empty value removes
  std::string why;                      ///< one line, for log and Events
};

/// The object is not the one that was judged any more, or has the wanted state already. Judge again.
struct Stale {
  std::string why;
};

/// A rollback's or deployment's plan applied to a pod template. Errors: rejected (a container is gone).
Result<boost::json::object> patched_template(const PatchPlan& plan, const boost::json::object& pod_template);
/// Errors: rejected (the plan cannot be applied to this object: a container is gone).
Result<std::variant<boost::json::object, Stale>> deployment_patch(const PatchPlan& plan, const boost::json::object& fresh);

/// Annotations that Charon sets on Deployments.
inline constexpr std::string_view rollback_annotation = "charon.dev/rollback";
inline constexpr std::string_view change_cause_annotation = "kubernetes.io/change-cause";
inline constexpr std::string_view paused_annotation = "charon.dev/paused";  ///< the template hash whose rollout Charon paused

}  // namespace charon::coordinator
