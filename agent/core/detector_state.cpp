#include "agent/core/detector_state.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

constexpr std::uint64_t most_patience = 60;  // scrapes
constexpr double most_of_a_metric = 2.0 / 3;  // of what is needed: by one scrape of it

}  // namespace

const wire::MetricCounts* find_counts(const std::vector<wire::MetricCounts>& list, std::string_view metric, wire::MetricKind kind) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& counts) { return counts.metric == metric && counts.kind == kind; });
  return found == list.end() ? nullptr : &*found;
}

JudgeSettings Detector::State::settings(const detection::MetricMeaning& meaning) const {
  const double error = alpha_or_usual() * history_share;
  const auto effect = [&](double usual) { return meaning.share_effect > 0 ? meaning.share_effect : usual; };
  return {.error_ratio_effect = effect(policy.error_ratio_effect), .latency_effect = effect(policy.latency_effect), .tolerance = policy.tolerance,
          .history_error = error / static_cast<double>(std::max<std::size_t>(baseline.size(), 1)),
          .cap = std::min(JudgeSettings{}.cap, most_of_a_metric * std::log(1 / alpha_or_usual())),
          .control_patience = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(3 * policy.report_interval / policy.scrape_interval), JudgeSettings{}.control_patience, most_patience)};
}

std::uint64_t Detector::State::age() const {
  const double start = counts.process_start(), seen = std::chrono::duration<double>(now.time_since_epoch()).count();
  const double seconds = start > 0 ? seen - start : std::chrono::duration<double>(now - evidence.started.value_or(now)).count();
  return static_cast<std::uint64_t>(std::max(seconds, 0.0) / std::chrono::duration<double>(policy.scrape_interval).count());
}

bool Detector::State::listed(const RequestMetric& metric) const {
  return std::any_of(policy.ignore.begin(), policy.ignore.end(), [&](const std::string& name) { return name == metric.family || name == metric.name || name == metric.stem; });
}

void Detector::State::rebuild(bool restart, bool remapped) {
  std::vector<MetricJudge> next;
  judge_meanings.clear();
  for (const wire::MetricCounts& history : baseline) {
    if (!wire::validate(history)) continue;  // the shell validates messages; this is the last line
    const detection::PolicyMeaning meaning = meanings.of_counts(history.metric, history.kind);
    if (!counts_requests(meaning.meaning, history.kind)) continue;
    judge_meanings.push_back(meaning);
    const wire::MetricCounts* node = find_counts(baseline_node, history.metric, history.kind);
    if (node && !wire::validate(*node)) node = nullptr;
    const auto old = std::find_if(judges.begin(), judges.end(), [&](const MetricJudge& judge) { return judge.metric() == history.metric && judge.kind() == history.kind; });
    if (old == judges.end() || restart) {
      next.emplace_back(history, node, settings(meaning.meaning));
    } else {
      old->update(history, node, settings(meaning.meaning));
      next.push_back(std::move(*old));
    }
    next.back().ignore(meaning.standing != detection::Standing::as_known);
  }
  judges = std::move(next);
  levels.configure(policy.tolerance, policy.ignore, restart, remapped);
  if (remapped) counts.restart();
  if (restart) {
    availability.restart();
    classic.restart();
    before_scrape = 0;
  }
  judged_by.clear();
  link();
  judge();
}

void Detector::State::link() {
  const auto& metrics = counts.metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const RequestMetric& metric = metrics[i];
    if (i < judged_by.size() && judged_by[i] && judges[*judged_by[i]].metric() == metric.name) continue;
    judged_by.resize(std::max(judged_by.size(), i + 1));
    judged_by[i].reset();
    for (std::size_t j = 0; j < judges.size(); ++j)
      if (judges[j].metric() == metric.name && judges[j].kind() == metric.kind()) judged_by[i] = j;
    // The metric's own meaning is that of the last scrape, the policy may be newer.
    if (judged_by[i]) judges[*judged_by[i]].ignore(judge_meanings[*judged_by[i]].standing != detection::Standing::as_known || listed(metric));
  }
}

}  // namespace charon::agent
