#include "agent/core/detector_state.hpp"

#include "lib/detection/pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

constexpr double scrapes_to_decide = 2;  // at least

}  // namespace

void Detector::State::next_scrape() {
  const double each = std::log(1 / alpha_or_usual()) / scrapes_to_decide * (1 + 1e-9);
  const double used = std::max(evidence.log_evidence, 0.0) - std::max(before_scrape, 0.0);
  allowance = each + std::clamp(allowance - std::max(used, 0.0), 0.0, each / 2);
  before_scrape = evidence.log_evidence;
}

bool Detector::State::weigh() {
  weights.clear();
  std::size_t at = 0;
  const auto add = [&](PartOf of, const detection::MetricMeaning& meaning, bool decides, bool both_show_it) {
    const MetricEvidence& metric = evidence.metrics[at++];
    const bool incomparable = metric.excluded == Excluded::bounds_differ || metric.excluded == Excluded::baseline_too_small ||
                              metric.excluded == Excluded::series_left_out || metric.excluded == Excluded::no_baseline;
    weights.add({.of = of, .weight = metric.excluded == Excluded::no ? meaning.weight : 0, .critical = meaning.critical, .decides = decides,
                 .owes_pass = decides && incomparable && both_show_it});
  };
  const auto in_baseline = [&](std::size_t metric) { return metric < judged_by.size() && judged_by[metric]; };
  for (std::size_t j = 0; j < judges.size(); ++j)
    add(judges[j].kind() == wire::MetricKind::error_ratio ? PartOf::errors : PartOf::latency, judge_meanings[j].meaning, judge_meanings[j].meaning.decides, evidence.metrics[at].windows > 0);
  if (!judges.empty()) {
    const detection::MetricMeaning endpoint{.weight = 1};
    add(PartOf::scrape_failures, endpoint, false, true);
    add(PartOf::process_restarts, endpoint, false, true);
  }
  first_level = at;
  for (std::size_t i = 0; i < levels.judges().size(); ++i) {
    const detection::MetricMeaning& meaning = levels.judges()[i].meaning();
    add(meaning.group == detection::Group::latency ? PartOf::latency : PartOf::rest, meaning, meaning.critical || (levels.is_duration(i) && meaning.decides),
        levels.shown(i) && (meaning.critical || levels.stable_was_short(i, in_baseline)));
  }
  return weights.share_out();
}

void Detector::State::judge() {
  Evidence& out = evidence;
  out.log_needed = alpha > 0 ? std::log(1 / alpha) : std::numeric_limits<double>::infinity();
  out.baseline_version = baseline_version;
  out.series = counts.series();
  out.samples_ignored = counts.samples_ignored() + levels.samples_ignored();
  out.detector = policy.detector;
  out.pass_waits_for_load = false;
  if (policy.detector == wire::DetectorKind::anomalyzer) return classic.describe(out, alpha > 0);
  describe();

  out.log_evidence = out.log_pass_evidence = 0;
  out.degraded_since.reset();
  out.assumption.clear();
  out.verdict = wire::Verdict::inconclusive;
  const bool comparable = weigh();
  for (std::size_t i = 0; i < out.metrics.size(); ++i) {
    out.metrics[i].weight = weights.share(i);
    out.metrics[i].pass_waits = comparable && weights.lacks_pass(i, out.metrics[i]);
  }
  if (!comparable) return;  // nothing to compare with: never a verdict

  const Weights::Combined all = weights.combine(out.metrics);
  // Bounds on the stable shares take their part of alpha: P(fail) <= (1 - history_share) alpha + history_share alpha.
  // No scrape decides, however many metrics jump in it.
  const double after_history = std::log1p(-history_share);
  out.log_evidence = std::min(all.log_evidence + after_history, std::max(before_scrape, 0.0) + allowance);
  if (out.log_evidence > 0) out.degraded_since = all.since;
  out.log_pass_evidence = all.log_pass_evidence.value_or(0);
  if (out.log_evidence >= out.log_needed) out.verdict = wire::Verdict::fail;
  else if (all.log_evidence + after_history < out.log_needed && all.log_evidence_assumed + after_history >= out.log_needed) out.assumption = out.metrics[*all.assumption].metric;
  else if (out.log_pass_evidence >= detection::log_pass_needed) out.verdict = wire::Verdict::pass;
  out.pass_waits_for_load = out.verdict == wire::Verdict::inconclusive && all.pass_waits_for_load;
}

void Detector::State::scrape_classic() {
  classic_values.clear();
  for (const RequestMetric& metric : counts.metrics()) {
    if (!metric.complete || metric.kind() != wire::MetricKind::error_ratio) continue;
    const double requests = metric.increments[0] + metric.increments[1];
    const bool unfit = metric.meaning.standing == detection::Standing::unfit;
    classic_values.push_back({.metric = metric.name, .kind = metric.kind(), .excluded = unfit ? Excluded::unfit : ignored(metric) ? Excluded::ignored : Excluded::no,
                              .value = requests > 0 ? metric.increments[1] / requests : std::numeric_limits<double>::quiet_NaN()});
  }
  for (std::size_t i = 0; i < levels.judges().size(); ++i) {
    const LevelJudge& judge = levels.judges()[i];
    classic_values.push_back({.metric = judge.name(), .kind = wire::MetricKind::level, .excluded = levels.excluded(judge, policy.levels_decide || levels.is_duration(i)),
                              .value = levels.value(i)});
  }
  classic.scrape(classic_values, now);
}

}  // namespace charon::agent
