#pragma once
/// Judges a recording by the agent's own detector (agent/core/detector.hpp), as if its agents had looked on, and what its pods
/// show together by the coordinator's (ctl/replay_together.hpp). Release or node is not asked: there is no cluster to ask.
///
/// The stable release: ctl/replay_stable.hpp.
/// Alpha: half of it in equal shares over the candidate's pods, 40% for all of them together, as the coordinator hands it out to a
/// release's first pods.
/// The classic engine has none: its evidence is -log(1 - score), and it never passes.
#include "ctl/replay_together.hpp"

namespace charon::ctl {

struct ReplaySettings {
  wire::AgentPolicy policy;
  double alpha = 0.001;
};

struct ReplayResult {
  wire::Verdict verdict = wire::Verdict::inconclusive;  ///< fail: any pod failed, or all together; pass: all that were judged pass
  std::optional<Time> at;                               ///< first fail; when the last pod came to pass
  std::size_t decisive = 0;                             ///< the pod that failed first, or that showed most when all together failed; else the one with most evidence
  bool by_together = false;                             ///< fail: by what all pods showed together, before any failed alone
  ReplayTogether together;
  double alpha = 0, log_needed = 0;                     ///< log_needed: of each pod
  bool history = false;                                 ///< the baseline is from before the candidate
  ReplaySide baseline, candidate;
  std::vector<ReplayPod> pods;

  /// Of the decisive pod: when the release failed, or at the end.
  const agent::Evidence& evidence() const { return by_together ? together.evidence : pods[decisive].evidence; }
  /// Why, as the API has it: named ones first. Where all together failed, what they name.
  std::vector<wire::Culprit> culprits() const;
};

/// Verdict, when and where, by the pods' and by what they showed together.
void conclude(ReplayResult& result);

/// `split`: one recording is both, the candidate from then on. Errors: invalid_input (a side without scrapes, or without
/// requests), too_large (scrapes).
Result<ReplayResult> replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings);

}  // namespace charon::ctl
