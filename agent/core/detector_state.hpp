#pragma once
/// What a detector keeps between calls, and its steps: which judge sees which metric (detector_state.cpp), what all of them come to
/// (detector_verdict.cpp) and what is said of it (detector_report.cpp). Private to detector.cpp and those.
#include "agent/core/anomalyzer_judge.hpp"
#include "agent/core/availability_judge.hpp"
#include "agent/core/detector.hpp"
#include "agent/core/family_meanings.hpp"
#include "agent/core/levels.hpp"
#include "agent/core/metric_judge.hpp"
#include "agent/core/request_counts.hpp"
#include "agent/core/weights.hpp"

namespace charon::agent {

inline constexpr double usual_alpha = 1e-3;     // where nothing is decided
inline constexpr double history_share = 0.05;   // of alpha: for bounds on the stable release's shares that turn out wrong

/// The counts of that metric, nullptr where `list` has none.
const wire::MetricCounts* find_counts(const std::vector<wire::MetricCounts>& list, std::string_view metric, wire::MetricKind kind);

struct Detector::State {
  wire::AgentPolicy policy;
  double alpha = 0;
  std::uint64_t baseline_version = 0;
  std::string baseline_release;
  Time control_since{};
  bool terminating = false, scraping = false;
  Time now{};

  FamilyMeanings meanings;
  RequestCounts counts;
  std::vector<wire::MetricCounts> baseline, baseline_node;
  std::vector<MetricJudge> judges;                 // as in the baseline
  std::vector<detection::PolicyMeaning> judge_meanings;  // as judges
  std::vector<std::optional<std::size_t>> judged_by;  // per metric of `counts`
  AvailabilityJudge availability;
  Levels levels;
  AnomalyzerJudge classic;                         // in place of all judges, where the policy says so
  std::vector<AnomalyzerJudge::Value> classic_values;
  Time last_good{};
  Evidence evidence;
  Weights weights;
  std::size_t first_level = 0;  // of the levels in `weights`
  double before_scrape = 0;     // the combined evidence
  double allowance = 0;         // by which it may rise in this scrape

  double alpha_or_usual() const { return alpha > 0 ? alpha : usual_alpha; }
  JudgeSettings settings(const detection::MetricMeaning& meaning) const;
  /// Scrapes since the process started, or since this agent saw it first.
  std::uint64_t age() const;
  bool listed(const RequestMetric& metric) const;
  bool ignored(const RequestMetric& metric) const { return metric.meaning.standing != detection::Standing::as_known || listed(metric); }
  /// Judges for the baseline's metrics; those that stay keep their evidence unless `restart`.
  void rebuild(bool restart, bool remapped = false);
  /// Finds the judge of each metric; again whenever one is new.
  void link();
  /// The allowance of a scrape is half of what is needed, and half as much may be left of the one before: evidence that waited for
  /// a control comes late, not too much of it.
  void next_scrape();
  /// Of evidence.metrics, in its order. Of the judged counts those decide that the table or the policy names; of levels the mean
  /// durations of such requests, and what the policy calls critical. What the stable release showed too and cannot be compared
  /// lets nothing pass, if this pod shows it: a metric that is new with the release does.
  bool weigh();
  void judge();
  /// What the classic engine looks at: shares of errors, mean durations of requests, and levels where they have a part.
  void scrape_classic();
  /// evidence.metrics: the judges in the baseline's order, then the endpoint's own, then levels, then what has no baseline, then what
  /// no judge sees. The entries are rebuilt only when their number changes, so that a warm scrape allocates nothing.
  void describe();
};

}  // namespace charon::agent
