#include "agent/core/anomalyzer_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

constexpr double highest_score = 0.9999;  // as the log shows it; 1 would be infinite evidence

double as_evidence(double score) { return -std::log1p(-std::min(score, highest_score)); }

AnomalyzerSettings settings_of(const wire::AnomalyzerPolicy& policy) {
  AnomalyzerSettings settings;
  settings.sensitivity = policy.sensitivity;
  settings.upper_bound = policy.upper_bound;
  settings.lower_bound = policy.lower_bound;
  settings.active_size = policy.active_size;
  settings.n_seasons = policy.n_seasons;
  settings.delay = policy.delay;
  settings.methods = policy.methods;
  return settings;
}

}  // namespace

void AnomalyzerJudge::configure(const wire::AnomalyzerPolicy& policy) {
  if (policy == policy_) return;
  policy_ = policy;
  restart();
}

AnomalyzerJudge::Series& AnomalyzerJudge::series_of(const Value& value) {
  const auto found = std::find_if(series_.begin(), series_.end(), [&](const Series& s) { return s.shown.metric == value.metric && s.shown.kind == value.kind; });
  if (found != series_.end()) return *found;
  MetricEvidence shown;
  shown.metric = value.metric;
  shown.kind = value.kind;
  series_.push_back({std::move(shown), Anomalyzer::create(settings_of(policy_)).value()});
  return series_.back();
}

void AnomalyzerJudge::scrape(std::span<const Value> values, Time now) {
  for (const Value& value : values) {
    Series& series = series_of(value);
    MetricEvidence& shown = series.shown;
    shown.excluded = value.excluded;
    if (!std::isfinite(value.value)) continue;
    series.engine.push(value.value);
    ++shown.windows;
    if (shown.log_evidence > 0) continue;
    shown.now = value.value;
    shown.baseline = series.engine.reference_mean().value_or(value.value);
    if (value.excluded != Excluded::no) continue;
    const auto score = series.engine.score_above(policy_.threshold, permutations_);
    if (!score) continue;
    shown.log_evidence = as_evidence(*score);
    shown.since = now;
  }
}

void AnomalyzerJudge::describe(Evidence& out, bool decides) const {
  out.log_needed = decides ? as_evidence(policy_.threshold) : std::numeric_limits<double>::infinity();
  out.log_evidence = out.log_pass_evidence = 0;
  out.degraded_since.reset();
  out.metrics.clear();
  for (const Series& series : series_) {
    out.metrics.push_back(series.shown);
    if (series.shown.excluded != Excluded::no || series.shown.log_evidence <= 0) continue;
    out.log_evidence = std::max(out.log_evidence, series.shown.log_evidence);
    if (!out.degraded_since || *series.shown.since < *out.degraded_since) out.degraded_since = series.shown.since;
  }
  out.verdict = out.log_evidence >= out.log_needed ? wire::Verdict::fail : wire::Verdict::inconclusive;
}

}  // namespace charon::agent
