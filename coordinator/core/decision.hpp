#pragma once
/// From a verdict against a release to what is done: the policy, who owns the workload, and the guards.
#include "coordinator/core/release_ledger.hpp"
#include "coordinator/core/rollback_policy.hpp"

namespace charon::coordinator {

/// Automation that owns a Deployment and would undo a patch; empty: none. "Argo CD", "Flux", "Helm's automation (...)".
/// A chart that a person installed (`helm install`) is no automation: nothing puts the old template back by itself.
std::string automation_of(const DeploymentView& deployment);

struct DecisionInput {
  const RollbackPolicy* policy = nullptr;
  const ReleaseLedger* ledger = nullptr;
  const ReleaseRecord* judged = nullptr;
  const DeploymentView* deployment = nullptr;
  bool ambiguous = false;     ///< the policy's `ambiguous` decides
  bool breaker_open = false;
  bool template_judged = true;  ///< the Deployment still has the judged release's template
};

struct Decision {
  PolicyAction action = PolicyAction::notify;  ///< patch, hold or notify
  std::string guard;  ///< why it is not the action that the policy asks for; empty: it is
  bool passing = false;  ///< the guard may open again (budget, freeze, breaker): ask again later
};

Decision decide(const DecisionInput& input, Time now);

/// The release to go back to: the last stable one, or, where the judged one is that itself, the newest other that is
/// stable or adopted. Null: none is known.
const ReleaseRecord* rollback_target(const ReleaseLedger& ledger, const ReleaseRecord& judged);

}  // namespace charon::coordinator
