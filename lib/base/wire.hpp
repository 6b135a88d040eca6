#pragma once
/// The contract between agent and coordinator: the messages, made of what wire_policy.hpp, wire_baseline.hpp and wire_evidence.hpp
/// describe. JSON over HTTPS (docs/design.md, "Coordinator API"); names on the wire stand in the `fields` functions.
/// All counts are cumulative since the sender's boot, so a repeated or lost report does no harm.
#include "lib/base/wire_evidence.hpp"

namespace charon::wire {

inline constexpr std::size_t max_message_bytes = 256 * 1024;  ///< of one request or response body

enum class Role { candidate, stable };  ///< of the pod's release
constexpr EnumNames<Role, 2> names_of(Role) { return {{{Role::candidate, "candidate"}, {Role::stable, "stable"}}}; }

/// POST /v1/agents/hello. The pod comes from the token, never from the body.
struct Hello {
  BootId boot_id;
  std::string agent_version;
};
template <class V, Same<Hello> S>
void fields(V& v, S& s) {
  v("bootId", s.boot_id);
  v("agentVersion", s.agent_version);
}

struct HelloReply {
  AgentPolicy policy;
  Role role = Role::candidate;
  double alpha = 0;            ///< this pod's share of the release's alpha; 0: never judge
  Baseline baseline;
  std::string trust_bundle;    ///< PEM roots, empty: unchanged
};
template <class V, Same<HelloReply> S>
void fields(V& v, S& s) {
  v("policy", s.policy);
  v("role", s.role);
  v("alpha", s.alpha);
  v("baseline", s.baseline);
  v("trustBundle", s.trust_bundle);
}

inline constexpr Duration longest_age = std::chrono::hours{1};  ///< of what a report or a control tells of, in its fields

/// POST /v1/reports. Keyed by (pod uid from the token, boot id, sequence).
struct Report {
  BootId boot_id;
  std::uint64_t sequence = 0;
  Duration scrape_interval{5'000};     ///< of this pod, which may have its own
  Duration scrape_age{5'000};          ///< since the last successful scrape, when it was sent; at most two intervals
  Verdict verdict = Verdict::inconclusive;
  double log_evidence = 0;             ///< now (not its maximum), all metrics combined, that the release is worse
  double log_pass_evidence = 0;        ///< the least over deciding metrics, that it is not worse by what matters
  Time started{};                      ///< first successful scrape of this boot
  std::optional<Time> degraded_since;  ///< where the evidence that now stands began to rise
  DetectorKind detector = DetectorKind::charon;  ///< whose verdict it is; the classic engine's log_evidence is -log(1 - score)
  std::vector<Culprit> culprits;       ///< first those that are named; strongest first, by what they add to log_evidence
  std::vector<MetricCounts> totals;    ///< since boot
  std::vector<LevelSum> level_sums{};    ///< since boot
  std::vector<LevelSummary> levels{};    ///< of the last hour at most
  std::vector<MetricRatios> ratios{};
  std::vector<LevelStart> level_starts{};
  std::uint64_t scrapes = 0;           ///< tried since boot
  std::uint64_t scrape_failures = 0;
  std::uint64_t process_restarts = 0;  ///< of the application, seen as a new process start time or counter resets
  std::uint64_t baseline_version = 0;  ///< that the verdict used
  std::string assumption{};            ///< inconclusive: it would be a fail by this level, if its documented spread is right
  std::vector<ExcludedMetric> excluded{};  ///< that have no part in the verdict; first what somebody could mend
  std::uint64_t excluded_more = 0;         ///< than are listed
  std::optional<Suspension> suspended{};
  std::vector<PassWait> pass_waits{};      ///< inconclusive: at most max_culprits of those that decide
};
template <class V, Same<Report> S>
void fields(V& v, S& s) {
  v("bootId", s.boot_id);
  v("sequence", s.sequence);
  v("scrapeInterval", s.scrape_interval);
  v("scrapeAge", s.scrape_age);
  v("verdict", s.verdict);
  v("logEvidence", s.log_evidence);
  v("logPassEvidence", s.log_pass_evidence);
  v("started", s.started);
  v("degradedSince", s.degraded_since);
  v("detector", s.detector);
  v("culprits", s.culprits);
  v("totals", s.totals);
  v("levelSums", s.level_sums);
  v("levels", s.levels);
  v("ratios", s.ratios);
  v("levelStarts", s.level_starts);
  v("scrapes", s.scrapes);
  v("scrapeFailures", s.scrape_failures);
  v("processRestarts", s.process_restarts);
  v("baselineVersion", s.baseline_version);
  v("assumption", s.assumption);
  v("excluded", s.excluded);
  v("excludedMore", s.excluded_more);
  v("suspended", s.suspended);
  v("passWaits", s.pass_waits);
}

struct ReportReply {
  std::uint64_t acknowledged = 0;      ///< sequence
  std::uint64_t policy_version = 0;    ///< differs from the agent's: say hello again
  std::uint64_t baseline_version = 0;  ///< differs: GET /v1/agents/baseline
  Role role = Role::candidate;
  bool ending = false;                 ///< the pod shuts down, or has ended: what it shows is its release's no more
  Control control;
};
template <class V, Same<ReportReply> S>
void fields(V& v, S& s) {
  v("acknowledged", s.acknowledged);
  v("policyVersion", s.policy_version);
  v("baselineVersion", s.baseline_version);
  v("role", s.role);
  v("ending", s.ending);
  v("control", s.control);
}

/// An error that every HTTP API of Charon answers (RFC 9457, application/problem+json).
struct Problem {
  std::string type = "about:blank";
  std::string title;
  unsigned status = 500;
  std::string detail;
};
template <class V, Same<Problem> S>
void fields(V& v, S& s) {
  v("type", s.type);
  v("title", s.title);
  v("status", s.status);
  v("detail", s.detail);
}

/// Checks what types alone do not say: counts fit bounds, bounds ascend, shares lie in [0, 1], lists are within their
/// bounds. An error names the field.
Result<void> validate(const MetricCounts& counts);
Result<void> validate(const Report& report);
Result<void> validate(const HelloReply& reply);
Result<void> validate(const ReportReply& reply);

}  // namespace charon::wire
