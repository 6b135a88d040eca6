#pragma once
/// Judges one level of this pod - a gauge, a rate, the mean log duration of requests - against the stable release's.
///
/// Where the stable level is known from, in this order:
///  - same_node: stable pods on this node, now. Load, time of day and trouble of the node cancel.
///  - elsewhere: the baseline, net of what has changed since on stable pods of other nodes. Where the stable release never
///    ran on this node, what nodes differ by is a part of the prior.
///  - history: the baseline; of this node where the stable release ran here. Only trouble from the pod's start is looked
///    for, since later nothing tells the release from the world around it.
/// Each has evidence of its own and a fixed share of the weight; what was gathered under one stands when another takes
/// over. e-values of different sources are averaged, never multiplied: they share the pod's standing difference.
///
/// Stable pods have spikes as well, and what they report stands for some scrapes: one that is far from where the control stood,
/// while this pod is not, is not compared with, for 24 scrapes at a stretch and a third of all at most. Where both jump, as with load, they are compared.
///
/// Three questions, each with its share: does the level stand off (and to which side), does it grow (leaks), is a gauge
/// more restless. The prior of the pod's standing difference is the documented one of the metric, worth `prior_degrees`, updated
/// by what successive healthy releases differed by on one node.
///
/// Sources: averages of e-values, however they depend on each other: V. Vovk, R. Wang, "E-values: calibration, combination and
/// applications", Ann. Statist. 49, 2021; the update of a variance (scaled inverse chi^2, conjugate): A. Gelman et al., Bayesian
/// Data Analysis, 3rd ed., 2.6. The evidence of each question: shift_evidence.hpp, restlessness.hpp.
#include "agent/core/evidence.hpp"
#include "agent/core/level_case.hpp"
#include "lib/detection/level_summary.hpp"
#include "lib/detection/metric_meaning.hpp"

#include <functional>
#include <memory>

namespace charon::agent {

inline constexpr double prior_degrees = 8;     ///< of freedom that a documented spread is worth
inline constexpr std::uint64_t scrapes_to_know_moves = 240;  ///< twenty minutes at the default interval

/// What the stable release showed of one metric.
struct LevelReference {
  wire::LevelSummary everywhere;               ///< scrapes 0: nothing
  wire::LevelSummary same_node;                ///< scrapes 0: never ran here
  wire::LevelSpread spread;

  bool ran_here() const { return same_node.scrapes > 0; }
  const wire::LevelSummary& nearest() const { return ran_here() ? same_node : everywhere; }
  /// How it moves: on this node where that was seen for long enough to tell, else as it does there or everywhere, whichever is more.
  wire::LevelSummary moves() const;
};

class LevelJudge {
 public:
  LevelJudge(std::string name, const detection::MetricMeaning& meaning, double floor, double tolerance_share);

  /// Another stable release: everything anew.
  void restart();
  /// The first that is not empty sets how the level moves; later ones count for sources that begin later.
  void refer_to(const LevelReference& reference);
  /// Where stable pods stand now; null: there are none. `again`: none of them has reported since the last time, so that what
  /// they show is not to be counted once more.
  struct Again { bool same_node = false, elsewhere = false; };
  void control(const wire::LevelNow* same_node, const wire::LevelNow* elsewhere, Again again);

  /// One scrape; NaN: it failed or did not show the level. `age`: scrapes since the process started. `suspended`: the pod's
  /// load is not the control's, so that nothing may be read off.
  void scrape(double value, std::uint64_t age, bool suspended);

  const std::string& name() const { return name_; }
  const detection::MetricMeaning& meaning() const { return meaning_; }
  bool has_reference() const { return reference_.everywhere.scrapes > 0; }
  double log_evidence() const;
  /// The same with what only a documented spread says, if that is right.
  double log_evidence_assumed() const { return over_sources(&LevelCase::log_evidence_assumed); }
  /// log of the e-value against "by the effect that matters from the start", to the side that is worse; both, where both are.
  double log_pass_evidence() const;
  /// By how much the level stands above its control now, on its scale; 0 where nothing is known.
  double difference() const { return recent_; }
  /// Whether stable pods that run now are the control.
  bool concurrent() const { return source_ != Source::history; }
  /// Whether a healthy process of this age is not yet where it will be.
  bool young(std::uint64_t age) const { return age < young_.size(); }
  /// Scrapes since the likeliest onset of what the evidence shows.
  std::size_t scrapes_since_onset() const;
  /// Where the present control goes on; nothing where a Pass needs no more.
  PassNeeds pass_needs() const;
  void describe(MetricEvidence& out) const;
  /// What goes into the evidence of all pods together: how far it stood off from stable pods on its node. What rests on a
  /// spread that is only documented is left out. `weight`: of the level; `next` gives a place for each side and for growth.
  void fill_starts(double weight, const std::function<wire::LevelStart&()>& next) const;

 private:
  enum class Source { same_node, elsewhere, history };
  static constexpr std::size_t sources = 3;

  /// The mean of stable pods.
  struct Stable { double value = 0; std::uint32_t pods = 0; std::uint64_t who = 0; bool again = false; };
  LevelCase open(Source source, const Stable* now) const;
  /// What was held against the pod while no nearer source was there is given up when that one has judged for a while and shows no
  /// effect that matters. Evidence may always be given up, so a case begins anew only where it had risen.
  void give_up_farther();
  /// The mean over sources, by their weights.
  double over_sources(double (LevelCase::*log_of)() const) const;
  Source choose() const;

  std::string name_;
  detection::MetricMeaning meaning_;
  double floor_, tolerance_share_;
  LevelReference reference_;
  std::vector<float> young_;  ///< by age: what is expected beside the level
  Stable same_node_, elsewhere_;  ///< now
  std::array<std::unique_ptr<LevelCase>, sources> cases_;  // each 6 to 18 KB: only those that were needed
  Source source_ = Source::history;
  double last_ = 0, expected_ = 0, recent_ = 0;
  bool recent_known_ = false;
  std::uint64_t windows_ = 0;
};

}  // namespace charon::agent
