#pragma once
/// What an agent says of its verdict: which metrics have a part in it, which have none and why, and what it adds to the evidence of
/// all pods together. Part of the contract in wire.hpp.
#include "lib/base/wire_baseline.hpp"

namespace charon::wire {

inline constexpr std::size_t max_culprits = 16;
inline constexpr std::size_t max_excluded = 64;                   ///< metrics that one report lists as left out
inline constexpr std::size_t max_ratios = 8;                      ///< sizes of effect of one metric
inline constexpr std::size_t max_level_starts = 3 * max_metrics;  ///< both sides of each level, and growth

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

}  // namespace charon::wire
