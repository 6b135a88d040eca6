#include "agent/core/detector_state.hpp"

#include <algorithm>

namespace charon::agent {

void Detector::State::describe() {
  const auto& metrics = counts.metrics();
  const bool judging = !judges.empty();
  std::size_t size = 0;
  const auto entry = [&](std::string_view name, wire::MetricKind kind) -> MetricEvidence& {
    if (size == evidence.metrics.size()) evidence.metrics.emplace_back();
    MetricEvidence& out = evidence.metrics[size++];
    if (out.metric != name || out.kind != kind) {
      out = {};
      out.metric = name;
      out.kind = kind;
    }
    return out;
  };
  for (std::size_t j = 0; j < judges.size(); ++j) {
    MetricEvidence& out = entry(judges[j].metric(), judges[j].kind());
    judges[j].describe(out);
    if (judge_meanings[j].standing == detection::Standing::unfit) out.excluded = Excluded::unfit;
    else if (out.excluded == Excluded::no && judge_meanings[j].meaning.weight <= 0) out.excluded = Excluded::for_the_record;
  }
  for (std::size_t i = 0; i < judged_by.size(); ++i) {
    if (!judged_by[i] || !metrics[i].series_left_out) continue;
    MetricEvidence& out = evidence.metrics[*judged_by[i]];
    out.excluded = Excluded::series_left_out;
    out.log_evidence = out.log_pass_evidence = 0;
    out.pass = {};
    out.since.reset();
  }
  if (judging) {
    availability.describe_failures(entry(scrape_failures_metric, wire::MetricKind::error_ratio));
    availability.describe_restarts(entry(process_restarts_metric, wire::MetricKind::error_ratio));
  }
  for (std::size_t i = 0; i < levels.judges().size(); ++i) {
    const LevelJudge& judge = levels.judges()[i];
    MetricEvidence& out = entry(judge.name(), wire::MetricKind::level);
    judge.describe(out);
    out.requests = levels.unlike_control(i).requests;
    out.concurrent = levels.unlike_control(i).concurrent;
    out.since.reset();
    if (out.log_evidence > 0) out.since = now - judge.scrapes_since_onset() * policy.scrape_interval;
    if (const Excluded known = levels.excluded(judge, policy.levels_decide); known != Excluded::no) out.excluded = known;
  }
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if ((!metrics[i].complete && !metrics[i].series_left_out) || (i < judged_by.size() && judged_by[i])) continue;
    MetricEvidence& out = entry(metrics[i].name, metrics[i].kind());
    out.excluded = metrics[i].meaning.standing == detection::Standing::unfit ? Excluded::unfit : ignored(metrics[i]) ? Excluded::ignored : metrics[i].series_left_out ? Excluded::series_left_out : Excluded::no_baseline;
    out.windows = metrics[i].windows;
  }
  levels.left_out(counts, [&](std::string_view name, bool known) { entry(name, wire::MetricKind::level).excluded = known ? Excluded::no_place : Excluded::unknown; });
  for (const FamilyMeanings::Unread& unread : meanings.unread())
    entry(unread.family, wire::MetricKind::latency).excluded = std::find(policy.ignore.begin(), policy.ignore.end(), unread.family) == policy.ignore.end() ? unread.why : Excluded::ignored;
  evidence.metrics.resize(size);
}

void Detector::fill(wire::Report& report) const {
  const Evidence& e = state_->evidence;
  report.scrape_interval = state_->policy.scrape_interval;
  report.verdict = e.verdict;
  report.detector = e.detector;
  report.log_evidence = e.log_evidence;
  report.log_pass_evidence = e.log_pass_evidence;
  report.started = e.started.value_or(Time{});
  report.degraded_since = e.degraded_since;
  report.scrapes = e.scrapes;
  report.scrape_failures = e.scrape_failures;
  report.process_restarts = e.process_restarts;
  report.baseline_version = e.baseline_version;
  report.assumption = e.assumption;
  report.culprits = culprits(e);
  Exclusions excluded = exclusions(e);
  report.excluded = std::move(excluded.metrics);
  report.excluded_more = excluded.more;
  report.suspended = suspension(e);
  report.pass_waits = pass_waits(e);
  report.ratios.clear();
  if (e.detector == wire::DetectorKind::charon && !state_->judges.empty()) {
    const auto add = [&](wire::MetricRatios ratios, std::size_t metric) {
      if (report.ratios.size() == wire::max_metrics) return;
      ratios.weight = state_->weights.share(metric);
      report.ratios.push_back(std::move(ratios));
    };
    const std::size_t judges = state_->judges.size();
    for (std::size_t i = 0; i < judges; ++i) add(state_->judges[i].ratios(), i);
    add(state_->availability.restart_ratios(), judges + 1);  // in evidence.metrics after scrape failures
  }
  report.totals.clear();
  for (const RequestMetric& metric : state_->counts.metrics())
    if (metric.complete || metric.windows > 0) report.totals.push_back(metric.counts());  // also what the policy has us read otherwise by now
  state_->levels.fill(report);
  if (e.detector == wire::DetectorKind::charon) state_->levels.fill_starts(report, [&](std::size_t level) { return state_->weights.share(state_->first_level + level); });
  else report.level_starts.clear();
}

}  // namespace charon::agent
