#pragma once
/// What the detector knows after a scrape: evidence out, for reports, logs and /debug/evidence.
#include "lib/base/wire.hpp"

#include <optional>
#include <string>
#include <vector>

namespace charon::agent {

/// Why a metric is not judged (it is still counted into the totals).
enum class Excluded {
  no,
  no_baseline,         ///< the stable release did not show it
  bounds_differ,       ///< the histogram's buckets are not the baseline's
  baseline_too_small,  ///< fewer stable requests than a share can be read from
  ignored,             ///< by the policy
  series_left_out,     ///< of too many series, or labels too long: what remains is not the whole (request_counts.hpp)
  for_the_record,      ///< the policy lets no level decide, or it only goes with the load: shown, no part in the verdict
  unknown,             ///< nobody knows what a change of it means: shown, decides only where the policy says so
  unfit,               ///< the policy's entry for it does not fit what it is
};
constexpr EnumNames<Excluded, 9> names_of(Excluded) {
  return {{{Excluded::no, "no"}, {Excluded::no_baseline, "no_baseline"}, {Excluded::bounds_differ, "bounds_differ"},
           {Excluded::baseline_too_small, "baseline_too_small"}, {Excluded::ignored, "ignored"},
           {Excluded::series_left_out, "series_left_out"}, {Excluded::for_the_record, "for_the_record"}, {Excluded::unknown, "unknown"},
           {Excluded::unfit, "unfit"}}};
}

/// One metric's state. Shares are of bad requests: errors, or requests slower than `slow_above`. Of a level: values in its unit.
struct MetricEvidence {
  std::string metric;
  wire::MetricKind kind = wire::MetricKind::error_ratio;
  Excluded excluded = Excluded::no;
  double slow_above = 0;         ///< latency: seconds
  double baseline = 0;           ///< share in the stable release
  double limit = 0;              ///< share up to which nothing is held against the release: baseline and tolerance
  double matters = 0;            ///< share from which the effect matters
  double now = 0;                ///< share over the last scrapes with traffic (at most 12)
  double log_evidence = 0;       ///< natural log of the e-value against "at most `limit`"
  double log_pass_evidence = 0;  ///< natural log of the e-value against "at least `matters`"
  std::uint64_t windows = 0;     ///< scrapes with traffic that were judged
  std::optional<Time> since;     ///< where the rise of log_evidence that now stands began
};

struct Evidence {
  wire::Verdict verdict = wire::Verdict::inconclusive;
  double log_evidence = 0;       ///< all metrics combined; fail from log_needed on
  double log_needed = 0;         ///< log(1/alpha); +infinity at alpha 0
  double log_pass_evidence = 0;  ///< least over the deciding metrics; pass from log(1/0.01) on
  std::optional<Time> degraded_since;
  /// Judged ones in the baseline's order, then "scrape_failures" and "process_restarts", then what has no baseline.
  std::vector<MetricEvidence> metrics;

  std::optional<Time> started;          ///< first successful scrape
  std::uint64_t baseline_version = 0;
  std::uint64_t scrapes = 0;            ///< tried
  std::uint64_t scrape_failures = 0;
  std::uint64_t failures_in_a_row = 0;  ///< now
  std::uint64_t process_restarts = 0;
  std::uint64_t series = 0;             ///< kept
  std::uint64_t samples_ignored = 0;    ///< that passed a bound (series per pod, families, label bytes) and were left out
};

/// Metrics with evidence above 1 (log above 0), strongest first, as reports carry them.
std::vector<wire::Culprit> culprits(const Evidence& evidence);

}  // namespace charon::agent
