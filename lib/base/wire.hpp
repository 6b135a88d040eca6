#pragma once
/// The contract between agent and coordinator: every field of every message, in one place.
/// Messages are JSON over HTTPS (docs/design.md, "Coordinator API"); names on the wire stand in the `fields` functions.
/// All counts are cumulative since the sender's boot, so a repeated or lost report does no harm.
#include "lib/base/wire_policy.hpp"

namespace charon::wire {

inline constexpr std::size_t max_message_bytes = 256 * 1024;  ///< of one request or response body
inline constexpr std::size_t max_metrics = 64;                ///< metrics in one report or baseline
inline constexpr std::size_t max_buckets = 64;                ///< counts of one metric
inline constexpr std::size_t max_culprits = 16;
inline constexpr std::size_t max_level_starts = 3 * max_metrics;  ///< both sides of each level, and growth
inline constexpr std::size_t max_ratios = 8;                  ///< sizes of effect of one metric
inline constexpr std::string_view process_restarts_metric = "process_restarts";  ///< which agents derive from all that they scrape
inline constexpr std::size_t max_excluded = 64;               ///< metrics that one report lists as left out

/// How the counts of a metric are read.
enum class MetricKind {
  error_ratio,  ///< counts = {good, bad} requests
  latency,      ///< counts per histogram bucket, not cumulative; bounds are the upper bounds in seconds, +Inf left out
  level,        ///< of culprits alone: values in the metric's own unit
};
constexpr EnumNames<MetricKind, 3> names_of(MetricKind) {
  return {{{MetricKind::error_ratio, "error_ratio"}, {MetricKind::latency, "latency"}, {MetricKind::level, "level"}}};
}

/// What was counted of one metric over some time and some pods.
struct MetricCounts {
  std::string metric;                 ///< family name and, where several series differ, the distinguishing labels
  MetricKind kind = MetricKind::error_ratio;
  std::vector<double> bounds;         ///< latency: ascending, seconds; else empty
  std::vector<std::uint64_t> counts;  ///< error_ratio: 2; latency: bounds.size() + 1
  std::uint64_t windows = 0;          ///< scrapes with traffic that these counts come from
};
template <class V, Same<MetricCounts> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("bounds", s.bounds);
  v("counts", s.counts);
  v("windows", s.windows);
}

inline constexpr std::size_t young_stretches = 13;  ///< of a pod's first minutes, detection/level_summary.hpp

/// How a healthy pod's level moves: a gauge, the rate of a counter, or the mean log duration of requests. Values are on
/// the metric's scale: natural logarithm where effects are ratios, the metric's unit where they are differences.
struct LevelSummary {
  std::string metric;
  std::uint64_t scrapes = 0;  ///< values that it rests on; 0: too few
  double level = 0;           ///< location
  double phi = 0;             ///< lag-one correlation from scrape to scrape, within [0, 0.99]
  double noise = 0;           ///< standard deviation of the AR(1) innovation, robust, > 0
  double wander = 0;          ///< variance of means over minutes beyond what phi and noise explain
  double activity = 0;        ///< mean square of clipped innovations in units of noise
  std::vector<double> young;  ///< mean difference to `level` in the first stretches of a pod's life; empty: never seen
};
template <class V, Same<LevelSummary> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("scrapes", s.scrapes);
  v("level", s.level);
  v("phi", s.phi);
  v("noise", s.noise);
  v("wander", s.wander);
  v("activity", s.activity);
  v("young", s.young);
}

/// The sum of a level's values since boot: what one reads off between two reports is where it stands now.
struct LevelSum {
  std::string metric;
  double sum = 0;
  std::uint64_t scrapes = 0;
};
template <class V, Same<LevelSum> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("sum", s.sum);
  v("scrapes", s.scrapes);
}

/// Where stable pods stand now, on the metric's scale.
struct LevelNow {
  std::string metric;
  double value = 0;         ///< mean over pods; of other nodes: of what each stands above its own level in the baseline
  std::uint32_t pods = 0;   ///< at least 1
  std::uint64_t of = 0;     ///< which pods, below 2^53: another number, other pods; 0: not known
};
template <class V, Same<LevelNow> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("value", s.value);
  v("pods", s.pods);
  v("of", s.of);
}

/// How much healthy pods of successive releases differed on one node, from the ledger's history.
struct LevelSpread {
  std::string metric;
  double squares = 0;   ///< sum of squared differences between a release's level on a node and its predecessor's there
  double degrees = 0;   ///< of freedom
};
template <class V, Same<LevelSpread> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("squares", s.squares);
  v("degrees", s.degrees);
}

