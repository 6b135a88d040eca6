#pragma once
/// Judges a recording by the agent's own detector (agent/core/detector.hpp), as if its agents had looked on.
///
/// Baseline: every recorded stable pod is counted by a detector that never judges; what all of them showed before the
/// candidate's first scrape is the stable release's history, and what they show from then on is the concurrent control,
/// handed over as often as agents report. Without any history all of the stable recording stands in for it, later parts
/// included. Recorded on the candidate's node (label `node`), it is that node's own history too.
/// Alpha: half of it in equal shares over the candidate's pods, as the coordinator hands it out to a release's first pods.
#include "ctl/replay_scrapes.hpp"

namespace charon::ctl {

struct ReplaySettings {
  wire::AgentPolicy policy;
  double alpha = 0.001;
};

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
  std::vector<ReplayMoment> moments;                    ///< at most a few thousand
};

struct ReplaySide {
  std::size_t pods = 0;
  std::uint64_t scrapes = 0;
  Time from{}, to{};
};

struct ReplayResult {
  wire::Verdict verdict = wire::Verdict::inconclusive;  ///< fail: any pod failed; pass: all that were judged pass
  std::optional<Time> at;                               ///< first fail; when the last pod came to pass
  std::optional<std::size_t> decisive;                  ///< the pod that failed first; else the one with most evidence
  double alpha = 0, log_needed = 0;                     ///< log_needed: of each pod
  bool history = false;                                 ///< the baseline is from before the candidate
  ReplaySide baseline, candidate;
  std::vector<ReplayPod> pods;
};

/// `split`: one recording is both, the candidate from then on. Errors: invalid_input (a side without scrapes, or without
/// requests), too_large (scrapes).
Result<ReplayResult> replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings);

}  // namespace charon::ctl
