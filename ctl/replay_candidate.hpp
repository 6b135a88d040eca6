#pragma once
/// A recorded pod of the release to judge, with its agent's detector, and what came of it.
#include "ctl/replay_scrapes.hpp"

namespace charon::ctl {

/// One point of a pod's evidence over time, for the plot; natural logarithms.
struct ReplayMoment {
  Time time;
  double log_evidence = 0;
  std::vector<double> metrics;  ///< in the order of ReplayPod::metrics
};

struct ReplayPod {
  std::string name, node;
  wire::Verdict verdict = wire::Verdict::inconclusive;  ///< fail: once it failed; else as of the last scrape
  std::optional<Time> at;                               ///< when it failed, or since when it passes
  std::uint64_t scrapes = 0;
  bool judged = false;                                  ///< any metric with a baseline was seen
  agent::Evidence evidence;                             ///< when it failed, or at the end
  std::vector<std::string> metrics;
  std::vector<ReplayMoment> moments;                    ///< at most 2,001
};

class CandidatePod {
 public:
  /// Scrapes of `target`, which must outlive it, from `from` on. Its detector has no alpha yet.
  CandidatePod(const RecordedTarget& target, Time from, const wire::AgentPolicy& policy);

  const ScrapePlayer& player() const { return player_; }
  const std::string& node() const { return player_.target().node; }
  agent::Detector& detector() { return detector_; }
  const agent::Evidence& evidence() const { return detector_.evidence(); }
  /// Judges the next scrape.
  void play();
  const ReplayPod& result() const { return result_; }

 private:
  void draw(Time now, const agent::Evidence& evidence);

  ScrapePlayer player_;
  agent::Detector detector_;
  ReplayPod result_;
  std::size_t every_;  ///< so many scrapes make a moment
};

}  // namespace charon::ctl
