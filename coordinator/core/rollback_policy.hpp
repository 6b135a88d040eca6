#pragma once
/// What the user wants: RollbackPolicy (charon.dev/v1alpha1) of the workload's namespace, or the defaults.
#include "coordinator/core/cluster_view.hpp"
#include "lib/base/json_fields.hpp"
#include "lib/base/wire.hpp"

namespace charon::coordinator {

inline constexpr Duration longest_interval = std::chrono::minutes{5};  ///< of scrapes and reports, that a policy may ask for

/// What a verdict against a release leads to.
enum class PolicyAction {
  unset,   ///< patch, or notify where someone else owns the template (decision.hpp)
  patch, hold, notify
};
constexpr EnumNames<PolicyAction, 4> names_of(PolicyAction) {
  return {{{PolicyAction::unset, ""}, {PolicyAction::patch, "patch"}, {PolicyAction::hold, "hold"}, {PolicyAction::notify, "notify"}}};
}

/// The `spec`, with the product's defaults.
struct RollbackPolicy {
  PolicyAction action = PolicyAction::unset;
  PolicyAction ambiguous = PolicyAction::unset;  ///< where release and device cannot be told apart; unset: hold, or notify
  double alpha = 0.001;                         ///< probability of a false rollback of one release, (0, 0.1]
  Duration settle_time = std::chrono::minutes{30};
  Duration confirmation = std::chrono::seconds{30};  ///< wait before a late onset counts against the release
  Duration rollback_window{0};                  ///< after promotion, in which a patch may still follow; later: notify
  std::uint32_t max_rollbacks_per_hour = 3;
  double minimum_coverage = 0.5;                ///< share of pods whose agents report, for a promotion
  wire::AgentPolicy agent;                      ///< effects, tolerance, intervals, what metrics mean, the detector; version is set by agent_policy()

  /// For the wire; its version is a hash of its content, so it survives restarts and changes exactly when that does.
  wire::AgentPolicy agent_policy() const;
};
template <class V, Same<RollbackPolicy> S>
void fields(V& v, S& s) {
  v("action", s.action);
  v("ambiguous", s.ambiguous);
  v("alpha", s.alpha);
  v("settleTime", s.settle_time);
  v("confirmation", s.confirmation);
  v("rollbackWindow", s.rollback_window);
  v("maxRollbacksPerHour", s.max_rollbacks_per_hour);
  v("minimumCoverage", s.minimum_coverage);
  v("errorRatioEffect", s.agent.error_ratio_effect);
  v("latencyEffect", s.agent.latency_effect);
  v("tolerance", s.agent.tolerance);
  v("scrapeInterval", s.agent.scrape_interval);
  v("reportInterval", s.agent.report_interval);
  v("ignore", s.agent.ignore);
  v("levelsDecide", s.agent.levels_decide);
  v("metrics", s.agent.metrics);
  v("detector", s.agent.detector);
  v("anomalyzer", s.agent.anomalyzer);
}

/// One object as watched.
struct PolicyObject {
  std::string ns, name, uid;
  std::map<std::string, std::string> match_labels;  ///< of the Deployment; empty selects all of the namespace
  RollbackPolicy policy;
  std::string problem;  ///< why its spec was refused as a whole; empty: none. Then Charon only notifies: what the user
                        ///< wanted is not known, and doing less than that harms nobody
};
/// `defaults`: what absent fields mean.
PolicyObject read_policy(const boost::json::object& object, const RollbackPolicy& defaults);

/// The first by name whose selector fits; null if none does. `others`: names of those that fit as well.
const PolicyObject* choose_policy(const std::map<std::string, PolicyObject>& by_uid, std::string_view ns, const std::map<std::string, std::string>& labels,
                                  std::vector<std::string>* others = nullptr);

}  // namespace charon::coordinator
