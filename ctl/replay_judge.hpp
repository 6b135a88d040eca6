#pragma once
/// Judges a recording by the agent's own detector (agent/core/detector.hpp), as if its agents had looked on.
///
/// The stable release: ctl/replay_stable.hpp.
/// Alpha: half of it in equal shares over the candidate's pods, as the coordinator hands it out to a release's first pods.
/// What it keeps for the evidence of all pods together (coordinator/core/pooled_evidence.hpp) is not spent: each pod is judged
/// alone.
/// The classic engine has none: its evidence is -log(1 - score), and it never passes.
#include "ctl/replay_candidate.hpp"

namespace charon::ctl {

struct ReplaySettings {
  wire::AgentPolicy policy;
  double alpha = 0.001;
};

struct ReplayResult {
  wire::Verdict verdict = wire::Verdict::inconclusive;  ///< fail: any pod failed; pass: all that were judged pass
  std::optional<Time> at;                               ///< first fail; when the last pod came to pass
  std::size_t decisive = 0;                             ///< the pod that failed first; else the one with most evidence
  double alpha = 0, log_needed = 0;                     ///< log_needed: of each pod
  bool history = false;                                 ///< the baseline is from before the candidate
  ReplaySide baseline, candidate;
  std::vector<ReplayPod> pods;
};

/// `split`: one recording is both, the candidate from then on. Errors: invalid_input (a side without scrapes, or without
/// requests), too_large (scrapes).
Result<ReplayResult> replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings);

}  // namespace charon::ctl
