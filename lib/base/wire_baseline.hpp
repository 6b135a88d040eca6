#pragma once
/// What stable pods showed, as agents tell it and are told: counts of requests, levels, baseline and concurrent control. Part of
/// the contract in wire.hpp.
#include "lib/base/wire_policy.hpp"

namespace charon::wire {

inline constexpr std::size_t max_metrics = 64;                ///< metrics in one report or baseline
inline constexpr std::size_t max_buckets = 64;                ///< counts of one metric
inline constexpr std::string_view process_restarts_metric = "process_restarts";  ///< which agents derive from all that they scrape

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

}  // namespace charon::wire
