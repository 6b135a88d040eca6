#include "coordinator/core/decision.hpp"

#include "coordinator/core/deployment_patch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::coordinator {
namespace {

bool begins(const std::map<std::string, std::string>& in, std::string_view prefix) {
  const auto at = in.lower_bound(std::string(prefix));
  return at != in.end() && at->first.starts_with(prefix);
}

bool managed_by(const DeploymentView& d, std::string_view name) {
  return std::any_of(d.managers.begin(), d.managers.end(), [&](const FieldManager& m) { return m.name == name; });
}

}  // namespace

std::string automation_of(const DeploymentView& d) {
  if (begins(d.annotations, "argocd.argoproj.io/") || begins(d.labels, "argocd.argoproj.io/") || managed_by(d, "argocd-controller") ||
      managed_by(d, "argocd-application-controller"))
    return "Argo CD";
  if (begins(d.labels, "kustomize.toolkit.fluxcd.io/") || managed_by(d, "kustomize-controller")) return "Flux";
  if (begins(d.labels, "helm.toolkit.fluxcd.io/") || managed_by(d, "helm-controller")) return "Flux's Helm controller";
  return {};
}

const ReleaseRecord* rollback_target(const ReleaseLedger& ledger, const ReleaseRecord& judged) {
  if (const ReleaseRecord* stable = ledger.last_stable(); stable && stable->id != judged.id && stable->target()) return stable;
  for (auto r = ledger.releases.rbegin(); r != ledger.releases.rend(); ++r)
    if (r->target() && r->id != judged.id) return &*r;
  return nullptr;
}

Decision decide(const DecisionInput& in, Time now) {
  const std::string automation = automation_of(*in.deployment);
  PolicyAction wanted = in.ambiguous ? in.policy->ambiguous : in.policy->action;
  Decision out;
  if (wanted == PolicyAction::unset) {
    wanted = !automation.empty() ? PolicyAction::notify : in.ambiguous ? PolicyAction::hold : PolicyAction::patch;
    if (!automation.empty()) out.guard = fmt::format("{} owns the workload and would undo a patch", automation);
  }
  out.action = wanted;
  const auto refuse = [&](std::string why, bool passing) {
    out.action = PolicyAction::notify;
    out.guard = std::move(why);
    out.passing = passing;
    return out;
  };
  if (wanted == PolicyAction::notify) return out;
  if (!in.template_judged) return refuse("the template changed since", true);
  if (in.ledger->frozen) return refuse("the workload is frozen", true);
  if (!in.ledger->contested_by.empty()) return refuse(fmt::format("the workload is contested by {}", in.ledger->contested_by), false);
  if (in.breaker_open) return refuse("many workloads degrade at once: an outage, not many bad releases", true);
  if (in.deployment->paused && !in.deployment->annotations.contains(std::string(paused_annotation))) return refuse("its owner paused the workload", true);
  if (wanted == PolicyAction::hold) return out;
  if (!rollback_target(*in.ledger, *in.judged))
    return refuse(in.judged->first ? "it is the first release that Charon knows, so there is none to go back to" : "no stable release is known to go back to", false);
  if (in.judged->target() && now - in.judged->since >= in.policy->rollback_window) return refuse("the release was stable already and its rollback window is over", false);
  if (in.ledger->rollbacks_within(std::chrono::hours{1}, now) >= in.policy->max_rollbacks_per_hour)
    return refuse(fmt::format("{} rollbacks within an hour are the budget", in.policy->max_rollbacks_per_hour), true);
  return out;
}

}  // namespace charon::coordinator
