#pragma once
/// Evidence that a release is worse on its pods together, where none of them may show it alone: of each metric the pods'
/// log likelihood ratios are summed, as if one fault of one size and onset had all of them, and mixed over sizes and onsets
/// (lib/detection/onset_mixture.hpp); metrics combine by the agents' weights, what they do not cover counting as 1.
///
/// A product of the pods' likelihood ratios has an expectation of at most 1 while every pod is healthy, if what they show
/// depends on each other only by what their control shows too. What they share beside is the estimate of the stable share:
/// where it is too low by a third all of them look worse. Every pod's null leaves half the stable share for differences
/// between pods, which cancel over pods; that half is there for it (docs/verdicts.md).
/// What an agent has not settled yet, for want of a control that tells of it, counts for the round that shows it.
/// Of levels nothing is pooled: a pod's standing difference is its own, and pods come and go.
#include "lib/base/wire.hpp"
#include "lib/detection/count_evidence.hpp"

#include <map>

namespace charon::coordinator {

class PooledEvidence {
 public:
  /// One report of a pod of the release under judgement; `before`: the last of the same boot, null where there is none.
  void showed(const wire::Report* before, const wire::Report& now);
  /// Judges what came since the last call that did; not before `interval` after it. `most`: by which the evidence (its
  /// logarithm) may rise, so that no round of reports decides.
  void tick(Duration interval, double most, Time now);

  /// Natural logarithm; 0 before any data.
  double log_evidence() const { return log_evidence_; }

 private:
  struct Metric {
    double weight = 0;
    std::array<double, detection::effect_multiples.size()> more{}, preview{};  ///< since the last round
    detection::OnsetMixture<detection::effect_multiples.size()> mixture;
  };
  std::map<std::pair<std::string, wire::MetricKind>, Metric> metrics_;  ///< at most wire::max_metrics
  Time judged_{};
  double log_evidence_ = 0;
};

}  // namespace charon::coordinator
