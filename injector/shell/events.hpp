#pragma once
/// What the injector logs: one function per event.
#include "injector/core/injection_breaker.hpp"
#include "injector/core/admission.hpp"
#include "lib/base/log.hpp"

#include <fmt/format.h>

namespace charon::injector::events {

inline void started(const Log& log, std::string_view version, unsigned short port) {
  log.info(fmt::format("Injector {} serves admission reviews on port {}", version, port));
}
inline void stopping(const Log& log, int signal) { log.info(fmt::format("Signal {}: draining", signal)); }
inline void stopped(const Log& log) { log.info("Stopped"); }

inline std::string pod_of(const Admission& admission) {
  if (!admission.workload) return fmt::format("a pod in {}", admission.ns);
  return fmt::format("a pod of {} {}/{}", admission.workload->kind, admission.ns, admission.workload->name);
}
inline void injected(const Log& log, const Admission& admission) {
  log.info(fmt::format("Injected {}{}", pod_of(admission), admission.dry_run ? " (dry run)" : ""));
}
inline void skipped(const Log& log, const Admission& admission, const Skip& skip) {
  // Second passes and pods nobody asked about come by the thousand.
  const Level level = deserves_event(skip.reason) || skip.reason == Reason::malformed ? Level::warn : Level::debug;
  log.write(level, fmt::format("Not injected {}: {}: {}", pod_of(admission), name(skip.reason), skip.detail));
}

inline void breaker_changed(const Log& log, BreakerState state, std::size_t waiting, std::string_view reason) {
  if (state == BreakerState::open)
    log.error(fmt::format("INJECTION STOPPED: {} pods wait on the agent's container ({}); new pods start without an agent", waiting, reason));
  else if (state == BreakerState::half_open)
    log.warn("Injection is tried again, one pod at a time");
  else
    log.info("Injection goes on: an agent came up");
}
inline void workload_held(const Log& log, const WorkloadKey& workload, std::string_view message) {
  log.warn(fmt::format("Pods of {} {}/{} were refused after injection; the next ones start without an agent: {}", workload.kind, workload.ns, workload.name, message));
}

inline void root_made(const Log& log, Time until) { log.info(fmt::format("Made a certificate authority, valid until {}", format_time(until))); }
inline void root_rotated(const Log& log, Time until) {
  log.warn(fmt::format("Made a new root, cross-signed by the old one, valid until {}", format_time(until)));
}
inline void root_written_back(const Log& log, std::string_view what) {
  log.error(fmt::format("THE CERTIFICATE AUTHORITY'S SECRET WAS {}: wrote back the one in memory, which pods believe", what));
}
inline void root_adopted(const Log& log, bool cross_signed) {
  log.error(fmt::format("THE CERTIFICATE AUTHORITY'S SECRET HOLDS ANOTHER ROOT: it is used, {}",
                        cross_signed ? "cross-signed by the one before, so that pods injected under that still reach the coordinator"
                                     : "and pods injected under the one before cannot reach the coordinator until they are created anew"));
}
inline void root_replaced(const Log& log) {
  log.error("THE CERTIFICATE AUTHORITY WAS LOST and nobody held it: made a new one; pods injected before cannot reach the coordinator until they are created anew");
}
inline void previous_root_dropped(const Log& log) { log.info("Dropped the expired root from the trust bundle"); }
inline void certificate_issued(const Log& log, std::string_view whose, Time until) {
  log.info(fmt::format("Issued the {}'s certificate, valid until {}", whose, format_time(until)));
}
inline void certificates_failed(const Log& log, const Error& error) { log.error(fmt::format("Certificates: {}", error.message())); }
inline void bundle_patched(const Log& log, std::string_view configuration) {
  log.info(fmt::format("Wrote the trust bundle into MutatingWebhookConfiguration {}", configuration));
}
inline void bundle_overwritten(const Log& log, std::string_view configuration, Duration wait) {
  log.warn(fmt::format("The trust bundle of MutatingWebhookConfiguration {} was changed again; written again in {}", configuration, format_duration(wait)));
}
inline void bundle_failed(const Log& log, const Error& error) { log.error(fmt::format("Cannot write the webhooks' trust bundle: {}", error.message())); }

inline void versions_known(const Log& log, bool native) {
  log.info(native ? "Agents are native sidecars: the server and every node are 1.29 or later, or it is set so"
                  : "Agents are ordinary containers");
}
inline void lookup_failed(const Log& log, std::string_view what, const Error& error) { log.warn(fmt::format("Cannot read {}: {}", what, error.message())); }
inline void event_failed(const Log& log, const Error& error) { log.warn(fmt::format("Cannot write an Event: {}", error.message())); }

}  // namespace charon::injector::events