/// What stable pods of the workload showed.
struct Baseline {
  std::uint64_t version = 0;          ///< grows with every change; 0: none yet
  std::string release;                ///< template hash of the release that made it
  std::uint32_t pods = 0;             ///< that contributed
  std::vector<MetricCounts> metrics;  ///< all stable pods, all nodes
  std::vector<MetricCounts> same_node;  ///< the part of it seen on the asking pod's node; empty if the release never ran there
  std::vector<LevelSummary> levels{};            ///< mean over pods
  std::vector<LevelSummary> same_node_levels{};  ///< over those on the asking pod's node
  std::vector<LevelSpread> spreads{};
};
template <class V, Same<Baseline> S>
void fields(V& v, S& s) {
  v("version", s.version);
  v("release", s.release);
  v("pods", s.pods);
  v("metrics", s.metrics);
  v("sameNode", s.same_node);
  v("levels", s.levels);
  v("sameNodeLevels", s.same_node_levels);
  v("spreads", s.spreads);
}

/// What stable pods that still run have shown since the candidate appeared: takes out load and time of day.
struct Control {
  std::uint32_t pods = 0;
  std::uint32_t same_node_pods = 0;
  bool none_runs = false;               ///< no stable pod with an agent is there that could still tell something
  std::vector<MetricCounts> metrics;    ///< cumulative since `since`
  std::vector<MetricCounts> same_node;
  Duration age{}, same_node_age{};      ///< since the earliest of their pods' last scrapes that are told: nothing later is told of all
  std::vector<LevelNow> levels{};           ///< of other nodes, since their last reports, not cumulative; against each pod's own past, so that
                                            ///< pods that come and go do not move it
  std::vector<LevelNow> same_node_levels{};
  Time levels_reported{};                   ///< the last report of the pods behind `levels`; the epoch: not told
  Time same_node_levels_reported{};
  Time since{};
};
template <class V, Same<Control> S>
void fields(V& v, S& s) {
  v("pods", s.pods);
  v("sameNodePods", s.same_node_pods);
  v("noneRuns", s.none_runs);
  v("metrics", s.metrics);
  v("sameNode", s.same_node);
  v("age", s.age);
  v("sameNodeAge", s.same_node_age);
  v("levels", s.levels);
  v("sameNodeLevels", s.same_node_levels);
  v("levelsReported", s.levels_reported);
  v("sameNodeLevelsReported", s.same_node_levels_reported);
  v("since", s.since);
}

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

enum class Verdict { inconclusive, pass, fail };
constexpr EnumNames<Verdict, 3> names_of(Verdict) {
  return {{{Verdict::inconclusive, "inconclusive"}, {Verdict::pass, "pass"}, {Verdict::fail, "fail"}}};
}

/// One metric's part in a verdict.
struct Culprit {
  std::string metric;
  MetricKind kind = MetricKind::error_ratio;
  double baseline = 0;      ///< share of bad (errors, slow) requests in the stable release; a level in its own unit
  double now = 0;           ///< in this pod
  double log_evidence = 0;  ///< natural logarithm of the e-value
  bool named = true;        ///< false: shown, but not enough to be called a culprit (lib/detection/e_bh.hpp)
};
template <class V, Same<Culprit> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("baseline", s.baseline);
  v("now", s.now);
  v("logEvidence", s.log_evidence);
  v("named", s.named);
}

/// Why a metric is not judged (it is still counted into the totals).
enum class Excluded {
  no,
  no_baseline,         ///< the stable release did not show it
  bounds_differ,       ///< the histogram's buckets are not the baseline's
  baseline_too_small,  ///< fewer stable requests than a share can be read from
  ignored,             ///< by the policy
  series_left_out,     ///< of too many series, or labels too long: what remains is not the whole (agent/core/request_counts.hpp)
  for_the_record,      ///< the policy lets no level decide, or it only goes with the load: shown, no part in the verdict
  unknown,             ///< nobody knows what a change of it means: shown, decides only where the policy says so
  unfit,               ///< the policy's entry for it does not fit what it is
  no_place,            ///< of more levels than a report holds: not judged
};
constexpr EnumNames<Excluded, 10> names_of(Excluded) {
  return {{{Excluded::no, "no"}, {Excluded::no_baseline, "no_baseline"}, {Excluded::bounds_differ, "bounds_differ"},
           {Excluded::baseline_too_small, "baseline_too_small"}, {Excluded::ignored, "ignored"},
           {Excluded::series_left_out, "series_left_out"}, {Excluded::for_the_record, "for_the_record"}, {Excluded::unknown, "unknown"},
           {Excluded::unfit, "unfit"}, {Excluded::no_place, "no_place"}}};
}

