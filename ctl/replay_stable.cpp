#include "ctl/replay_stable.hpp"

#include "coordinator/core/rollback_policy.hpp"

#include <algorithm>

namespace charon::ctl {
namespace {

wire::Report report_of(const agent::Detector& detector) {
  wire::Report out;
  detector.fill(out);
  return out;
}

}  // namespace

StablePods::StablePods(const Recording& recording, Time to, const wire::AgentPolicy& policy) : policy_(policy), to_(to) {
  for (const RecordedTarget& target : recording.targets()) {
    Pod& pod = pods_.emplace_back(target, to, policy);
    pod.uid = PodUid(target.name);
    pod.node = target.node.empty() ? "unknown node of " + target.name : target.node;
    side_.add(pod.player);
  }
}

void StablePods::play_until(Time time) {
  for (Pod& pod : pods_)
    while (pod.player.next() && *pod.player.next() < time) pod.player.play(pod.detector);
}

void StablePods::becomes_baseline(const Pod& pod, const wire::Report& report, Time now) {
  baseline_.stable_showed(pod.uid, pod.node, coordinator::BaselineStore::shown(nullptr, report), true, now);
}

bool StablePods::judgeable() const {
  const wire::Baseline all = baseline_.baseline({});
  return !all.metrics.empty() || (levels_may_decide() && !all.levels.empty());
}

Result<void> StablePods::candidate_appeared(Time now) {
  for (Pod& pod : pods_) {
    pod.last = report_of(pod.detector);
    becomes_baseline(pod, pod.last, now);
  }
  history_ = judgeable();
  if (!history_) {
    baseline_ = {};
    for (const Pod& pod : pods_) {
      Pod whole(pod.player.target(), to_, policy_);
      while (whole.player.next()) whole.player.play(whole.detector);
      becomes_baseline(pod, report_of(whole.detector), now);
    }
  }
  control_.candidate_appeared(now);
  if (judgeable()) return {};
  return fail(Errc::invalid_input, "the baseline shows no requests: neither a request counter with a status label, nor a histogram of request durations, that counts (docs/configure.md)");
}

bool StablePods::report(Time now) {
  bool began_again = false;
  for (Pod& pod : pods_) {
    if (pod.detector.evidence().scrapes == pod.last.scrapes) continue;
    wire::Report next = report_of(pod.detector);
    const auto more = coordinator::BaselineStore::shown(&pod.last, next);
    began_again = began_again || more.restarted;
    control_.stable_showed(pod.uid, pod.node, more, false, now);
    pod.received = now;
    pod.told = pod.detector.evidence().scraped;
    pod.last = std::move(next);
  }
  return began_again;
}

wire::Control StablePods::control(const std::string& node, Time now) const {
  const Time fresh_since = now - coordinator::BaselineStore::fresh_for(policy_.report_interval);
  // Recordings may have rarer scrapes than agents: what goes on is not silent.
  const auto fresh = [&](const Pod& pod) {
    const auto next = pod.player.next();
    return pod.received != Time{} && (pod.received >= fresh_since || (next && *next - pod.received <= coordinator::longest_interval));
  };
  coordinator::BaselineStore::Reporting stable{node};
  for (const Pod& pod : pods_)
    if (fresh(pod)) stable.add(pod.node, pod.told);
  wire::Control out = control_.control(stable, now);
  out.none_runs = stable.everywhere.count == 0 && std::none_of(pods_.begin(), pods_.end(), [](const Pod& pod) { return pod.player.next(); });
  if (levels_may_decide()) control_.add_levels(out, node, now, policy_.report_interval);
  return out;
}

}  // namespace charon::ctl
