#include "ctl/replay_candidate.hpp"

#include <algorithm>

namespace charon::ctl {
namespace {

constexpr std::size_t most_moments = 2'000;

}  // namespace

CandidatePod::CandidatePod(const RecordedTarget& target, Time from, const wire::AgentPolicy& policy)
    : player_(target, from, Time::max()), detector_(player_.at_its_pace(policy), 0), every_(std::max<std::size_t>((player_.times().size() + most_moments - 1) / most_moments, 1)) {
  result_.name = target.name;
  result_.node = target.node;
}

void CandidatePod::play() {
  const Time now = *player_.next();
  player_.play(detector_);
  const agent::Evidence& evidence = detector_.evidence();
  ReplayPod& out = result_;
  const bool failing = evidence.verdict == wire::Verdict::fail && out.verdict != wire::Verdict::fail, last = !player_.next();
  if (out.scrapes++ % every_ == 0 || failing || last) draw(now, evidence);
  if (out.verdict == wire::Verdict::fail) return;  // the agent would have asked for the rollback there
  if (evidence.verdict != out.verdict) out.at.reset();
  out.verdict = evidence.verdict;
  if (out.verdict != wire::Verdict::inconclusive && !out.at) out.at = now;
  if (!failing && !last) return;
  out.evidence = evidence;
  out.judged = std::any_of(evidence.metrics.begin(), evidence.metrics.end(), [](const auto& m) { return m.excluded == agent::Excluded::no && m.windows > 0; });
}

void CandidatePod::draw(Time now, const agent::Evidence& evidence) {
  auto& names = result_.metrics;
  for (std::size_t i = names.size(); i < evidence.metrics.size(); ++i) names.push_back(evidence.metrics[i].metric);
  ReplayMoment& moment = result_.moments.emplace_back();
  moment.time = now;
  moment.log_evidence = evidence.log_evidence;
  // Metrics that appear later may move others: by name, then.
  moment.metrics.assign(names.size(), 0);
  for (const agent::MetricEvidence& metric : evidence.metrics)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == metric.metric) moment.metrics[i] = metric.log_evidence;
}

}  // namespace charon::ctl
