#pragma once
/// What a metric family means for the judgement of a release, known by name, type and unit: how it is read, which change
/// of it is a degradation, how large a change matters, and how much healthy pods and nodes differ in it.
///
/// The data stand in metric_table.cpp, one row a name or convention, with the source of each; docs/metrics.md shows them
/// to users. RollbackPolicy's `metrics` change them by name pattern (policy_meaning.hpp).
#include "lib/base/wire_policy.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace charon::detection {

/// What `# TYPE` said; `unknown` where it said nothing, as in everything that comes from Prometheus' query API.
enum class FamilyType { unknown, counter, gauge, histogram, gauge_histogram, summary, info, state_set };

/// How a family is read.
enum class Kind {
  error_ratio,    ///< requests by outcome: the share of bad ones (by label, or X_errors_total over X_requests_total)
  latency,        ///< a distribution of durations: stochastically slower; of a summary its mean is read as a level
  counter_rate,   ///< increase per second
  gauge,          ///< level
  restarts,       ///< a count of restarts of the process or of its workers
  process_start,  ///< a time that moves when the process starts again
  build_info,     ///< says what runs: no number to judge
  ignored,        ///< not of how this release serves
};

using wire::Direction;
using wire::Scale;

/// Weights are fixed by group: half over errors, latency and restarts, half over the rest.
enum class Group { errors, latency, restarts, rest };

struct MetricMeaning {
  Kind kind = Kind::ignored;
  Direction direction = Direction::both;
  Scale scale = Scale::ratio;
  /// The change that matters. ratio: share of the stable value, 0.2 is 20% (downwards: divided by 1.2). absolute: in the
  /// metric's unit; for error_ratio the share of requests (0.01 is one of a hundred), for restarts the number per hour.
  double effect = 0;
  bool trend = false;       ///< leaks: growth over time is judged as well as the level
  bool by_age = false;      ///< caches, heaps, warm-up: compared at the same process age
  /// By what healthy pods on one node, and nodes, rarely differ more: twice the prior standard deviation. ratio: of the natural logarithm of the
  /// value (latency: of the time); absolute: in the metric's unit; for shares of
  /// requests for the record (their judge allows a fixed slope). Worth 8 degrees of freedom beside what earlier healthy
  /// releases have shown.
  double pod_spread = 0, node_spread = 0;
  bool known = false;       ///< false: watched for the record, never decides alone
  Group group = Group::rest;
  double weight = 0;        ///< relative within the group; 0: has no part in the verdict
  bool decides = false;     ///< Pass waits until the effect that matters is excluded here
  /// Set by a policy alone. `named`: it has its part in the verdict even where levels have none. `critical`: of the half of
  /// the weight that only critical metrics share, it has its part by `weight`.
  bool named = false, critical = false;
  /// error_ratio, latency: the rise of the share of bad or slow requests that matters, by policy; 0: as for all others.
  double share_effect = 0;

  bool operator==(const MetricMeaning&) const = default;
};

/// `family`: as the # TYPE line names it, or a sample's name where there was none: `_total`, and for an unknown type
/// `_bucket`, are taken off (`_count` and `_sum` without a type are ignored, as parts of a distribution). `unit`: of the # UNIT line; empty: read from the name's ending. A latency whose `_count` has a
/// status label shows errors too (request_outcome.hpp). Never fails: what no row knows is a latency (durations), a rate
/// (counters) or a level, with known = false and no weight.
MetricMeaning meaning_of(std::string_view family, FamilyType type, std::string_view unit);

using MetricOverride = wire::MetricOverride;

/// What can be said of an entry without knowing the families that it fits. Errors: invalid_input that names the field:
/// "metrics[\"queue_*\"].effect: expected a number above 0".
Result<void> validate(const MetricOverride& change);
/// Whether `family` (with or without `_total`) is meant.
bool matches(const MetricOverride& change, std::string_view family);
/// `meaning` with what is set in `change`, save `ignore: true`. With a kind and a direction (errors, latency and restarts
/// need none), a weight above 0 or critical it is `named`. Errors: as of validate; what does not fit the kind.
Result<MetricMeaning> apply(const MetricOverride& change, MetricMeaning meaning);

/// One line of the table.
struct MetricRow {
  std::string_view pattern;  ///< of family names without `_total`, alternatives separated by `|`; the first row that fits decides
  std::string_view types;    ///< letters of the types it is for: c, g, h (histograms), s (summaries), i; empty: any
  std::string_view unit;     ///< "time": only durations (seconds, milliseconds); empty: any
  MetricMeaning meaning;
  std::string_view source;   ///< who writes it so
};
/// All of it, in order: well-known names first, then conventions.
std::span<const MetricRow> metric_table();
/// Whether one of `pattern`'s alternatives fits all of `text`: `*` any text, `?` one character, `|` between alternatives.
bool fits(std::string_view pattern, std::string_view text);

std::string_view name_of(Kind kind);
std::string_view name_of(Group group);
std::string_view name_of(Direction direction);
std::string_view name_of(Scale scale);

}  // namespace charon::detection
