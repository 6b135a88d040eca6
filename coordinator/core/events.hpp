#pragma once
/// Every line that the coordinator's core logs.
#include "coordinator/core/workload_key.hpp"
#include "lib/base/log.hpp"

#include <fmt/format.h>

namespace charon::coordinator::events {

inline void watching(const Log& log, const WorkloadKey& k) { log.info(fmt::format("Watching {}", k.text())); }
inline void not_watching(const Log& log, const WorkloadKey& k) { log.info(fmt::format("Not watching {} any more", k.text())); }
inline void appeared(const Log& log, const WorkloadKey& k, std::string_view release, std::string_view stable) {
  log.info(stable.empty() ? fmt::format("New release of {}: {}; no stable release is known", k.text(), release)
                          : fmt::format("New release of {}: {}; stable is {}", k.text(), release, stable));
}
inline void returned(const Log& log, const WorkloadKey& k, std::string_view release, std::string_view state) {
  log.info(fmt::format("Release {} of {} runs again ({})", release, k.text(), state));
}
inline void agent(const Log& log, const WorkloadKey& k, std::string_view pod, std::string_view node, std::string_view release, std::string_view role, double alpha) {
  log.info(fmt::format("Agent of {} on {}: {} {} ({}), alpha {:.2g}", pod, node, k.text(), release, role, alpha));
}
inline void failing(const Log& log, const WorkloadKey& k, std::string_view pod, std::string_view node, std::string_view release, std::string_view culprit) {
  log.warn(fmt::format("Agent of {} on {} fails {} {}: {}", pod, node, k.text(), release, culprit));
}
inline void rolling_back(const Log& log, const WorkloadKey& k, std::string_view from, std::string_view to, std::string_view why) {
  log.warn(fmt::format("Rolling back {} {} -> {}: {}", k.text(), from, to, why));
}
inline void patched(const Log& log, const WorkloadKey& k, std::string_view kind, std::string_view to) { log.info(fmt::format("Patched {} ({} {})", k.text(), kind, to)); }
inline void patch_failed(const Log& log, const WorkloadKey& k, std::string_view why) { log.error(fmt::format("Patch of {} failed: {}", k.text(), why)); }
inline void patch_dropped(const Log& log, const WorkloadKey& k, std::string_view why) { log.info(fmt::format("Patch of {} dropped, judging again: {}", k.text(), why)); }
inline void recovered(const Log& log, const WorkloadKey& k, std::string_view to, Duration took) {
  log.info(fmt::format("Recovered {}: every pod on {} is ready, {} after the decision", k.text(), to, format_duration(took)));
}
inline void not_recovered(const Log& log, const WorkloadKey& k, std::string_view to) { log.error(fmt::format("Not recovered: {} does not become ready on {}", k.text(), to)); }
inline void settled(const Log& log, const WorkloadKey& k, std::string_view release, std::string_view state, std::string_view why) {
  log.info(fmt::format("Release {} of {} is {}: {}", release, k.text(), state, why));
}
inline void told(const Log& log, const WorkloadKey& k, std::string_view reason, std::string_view message) { log.warn(fmt::format("{} {}: {}", reason, k.text(), message)); }
inline void holding(const Log& log, const WorkloadKey& k, std::string_view why) { log.warn(fmt::format("Holding the rollout of {}: {}", k.text(), why)); }
inline void node_suspect(const Log& log, const WorkloadKey& k, std::string_view node, std::string_view why) { log.warn(fmt::format("Node {} is suspect, not the release of {}: {}", node, k.text(), why)); }
inline void deploying(const Log& log, const WorkloadKey& k, std::string_view image, std::string_view by) { log.info(fmt::format("Deploying {} to {} ({})", image, k.text(), by)); }
inline void deploy_refused(const Log& log, const WorkloadKey& k, std::string_view image, std::string_view why) { log.warn(fmt::format("Not deploying {} to {}: {}", image, k.text(), why)); }
/// The line, for an Event that says the same.
inline std::string outage(const Log& log, std::size_t failing, std::size_t watched) {
  std::string message = fmt::format("{} of {} workloads degrade within ten minutes: an outage rather than bad releases, every rollback is held", failing, watched);
  log.error(message);
  return message;
}
inline void outage_over(const Log& log) { log.info("The outage is over, rollbacks are possible again"); }
inline void policy_refused(const Log& log, std::string_view ns, std::string_view name, std::string_view why) { log.warn(fmt::format("RollbackPolicy {}/{} is not used, defaults hold: {}", ns, name, why)); }
inline void policies_overlap(const Log& log, const WorkloadKey& k, std::string_view used, std::string_view other) { log.warn(fmt::format("Several RollbackPolicies select {}: {} is used, {} is not", k.text(), used, other)); }
inline void unreadable(const Log& log, std::string_view what, std::string_view why) { log.error(fmt::format("{} cannot be read: {}", what, why)); }
inline void readable(const Log& log, const WorkloadKey& k) { log.info(fmt::format("The unreadable ReleaseLedger of {} is readable again, or gone", k.text())); }
inline void write_failed(const Log& log, const WorkloadKey& k, std::string_view what, std::string_view why) { log.warn(fmt::format("{} of {} could not be written, trying again: {}", what, k.text(), why)); }
inline void resumed(const Log& log, const WorkloadKey& k, std::string_view id) { log.info(fmt::format("Going on with what was begun for {}: intent {}", k.text(), id)); }
inline void command(const Log& log, const WorkloadKey& k, std::string_view what, std::string_view by) { log.info(fmt::format("{} of {} by {}", what, k.text(), by.empty() ? "an operator" : by)); }

}  // namespace charon::coordinator::events
