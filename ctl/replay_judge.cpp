#include "ctl/replay_judge.hpp"

#include "coordinator/core/alpha_budget.hpp"
#include "ctl/replay_stable.hpp"

#include <algorithm>

namespace charon::ctl {
namespace {

/// In the order of time over all pods; agents report, and are told of the control, each `report_interval`.
void judge(std::vector<CandidatePod>& candidates, StablePods& stable, PodsTogether& together, Duration report_interval) {
  Time control_at{}, last{};
  for (;;) {
    CandidatePod* first = nullptr;
    for (CandidatePod& pod : candidates)
      if (const auto next = pod.player().next(); next && (!first || *next < *first->player().next())) first = &pod;
    if (!first) return together.report(candidates, last + report_interval);
    const Time now = *first->player().next();
    stable.play_until(now);
    if (now - control_at >= report_interval * 9 / 10) {  // with the scrape that is nearest, as agents do
      if (stable.report(now)) together.stable_began_again(now);
      together.report(candidates, now);
      for (CandidatePod& pod : candidates) pod.detector().set_control(stable.control(pod.node(), now), now);
      control_at = now;
    }
    first->play();
    last = now;
  }
}

/// The pod that failed first; else the one with most evidence.
std::size_t decisive(const std::vector<ReplayPod>& pods) {
  const auto more = [](const ReplayPod& a, const ReplayPod& b) {
    const bool fails = a.verdict == wire::Verdict::fail, other = b.verdict == wire::Verdict::fail;
    if (fails && other) return *a.at < *b.at;
    return fails != other ? fails : a.evidence.log_evidence > b.evidence.log_evidence;
  };
  return static_cast<std::size_t>(std::min_element(pods.begin(), pods.end(), more) - pods.begin());
}

}  // namespace

void conclude(ReplayResult& result) {
  const auto& pods = result.pods;
  result.decisive = decisive(pods);
  if (const ReplayPod& pod = pods[result.decisive]; pod.verdict == wire::Verdict::fail) {
    result.verdict = wire::Verdict::fail;
    result.at = pod.at;
  }
  const ReplayTogether& together = result.together;
  if (together.failed && (!result.at || *together.failed <= *result.at)) {
    result.verdict = wire::Verdict::fail;
    result.by_together = true;
    result.at = std::min(*together.failed, result.candidate.to);
    result.decisive = together.pod;
  }
  if (result.verdict == wire::Verdict::fail) return;
  std::optional<Time> last;
  for (const ReplayPod& pod : pods) {
    if (!pod.judged) continue;
    if (pod.verdict != wire::Verdict::pass) return;
    last = std::max(last.value_or(Time{}), *pod.at);
  }
  if (!last || together.log_evidence >= coordinator::log_suspicion) return;  // in trouble together: no release is stable so
  result.verdict = wire::Verdict::pass;
  result.at = last;
}

std::vector<wire::Culprit> ReplayResult::culprits() const {
  std::vector<wire::Culprit> own = agent::culprits(evidence());
  if (!by_together || (!together.by_pooled && !own.empty() && own.front().named)) return own;
  std::vector<wire::Culprit> out;
  for (const coordinator::PooledEvidence::Key& key : together.culprits)
    for (const agent::MetricEvidence& m : evidence().metrics)
      if (m.metric == key.first && m.kind == key.second) out.push_back({m.metric, m.kind, m.baseline, m.now, m.log_evidence, true});
  for (wire::Culprit& culprit : own)
    if (std::none_of(out.begin(), out.end(), [&](const auto& c) { return c.metric == culprit.metric && c.kind == culprit.kind; })) out.push_back(std::move(culprit));
  std::stable_partition(out.begin(), out.end(), [](const auto& c) { return c.named; });
  return out;
}

Result<ReplayResult> replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings) {
  ReplayResult result;
  result.alpha = settings.alpha;
  StablePods stable(baseline, split.value_or(Time::max()), settings.policy);
  std::vector<CandidatePod> candidates;
  for (const RecordedTarget& target : candidate.targets()) {
    CandidatePod& pod = candidates.emplace_back(target, split.value_or(Time{}), settings.policy);
    result.candidate.add(pod.player());
    if (!pod.player().next()) candidates.pop_back();
  }
  result.baseline = stable.side();
  const std::size_t most = baseline.limits().scrapes;
  if (auto ok = validate(result.baseline, "baseline", most); !ok) return ok.error();
  if (auto ok = validate(result.candidate, "candidate", most); !ok) return ok.error();

  stable.play_until(result.candidate.from);
  if (auto ok = stable.candidate_appeared(result.candidate.from); !ok) return ok.error();
  result.history = stable.history();
  coordinator::AlphaBudget budget;
  budget.alpha = settings.alpha;
  budget.expected = static_cast<std::uint32_t>(candidates.size());
  const double share = budget.share(0);
  for (CandidatePod& pod : candidates) {
    pod.detector().configure(pod.player().at_its_pace(settings.policy), share);
    pod.detector().set_baseline(stable.baseline(pod.node()));
  }
  result.log_needed = candidates.front().detector().evidence().log_needed;
  PodsTogether together(budget, settings.policy);
  judge(candidates, stable, together, settings.policy.report_interval);
  result.together = together.result();
  for (const CandidatePod& pod : candidates) result.pods.push_back(pod.result());
  conclude(result);
  return result;
}

}  // namespace charon::ctl
