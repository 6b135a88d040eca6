#pragma once
/// How an agent works and judges: what of a RollbackPolicy goes to agents. Part of the contract in wire.hpp.
#include "lib/base/json_fields.hpp"

namespace charon::wire {

inline constexpr std::size_t max_overrides = 64;         ///< entries under `metrics` of one policy
inline constexpr std::size_t max_pattern_bytes = 256;
inline constexpr double largest_number = 1e18;       ///< of what is not bounded otherwise; to either side
inline constexpr std::size_t max_classic_window = 100;   ///< values that the classic engine keeps of each metric

/// Which change is a degradation.
enum class Direction { up, down, both };
constexpr EnumNames<Direction, 3> names_of(Direction) {
  return {{{Direction::up, "up"}, {Direction::down, "down"}, {Direction::both, "both"}}};
}

/// How a change is measured: as share of the stable value, or as difference in the metric's own unit.
enum class Scale { ratio, absolute };
constexpr EnumNames<Scale, 2> names_of(Scale) { return {{{Scale::ratio, "ratio"}, {Scale::absolute, "absolute"}}}; }

/// How a policy may say that a family is read (detection/metric_meaning.hpp).
enum class OverrideKind { error_ratio, latency, counter_rate, gauge, restarts };
constexpr EnumNames<OverrideKind, 5> names_of(OverrideKind) {
  return {{{OverrideKind::error_ratio, "error_ratio"}, {OverrideKind::latency, "latency"}, {OverrideKind::counter_rate, "counter_rate"},
           {OverrideKind::gauge, "gauge"}, {OverrideKind::restarts, "restarts"}}};
}

/// What a user says of the metric families whose name fits `pattern`. What is not set stays as the table has it.
struct MetricOverride {
  std::string pattern;                ///< `*` stands for any text, `?` for one character; with or without `_total`
  std::optional<OverrideKind> kind;
  std::optional<Direction> direction; ///< error_ratio, latency and restarts only get worse upwards
  std::optional<Scale> scale;
  std::optional<double> effect;       ///< above 0; a share of requests: at most 1; ratio: at most 100
  std::optional<double> weight;       ///< 0 to 100, within the metric's group
  std::optional<bool> critical;       ///< has a part in the half of the weight that only critical metrics share; Pass waits for it
  std::optional<bool> ignore;         ///< true: not judged; false: judged though the table ignores it

  bool operator==(const MetricOverride&) const = default;
};
template <class V, Same<MetricOverride> S>
void fields(V& v, S& s) {
  v("name", s.pattern);
  v("kind", s.kind);
  v("direction", s.direction);
  v("scale", s.scale);
  v("effect", s.effect);
  v("weight", s.weight);
  v("critical", s.critical);
  v("ignore", s.ignore);
}

enum class DetectorKind {
  charon,      ///< sequential evidence against a stable release, with an error bound
  anomalyzer,  ///< the classic engine (agent/core/anomalyzer.hpp), without one
};
constexpr EnumNames<DetectorKind, 2> names_of(DetectorKind) { return {{{DetectorKind::charon, "charon"}, {DetectorKind::anomalyzer, "anomalyzer"}}}; }

enum class AnomalyzerMethod { magnitude, diff, fence, highrank, lowrank, cdf, ks };
constexpr EnumNames<AnomalyzerMethod, 7> names_of(AnomalyzerMethod) {
  return {{{AnomalyzerMethod::magnitude, "magnitude"}, {AnomalyzerMethod::diff, "diff"}, {AnomalyzerMethod::fence, "fence"},
           {AnomalyzerMethod::highrank, "highrank"}, {AnomalyzerMethod::lowrank, "lowrank"}, {AnomalyzerMethod::cdf, "cdf"},
           {AnomalyzerMethod::ks, "ks"}}};
}

/// The classic engine's parameters by the names of lytics/anomalyzer; what they do stands in agent/core/anomalyzer.hpp.
struct AnomalyzerPolicy {
  double threshold = 0.85;            ///< of the methods' weighted mean: above it the release fails; 0.5 to 0.9999
  double sensitivity = 0.01;          ///< 0 to 1
  std::optional<double> upper_bound;  ///< of every metric, in its unit; the method fence needs it
  std::optional<double> lower_bound;
  std::uint32_t active_size = 1;      ///< scrapes
  std::uint32_t n_seasons = 4;        ///< reference window in active windows; both hold max_classic_window values at most
  bool delay = false;                 ///< no score until both windows are full
  std::vector<AnomalyzerMethod> methods{AnomalyzerMethod::diff, AnomalyzerMethod::highrank, AnomalyzerMethod::lowrank, AnomalyzerMethod::magnitude};

  bool operator==(const AnomalyzerPolicy&) const = default;
};
template <class V, Same<AnomalyzerPolicy> S>
void fields(V& v, S& s) {
  v("threshold", s.threshold);
  v("sensitivity", s.sensitivity);
  v("upperBound", s.upper_bound);
  v("lowerBound", s.lower_bound);
  v("activeSize", s.active_size);
  v("nSeasons", s.n_seasons);
  v("delay", s.delay);
  v("methods", s.methods);
}

inline constexpr Duration shortest_scrape_interval{500}, longest_scrape_interval = std::chrono::hours{1};
constexpr bool is_scrape_interval(Duration d) { return d >= shortest_scrape_interval && d <= longest_scrape_interval; }

/// How the agent works and judges. Defaults are the product's defaults.
struct AgentPolicy {
  std::uint64_t version = 0;
  Duration scrape_interval{5'000};
  Duration report_interval{5'000};
  double error_ratio_effect = 0.01;    ///< absolute rise of the error ratio that matters
  double latency_effect = 0.10;        ///< absolute rise of the share of slow requests that matters
  double tolerance = 0.5;              ///< share of the effect that is still no degradation
  std::vector<std::string> ignore;     ///< metric family names never judged
  /// Whether levels (gauges, rates, mean durations) have a part in the verdict. If not they are judged and shown only, save
  /// those that `metrics` gives a part.
  bool levels_decide = true;
  std::vector<MetricOverride> metrics{};  ///< the first that fits a family holds
  DetectorKind detector = DetectorKind::charon;
  AnomalyzerPolicy anomalyzer{};
};
template <class V, Same<AgentPolicy> S>
void fields(V& v, S& s) {
  v("version", s.version);
  v("scrapeInterval", s.scrape_interval);
  v("reportInterval", s.report_interval);
  v("errorRatioEffect", s.error_ratio_effect);
  v("latencyEffect", s.latency_effect);
  v("tolerance", s.tolerance);
  v("ignore", s.ignore);
  v("levelsDecide", s.levels_decide);
  v("metrics", s.metrics);
  v("detector", s.detector);
  v("anomalyzer", s.anomalyzer);
}

/// Errors: invalid_input or too_large that names the field: "anomalyzer.threshold: expected 0.5 to 0.9999". What an
/// override says is checked by detection::validate.
Result<void> validate(const AnomalyzerPolicy& policy);
Result<void> validate(const AgentPolicy& policy);

}  // namespace charon::wire
