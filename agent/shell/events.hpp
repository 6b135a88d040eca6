#pragma once
/// Log lines of the agent: one function per event. What a verdict says stands in agent/core/anomaly_text.hpp.
#include "agent/core/anomaly_text.hpp"
#include "lib/base/wire.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace charon::agent::events {

inline std::string cannot_start(const Error& error) { return fmt::format("Cannot start: {}", error.message()); }
inline std::string no_admin(const Error& error) { return fmt::format("No /metrics and /debug/evidence of the agent's own: {}", error.message()); }
inline std::string starting(std::string_view target, std::string_view coordinator) {
  return fmt::format("charon-agent {} judges {} and reports to {}", CHARON_VERSION, target, coordinator);
}
inline std::string stopping(int signal) { return fmt::format("Stopping on signal {}", signal); }

inline std::string worker_ended(const std::string& how, Duration pause) {
  return fmt::format("The worker {}; it starts again in {}", how, format_duration(pause));
}
inline std::string worker_killed(Duration grace) { return fmt::format("The worker did not stop within {}: killed", format_duration(grace)); }
inline std::string cannot_fork(const char* why, Duration pause) {
  return fmt::format("Cannot start the worker: {}; tried again in {}", why, format_duration(pause));
}

inline std::string scrape_failed(const Error& error) { return fmt::format("Scrape failed: {}", error.message()); }
inline std::string scrape_too_large(const Error& error, std::size_t most) {
  return fmt::format("Scrape failed: {}; beyond the agent's bounds (a body of {} MiB) nothing is judged", error.message(), most >> 20);
}
inline std::string scrape_works(std::uint64_t samples) { return fmt::format("Scrape works: {} samples", samples); }
inline std::string scrape_works_again(std::uint64_t samples, Duration after) {
  return fmt::format("Scrape works: {} samples; it did not for {}", samples, format_duration(after));
}
inline std::string nothing_to_judge(std::uint64_t samples) {
  return fmt::format("No requests to judge among {} samples: no request counter with a status label, no histogram of requests' durations", samples);
}
inline std::string series_left_out(std::string_view metric) {
  return fmt::format("{} is not judged any more: it has more series, or longer labels, than the agent keeps", metric);
}
inline std::string clock_moved(Duration step) {
  return fmt::format("The clock went {} by {}: it was set, or the machine slept", step.count() < 0 ? "back" : "forward", format_duration(std::chrono::abs(step)));
}

inline std::string hello_failed(const Error& error) {
  return fmt::format("No coordinator: {}; scraping goes on, tried again each 30s or sooner", error.message());
}
inline std::string registered(const wire::HelloReply& reply) {
  return fmt::format("Registered as {}; baseline {}; evidence needed {}", reply.role == wire::Role::candidate ? "candidate" : "stable",
                     reply.baseline.version == 0 ? std::string("none yet") : fmt::format("version {} of {} pods", reply.baseline.version, reply.baseline.pods),
                     evidence_text(-std::log(reply.alpha)));
}
inline std::string heard_again(Duration after) { return fmt::format("The coordinator answers again after {}", format_duration(after)); }
inline std::string baseline_arrived(const wire::Baseline& baseline) {
  return fmt::format("Baseline of release {}: {} metrics of {} pods", baseline.release, baseline.metrics.size(), baseline.pods);
}
inline std::string role_changed(wire::Role role) { return fmt::format("This release is now {}", role == wire::Role::stable ? "stable" : "a candidate"); }
inline std::string report_failed(const Error& error) { return fmt::format("Report failed: {}; the next one holds all of it", error.message()); }
inline std::string pod_ends() { return "The pod ends: nothing is judged or reported any more"; }
inline std::string trust_unfit(const Error& error) { return fmt::format("New trust roots are not used: {}", error.message()); }
/// The words of the ancestor: what an operator looks for in the log.
inline std::string sent_request(wire::Role role) {
  return role == wire::Role::candidate ? "Sent rollback request!" : "Reported degradation of the stable release on this node";
}
inline std::string recovered(const Evidence& evidence) {
  return fmt::format("No anomaly any more: evidence {} of {}", evidence_text(evidence.log_evidence), evidence_text(evidence.log_needed));
}
inline std::string passed(double log_evidence) {
  return fmt::format("PASS: no effect that matters up to now; evidence {}", evidence_text(log_evidence));
}

}  // namespace charon::agent::events
