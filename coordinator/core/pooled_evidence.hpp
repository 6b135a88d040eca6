#pragma once
/// Evidence that a release is worse on its pods together, where none of them may show it alone: of each metric the pods'
/// log likelihood ratios are summed, as if one fault of one size and onset had all of them, and mixed over sizes and onsets
/// (lib/detection/onset_mixture.hpp); metrics combine by the agents' weights, what they do not cover counting as 1.
///
/// A product of the pods' likelihood ratios has an expectation of at most 1 while every pod is healthy, if what they show
/// depends on each other only by what their control shows too. What they share beside is the estimate of the stable share, and
/// a hundred pods would take its error for an effect: agents hold what goes in here against a bound on that share, which is
/// the wider the fewer requests the control served (agent/core/control_share.hpp). Differences between pods cancel over the
/// pods, but for the stable ones' own: half the stable share, which every pod's null leaves, is there for them.
/// Restarts have no control and often a common cause: a pod's first one counts for none of them together
/// (agent/core/availability_judge.hpp), nor does any within ten minutes of a stable pod's.
/// What an agent has not settled yet, for want of a control that tells of it, counts for the round that shows it.
///
/// Of levels it is asked whether they stand off on all pods from their start (lib/detection/pooled_shift.hpp), and whether they
/// moved or began to grow on all of them later (pooled_onsets.hpp), by what each shows against stable pods of its node: of each
/// node one pod, the first that reported, since others there have the same control. It stays when it leaves, with what it
/// showed last, and what pods show is all since they were first compared: where all begins anew (alpha_budget.hpp), levels
/// stand off from the start as they did with the next reports, and later onsets are looked for anew. Growth from the start, which
/// a start of another kind looks like on all pods alike, is each pod's own to find.
#include "lib/base/wire.hpp"
#include "lib/detection/count_evidence.hpp"
#include "lib/detection/pooled_onsets.hpp"

#include <limits>
#include <map>
#include <optional>

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
  /// Where it fails: log evidence from which a pod has a part in that. Where no pod stands out, every one does that shows
  /// anything; where what they show together fails the release alone, every one.
  double suspected_from = 0;
  bool by_level = false;      ///< of_pooled is most of all a level's
  bool fails() const { return sum >= 1; }
};

/// Whether what condemns a release on an agent's pod is first of all a level.
bool rests_on_levels(const wire::Report& report, const Together& together);

class PooledEvidence {
 public:
  /// One report of a pod of the release under judgement; `before`: the last of the same boot, null where there is none.
  void showed(const PodUid& pod, const std::string& node, const wire::Report* before, const wire::Report& now, Time received);
  /// A stable pod's process did: what made it may make the others, so what shows of their restarts in this round and for ten
  /// minutes condemns nothing.
  void stable_began_again(Time at);
  /// All begins anew.
  void restart();
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
    using Ratios = std::array<double, detection::effect_multiples.size()>;
    Ratios more{};                          ///< since the last round
    std::map<PodUid, Ratios> previews;      ///< what each pod's last report since then had
    detection::OnsetMixture<detection::effect_multiples.size()> mixture;
  };
  /// One side of one level, or its growth.
  struct Asked {
    struct Pod { PodUid uid; std::size_t place; detection::PodShift shift; double judged = 0; bool anew = true; };  ///< place: by when it came; judged: precision in the last round
    double weight = 0, degrees = 0, tolerance = 0, matters = 0;  ///< the weight as the first report had it, else the last
    double log_evidence = 0;
    std::map<std::string, Pod> nodes;                ///< at most max_nodes
    detection::PooledOnsets onsets;
  };
  struct Level {
    double log_weighted = -std::numeric_limits<double>::infinity();
    std::map<wire::LevelSide, Asked> sides;
    double weight() const;
  };
  void show_counts(const PodUid& pod, const wire::Report* before, const wire::Report& now, Time received);
  void show_levels(const PodUid& pod, const std::string& node, bool anew, const wire::Report& now);
  void judge(Metric& metric, Time now);
  void judge(Level& level, Time now);

  std::map<Key, Metric> metrics_;         ///< at most wire::max_metrics
  std::map<std::string, Level> levels_;   ///< likewise
  Time judged_{};
  std::optional<Time> stable_began_again_;
  double log_evidence_ = 0;
};

}  // namespace charon::coordinator
