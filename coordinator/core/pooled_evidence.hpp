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

#include <limits>
#include <map>

namespace charon::coordinator {

/// Evidence (natural logarithm of the e-value 20) from which an agent counts as in trouble: it speaks against its node
/// and keeps a release from being promoted, but condemns nothing.
inline const double log_suspicion = std::log(20.0);
/// ... from which it may be about to: a stable pod then does not speak for its node at once.
inline const double log_doubt = std::log(3.0);

struct PodEvidence {
  double share = 0;         ///< of alpha
  double log_evidence = 0;
};

/// All evidence of a release, each e-value weighted with its share of alpha.
struct Together {
  double sum = 0;             ///< the release fails from 1 on
  double of_pooled = 0;       ///< what pooled evidence adds to it
  /// Where it fails: log evidence from which a pod has a part in that. Where no pod stands out, every one does that shows anything.
  double suspected_from = 0;
  bool fails() const { return sum >= 1; }
};

class PooledEvidence {
 public:
  /// One report of a pod of the release under judgement; `before`: the last of the same boot, null where there is none.
  void showed(const wire::Report* before, const wire::Report& now);
  /// Judges what came since the last call that did; not before `interval` after it. `most`: by which the evidence (its
  /// logarithm) may rise, so that no round of reports decides.
  void tick(Duration interval, double most, Time now);

  /// `share`: of alpha, for the pooled evidence itself.
  Together with(const std::vector<PodEvidence>& pods, double share) const;
  /// Natural logarithm; 0 before any data.
  double log_evidence() const { return log_evidence_; }
  /// The metrics that it names, strongest first (lib/detection/e_bh.hpp); `alpha`: of the release.
  using Key = std::pair<std::string, wire::MetricKind>;
  std::vector<Key> culprits(double alpha) const;

 private:
  struct Metric {
    double weight = 0;
    double log_weighted = -std::numeric_limits<double>::infinity();  ///< weight times evidence, of the last round
    std::array<double, detection::effect_multiples.size()> more{}, preview{};  ///< since the last round
    detection::OnsetMixture<detection::effect_multiples.size()> mixture;
  };
  std::map<Key, Metric> metrics_;  ///< at most wire::max_metrics
  Time judged_{};
  double log_evidence_ = 0;
};

}  // namespace charon::coordinator
