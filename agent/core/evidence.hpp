#pragma once
/// What the detector knows after a scrape: evidence out, for reports, logs and /debug/evidence.
#include "lib/base/wire.hpp"

#include <optional>
#include <string>
#include <vector>

namespace charon::agent {

using wire::Excluded;

inline constexpr double most_scrapes_told = 1e6;  ///< that a Pass still takes: more is as good as never

/// What a Pass still takes, of one metric.
struct PassNeeds {
  std::uint64_t scrapes = 0;  ///< if it goes on as up to now; 0: nobody can tell, or none
  bool undecidable = false;   ///< healthy pods differ too much, for what is known of them
  std::uint32_t pods = 0;     ///< stable ones that it is compared with; counts: 0
};

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
  double log_evidence_assumed = 0;  ///< of a level: with what only a documented spread says, if that is right
  double log_pass_evidence = 0;  ///< natural log of the e-value against "at least `matters`"
  double weight = 0;             ///< of it in the combined evidence, 0 to 1; 0: no part
  bool pass_waits = false;       ///< it decides, and is short of what a Pass needs
  double requests = 0;           ///< a level that is not judged now: of the pod, as multiple of its control's; 0: it is judged
  bool concurrent = false;       ///< that control is stable pods that run now, not the baseline
  std::uint64_t windows = 0;     ///< scrapes with traffic that were judged
  PassNeeds pass{};              ///< for log_pass_evidence to suffice
  std::optional<Time> since;     ///< where the rise of log_evidence that now stands began
};

struct Evidence {
  wire::Verdict verdict = wire::Verdict::inconclusive;
  wire::DetectorKind detector = wire::DetectorKind::charon;  ///< whose; the classic engine's scale: anomalyzer_judge.hpp
  double log_evidence = 0;       ///< all metrics combined; fail from log_needed on
  double log_needed = 0;         ///< log(1/alpha); +infinity at alpha 0
  double log_pass_evidence = 0;  ///< least over the deciding metrics; pass from log(1/0.01) on
  std::optional<Time> degraded_since;
  std::string assumption;        ///< the level whose documented spread alone stands between this and a fail; empty: none
  bool pass_waits_for_load = false;  ///< nothing but levels that are not judged now stands between this and a pass
  /// Judged ones in the baseline's order, then "scrape_failures" and "process_restarts", then levels, then what has no
  /// baseline, then histograms that no judge sees.
  std::vector<MetricEvidence> metrics;

  std::optional<Time> started;          ///< first successful scrape
  Time scraped{};                       ///< last successful scrape
  std::uint64_t baseline_version = 0;
  std::uint64_t scrapes = 0;            ///< tried
  std::uint64_t scrape_failures = 0;
  std::uint64_t failures_in_a_row = 0;  ///< now
  std::uint64_t process_restarts = 0;
  std::uint64_t series = 0;             ///< kept
  std::uint64_t samples_ignored = 0;    ///< that passed a bound (series per pod, families, label bytes) and were left out
};

/// Metrics with evidence above 1 (log above 0), as reports carry them; first those that add most to the combined evidence.
/// Named are the rejections of the e-BH procedure (lib/detection/e_bh.hpp), which a fail always has; of the classic engine,
/// whose scores are no e-values, all that are above its threshold.
std::vector<wire::Culprit> culprits(const Evidence& evidence);

/// Levels that are not judged now, as reports carry them; nothing where all are.
std::optional<wire::Suspension> suspension(const Evidence& evidence);

/// What of those that decide is short of a Pass, as reports carry it; nothing where the verdict is one.
std::vector<wire::PassWait> pass_waits(const Evidence& evidence);

/// What has no part in the verdict, as reports carry it: first what somebody could mend.
struct Exclusions {
  std::vector<wire::ExcludedMetric> metrics;
  std::uint64_t more = 0;  ///< than a report holds
};
Exclusions exclusions(const Evidence& evidence);

}  // namespace charon::agent