struct ExcludedMetric {
  std::string metric;
  MetricKind kind = MetricKind::error_ratio;
  Excluded reason = Excluded::no_baseline;
};
template <class V, Same<ExcludedMetric> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("reason", s.reason);
}

/// Levels that have a part in the verdict and are not judged now, since the pod's load is not that of what it is compared with.
struct Suspension {
  std::vector<std::string> metrics;
  double requests = 0;      ///< of the pod, as multiple of its control's
  bool concurrent = false;  ///< the control is stable pods that run now; else it is the baseline
  bool pass_waits = false;  ///< nothing but these levels stands between this and a Pass
};
template <class V, Same<Suspension> S>
void fields(V& v, S& s) {
  v("metrics", s.metrics);
  v("requests", s.requests);
  v("concurrent", s.concurrent);
  v("passWaits", s.pass_waits);
}

/// What a metric that decides still lacks for a Pass.
struct PassWait {
  std::string metric;
  MetricKind kind = MetricKind::error_ratio;
  std::uint64_t scrapes = 0;   ///< that it still takes, if it goes on as up to now; 0: nobody can tell
  bool undecidable = false;    ///< no number of them shows it: healthy pods differ too much, for what is known of them
  std::uint32_t pods = 0;      ///< stable ones that it is compared with, on its node or elsewhere; counts: 0
};
template <class V, Same<PassWait> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("scrapes", s.scrapes);
  v("undecidable", s.undecidable);
  v("pods", s.pods);
}

/// What an agent adds to the evidence of all pods together: sums of log likelihood ratios, settled since `since`.
struct MetricRatios {
  std::string metric;
  MetricKind kind = MetricKind::error_ratio;  ///< never level
  double weight = 0;                          ///< of the metric in the pod's evidence, 0 to 1
  Time since{};                               ///< another: they began anew
  std::vector<double> log_ratios;             ///< one for each of lib/detection/count_evidence.hpp's effect_multiples
  std::vector<double> preview{};              ///< not settled yet, since no control tells of it: as many
};
template <class V, Same<MetricRatios> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("kind", s.kind);
  v("weight", s.weight);
  v("since", s.since);
  v("logRatios", s.log_ratios);
  v("preview", s.preview);
}

enum class LevelSide { above, below, growing };  ///< beside its control
constexpr EnumNames<LevelSide, 3> names_of(LevelSide) { return {{{LevelSide::above, "above"}, {LevelSide::below, "below"}, {LevelSide::growing, "growing"}}}; }

/// How far a level stood off from stable pods on its node, on average since the first time that there were any (mostly the
/// pod's start), for the evidence of all pods together (lib/detection/pooled_shift.hpp, pooled_onsets.hpp); on the level's
/// scale, to the side in question. For growth the young process counts less: what it does then is growth too.
struct LevelStart {
  std::string metric;
  LevelSide side = LevelSide::above;
  double weight = 0;                  ///< of the question in the pod's evidence, 0 to 1
  double mean = 0, precision = 0;     ///< precision: inverse variance of the mean; 0: no data
  double variance = 0, degrees = 0;   ///< of the difference of a healthy pod, and what that is known from
  double tolerance = 0, matters = 0;  ///< what is no degradation, and what must not be overlooked; growing: an hour
  double wander = 0;                  ///< variance of a healthy pod's means over minutes
  double in_common = 0;               ///< what a start stronger by one standard deviation puts into all pods' means alike
};
/// Whether a report may carry it.
bool is_valid(const LevelStart& start);
template <class V, Same<LevelStart> S>
void fields(V& v, S& s) {
  v("metric", s.metric);
  v("side", s.side);
  v("weight", s.weight);
  v("mean", s.mean);
  v("precision", s.precision);
  v("variance", s.variance);
  v("degrees", s.degrees);
  v("tolerance", s.tolerance);
  v("matters", s.matters);
  v("inCommon", s.in_common);
  v("wander", s.wander);
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
  Control control;
};
template <class V, Same<ReportReply> S>
void fields(V& v, S& s) {
  v("acknowledged", s.acknowledged);
  v("policyVersion", s.policy_version);
  v("baselineVersion", s.baseline_version);
  v("role", s.role);
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
