#include "coordinator/core/pooled_evidence.hpp"

#include "lib/detection/e_bh.hpp"

#include <algorithm>
#include <utility>

namespace charon::coordinator {
namespace {

constexpr double cap = 6;               // nats: one round of all pods counts no more than one scrape of one
constexpr std::size_t max_nodes = 256;  // of a level
constexpr double least_precision = 1e-18;
constexpr auto excused_for = std::chrono::minutes{10};
constexpr double start_weight = 0.5;    // of a level that may stand off from the start; the rest is for later onsets
constexpr double history_share = 0.05;  // of alpha, as agents pay it: for bounds on stable shares that turn out wrong

}  // namespace

void PooledEvidence::showed(const PodUid& pod, const std::string& node, const wire::Report* before, const wire::Report& now, Time received) {
  show_counts(pod, before, now, received);
  show_levels(pod, node, before == nullptr, now);
}

void PooledEvidence::restart() {
  const auto stable = stable_began_again_;
  *this = {};
  stable_began_again_ = stable;
}

void PooledEvidence::stable_began_again(Time at) {
  stable_began_again_ = at;
  if (const auto known = metrics_.find({std::string(wire::process_restarts_metric), wire::MetricKind::error_ratio}); known != metrics_.end())
    for (double& more : known->second.more) more = std::min(more, 0.0);
}

void PooledEvidence::show_counts(const PodUid& pod, const wire::Report* before, const wire::Report& now, Time received) {
  for (const wire::MetricRatios& ratios : now.ratios) {
    const Key key{ratios.metric, ratios.kind};
    if (ratios.log_ratios.size() != detection::effect_multiples.size()) continue;  // of another version of the agent
    if (ratios.weight <= 0) continue;  // not judged now; its sums stand in the report, so none counts twice later
    if (!metrics_.contains(key) && metrics_.size() == wire::max_metrics) continue;
    Metric& metric = metrics_[key];
    // Weights are fixed when a metric is first seen: chosen later, by what was seen, they would be a second look.
    if (metric.weight == 0) metric.weight = ratios.weight;
    const wire::MetricRatios* last = nullptr;
    if (before)
      for (const wire::MetricRatios& old : before->ratios)
        if (old.metric == ratios.metric && old.kind == ratios.kind && old.since == ratios.since && old.log_ratios.size() == ratios.log_ratios.size()) last = &old;
    const bool excused = ratios.metric == wire::process_restarts_metric && stable_began_again_ && received - *stable_began_again_ < excused_for;
    Metric::Ratios& preview = metric.previews[pod];  // in place of that of an earlier report, which may be settled by now
    preview = {};
    std::copy_n(ratios.preview.begin(), std::min(preview.size(), ratios.preview.size()), preview.begin());
    for (std::size_t i = 0; i < metric.more.size(); ++i) {
      const double more = ratios.log_ratios[i] - (last ? last->log_ratios[i] : 0);
      metric.more[i] += excused ? std::min(more, 0.0) : more;
    }
  }
}

void PooledEvidence::show_levels(const PodUid& pod, const std::string& node, bool anew, const wire::Report& now) {
  for (auto& [name, level] : levels_)  // what this report no longer shows has no part any more
    for (auto& [side, asked] : level.sides)
      if (const auto known = asked.nodes.find(node); known != asked.nodes.end() && known->second.uid == pod) {
        known->second.shift = {};
        known->second.anew = known->second.anew || anew;
      }
  for (const wire::LevelStart& start : now.level_starts) {
    if (start.weight <= 0 || (!levels_.contains(start.metric) && levels_.size() == wire::max_metrics)) continue;
    Asked& asked = levels_[start.metric].sides[start.side];
    if (!asked.nodes.contains(node) && asked.nodes.size() == max_nodes) continue;
    Asked::Pod& known = asked.nodes.try_emplace(node, Asked::Pod{pod, asked.nodes.size(), {}}).first->second;
    if (known.uid != pod) continue;
    known.shift = {start.mean, start.precision, start.variance, start.in_common, start.wander};
    if (asked.weight == 0) asked.weight = start.weight;  // fixed when it is first seen, as of counts
    asked.degrees = start.degrees;
    asked.tolerance = start.tolerance;
    asked.matters = start.matters;
  }
}

void PooledEvidence::judge(Metric& metric, Time now) {
  Metric::Ratios preview{};
  for (const auto& [pod, ratios] : metric.previews)
    for (std::size_t i = 0; i < preview.size(); ++i) preview[i] += ratios[i];
  for (auto* ratios : {&metric.more, &preview})
    for (double& ratio : *ratios) ratio = std::min(ratio, cap);
  metric.mixture.tick(now);
  metric.mixture.multiply(metric.more);
  metric.log_weighted = std::log(metric.weight) + metric.mixture.log_evidence(preview);
  metric.more.fill(0);
  metric.previews.clear();
}

double PooledEvidence::Level::weight() const {
  double sum = 0;
  for (const auto& [side, asked] : sides) sum += asked.weight;
  return sum;
}

void PooledEvidence::judge(Level& level, Time now) {
  double sum = 0;
  std::vector<detection::PodShift> pods, placed;
  for (auto& [side, asked] : level.sides) {
    const bool grows = side == wire::LevelSide::growing;
    bool more = false;
    pods.clear();
    placed.assign(asked.nodes.size(), {});
    for (auto& [node, pod] : asked.nodes) {
      const bool anew = std::exchange(pod.anew, false);
      more = std::exchange(pod.judged, pod.shift.precision) != pod.shift.precision || more;
      if (pod.shift.precision <= least_precision) continue;
      pods.push_back(pod.shift);
      placed[pod.place] = pod.shift;
      placed[pod.place].anew = anew;
    }
    asked.onsets.round(placed, grows ? detection::Shape::trend : detection::Shape::level, asked.tolerance, asked.matters, now);
    if (!grows) {
      const auto sizes = detection::sizes_of(detection::Shape::level, asked.matters);
      asked.log_evidence = std::min(detection::log_pooled_shift(pods, asked.degrees, asked.tolerance, sizes), asked.log_evidence + (more ? detection::most_of_a_scrape : 0));
    }
    const double from_start = grows ? 0 : start_weight;
    sum += asked.weight * (from_start * std::exp(asked.log_evidence) + (1 - from_start) * std::exp(asked.onsets.log_evidence()));
  }
  level.log_weighted = std::log(sum);
}

void PooledEvidence::tick(Duration interval, double most, Time now) {
  if ((metrics_.empty() && levels_.empty()) || now - judged_ < interval) return;
  judged_ = now;
  double weights = 0, sum = 0;
  for (auto& [key, metric] : metrics_) {
    judge(metric, now);
    weights += metric.weight;
    sum += std::exp(metric.log_weighted);
  }
  for (auto& [name, level] : levels_) {
    judge(level, now);
    weights += level.weight();
    sum += std::exp(level.log_weighted);
  }
  const double scale = std::max(weights, 1.0);
  for (auto& [key, metric] : metrics_) metric.log_weighted -= std::log(scale);
  for (auto& [name, level] : levels_) level.log_weighted -= std::log(scale);
  const double all = 1 - weights / scale + sum / scale;
  log_evidence_ = std::min(std::log(all) + std::log1p(-history_share), std::max(log_evidence_, 0.0) + most);
}

std::vector<PooledEvidence::Key> PooledEvidence::culprits(double alpha) const {
  std::vector<std::pair<double, Key>> found;
  for (const auto& [key, metric] : metrics_) found.push_back({metric.log_weighted, key});
  for (const auto& [name, level] : levels_) found.push_back({level.log_weighted, {name, wire::MetricKind::level}});
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<double> strengths;
  for (const auto& [strength, key] : found) strengths.push_back(strength);
  const std::size_t named = detection::e_bh_rejections(strengths, detection::naming_level(alpha, found.size()));
  std::vector<Key> out;
  for (std::size_t i = 0; i < named; ++i) out.push_back(std::move(found[i].second));
  return out;
}

bool rests_on_levels(const wire::Report& report, const Together& together) {
  if (report.verdict != wire::Verdict::fail && together.of_pooled >= 1) return together.by_level;
  return !report.culprits.empty() && report.culprits.front().kind == wire::MetricKind::level;
}

Together PooledEvidence::with(const std::vector<PodEvidence>& pods, double share) const {
  const double own = share * std::exp(log_evidence_);
  Together out{own, own, 0, false};
  double strongest = 0;
  for (const PodEvidence& pod : pods) {
    out.sum += pod.share * std::exp(std::min(pod.log_evidence, 700.0));
    strongest = std::max(strongest, pod.log_evidence);
  }
  out.suspected_from = strongest >= log_suspicion ? log_suspicion : own >= 1 ? std::numeric_limits<double>::lowest() : std::numeric_limits<double>::min();
  double counts = std::numeric_limits<double>::lowest(), levels = counts;
  for (const auto& [key, metric] : metrics_) counts = std::max(counts, metric.log_weighted);
  for (const auto& [name, level] : levels_) levels = std::max(levels, level.log_weighted);
  out.by_level = levels > counts;
  return out;
}

}  // namespace charon::coordinator
