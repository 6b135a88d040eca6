#pragma once
/// The stable release's recorded pods, kept as the coordinator keeps them (coordinator/core/baseline_store.hpp).
///
/// Each is counted by a detector that never judges. What all of them showed before the candidate's first scrape is the
/// baseline; without any such history, all that they show, later parts included. What they show from then on is the
/// concurrent control, reported as often as agents report. Recorded on the candidate's node (label `node`), it is that
/// node's own baseline and control too; where a recording names no node, pods share none.
#include "coordinator/core/baseline_store.hpp"
#include "ctl/replay_scrapes.hpp"

namespace charon::ctl {

class StablePods {
 public:
  /// Of `recording`, which must outlive it, scrapes before `to`.
  StablePods(const Recording& recording, Time to, const wire::AgentPolicy& policy);

  const ReplaySide& side() const { return side_; }
  /// Plays what was scraped before `time`.
  void play_until(Time time);
  /// What they showed so far is the baseline. Errors: invalid_input (nothing in it can be judged).
  Result<void> candidate_appeared(Time now);
  /// The baseline is from before the candidate.
  bool history() const { return history_; }
  wire::Baseline baseline(const std::string& node) const { return baseline_.baseline(node); }
  /// Takes a report of each.
  /// Returns whether a process of them began again.
  bool report(Time now);
  wire::Control control(const std::string& node, Time now) const;

 private:
  struct Pod {
    Pod(const RecordedTarget& target, Time to, const wire::AgentPolicy& policy) : player(target, Time{}, to), detector(player.at_its_pace(policy), 0) {}
    ScrapePlayer player;
    agent::Detector detector;
    PodUid uid;
    std::string node;
    wire::Report last{};
    Time received{};  ///< Time{}: not since the candidate appeared
    Time told{};      ///< its last scrape then
  };
  void becomes_baseline(const Pod& pod, const wire::Report& report, Time now);
  bool judgeable() const;
  bool levels_may_decide() const { return policy_.levels_decide || !policy_.metrics.empty(); }  // an entry may give one a part

  wire::AgentPolicy policy_;
  Time to_;
  std::vector<Pod> pods_;
  ReplaySide side_;
  bool history_ = false;
  coordinator::BaselineStore baseline_, control_;
};

}  // namespace charon::ctl
