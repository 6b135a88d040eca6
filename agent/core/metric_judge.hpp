#pragma once
/// Judges one metric of this pod against the stable release: evidence that its share of bad requests is worse than
/// tolerable, and evidence that the effect that matters is excluded (lib/detection/count_evidence.hpp has the statistics).
///
/// Null of "fail": p <= (1 + 50%) q + tolerance * effect, q being the stable release's share. The relative half is the
/// prior natural spread between pods and nodes: a named assumption, so that a healthy pod on a somewhat slower node is
/// never held guilty; the default tolerance adds half the effect that matters. Simulated (tests/unit/agent/
/// metric_judge_test.cpp) with a spread of 20% and 2% errors, 30% instead would alarm in 2 to 3 of 100 healthy releases and
/// find +1% a fifth sooner. Null of "pass": p >= q + effect.
///
/// What q is known from:
///  - control: counts of stable pods that run now (same node where it served enough), faded, with the history as prior
///    (control_share.hpp); load, time of day and shared outages cancel. Control comes with reports, its pods' and then the
///    own, later than what it tells of: each scrape is settled when a control has come that tells of it, and until then all
///    are previewed together by what the last one said, or an outage that all share would count before the control shows it.
///    After six scrapes without a control, or three intervals of reports where that is longer, the history is used, at once
///    where no stable pod runs any more, save for the pod's own first six.
///  - history: the baseline. q then lies below an upper bound (above a lower bound for pass) that holds at all looks, and
///    each scrape is tested at that bound. Assumes that q has not changed since. Where the stable release was worse on this
///    very node, the node's history counts.
///
/// Named assumptions: from scrape to scrape a healthy share of errors moves with a cv of 0.3, one of slow requests, which
/// are less rare, with 0.2. What breaks them: a healthy release whose share leaves the null for minutes, while no control
/// shows it too (a shared outage with all stable pods gone).
///
/// Sources: to look after every scrape: A. Ramdas et al. (arXiv 2210.01948), as in count_evidence.hpp, which also says what departs
/// from exact tests of two samples. A plug-in bound of q at `history_error` stands in for their projection of the null.
#include "agent/core/control_share.hpp"
#include "agent/core/evidence.hpp"
#include "agent/core/stable_share.hpp"
#include "lib/base/wire.hpp"

#include <array>
#include <span>

namespace charon::agent {

/// What decides besides the data; the same for all metrics of a pod.
struct JudgeSettings {
  double error_ratio_effect = 0.01;
  double latency_effect = 0.10;
  double tolerance = 0.5;
  double history_error = 1e-4;   ///< probability that a metric's bound on the stable share is wrong
  /// Most that one scrape adds to the log evidence of one size of effect: four clear ones reach 1/1,000 and the 10 nats
  /// that the shares of metric, size and onset come to.
  double cap = 6;
  std::uint64_t control_patience = 6;  ///< scrapes without a control from which on the history is used: three intervals of reports where that is more
};

/// Equal up to the last digits, which JSON numbers may lose on their way.
bool same_bounds(const std::vector<double>& a, const std::vector<double>& b);

class MetricJudge {
 public:
  /// `history` and `same_node` (null: none) are the baseline's counts of this metric; they must be valid
  /// (wire::validate).
  MetricJudge(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings);

  /// New settings or a newer history of the same release: the evidence goes on. A histogram's slow threshold stays; if
  /// the bounds changed, everything starts again.
  void update(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings);
  void restart();

  /// Cumulative counts of the control; the difference to the last call is what counts, the whole where it began with this
  /// pod. Null: the control lacks it.
  struct Control {
    const wire::MetricCounts* counts = nullptr;
    Time told{};             ///< of this pod's scrapes until then it tells
    std::uint32_t pods = 0;
  };
  /// `none_runs`: nothing more will come, so that the history is used from now on, but for the pod's first scrapes, which may
  /// be rough.
  void control(const Control& everywhere, const Control& same_node, bool continues, bool none_runs = false);

  /// One scrape's increments: {good, bad}, or per bucket. Empty: the scrape failed or showed nothing of it.
  void scrape(std::span<const double> increments, Time now);
  /// The pod's histogram has other bounds than the baseline's, or has them again.
  void bounds_match(bool match) { bounds_match_ = match; }

  const std::string& metric() const { return metric_; }
  wire::MetricKind kind() const { return kind_; }
  const std::vector<double>& bounds() const { return bounds_; }
  Excluded excluded() const;
  void ignore(bool ignored) { ignored_ = ignored; }

  double log_evidence() const { return evidence_.log_evidence(); }
  /// What it adds to the evidence of all pods together; its weight is not known here.
  wire::MetricRatios ratios() const;
  /// Writes everything but `metric` and `kind`.
  void describe(MetricEvidence& out) const;

 private:
  using Trials = detection::Trials;
  static constexpr double node_control = 20;  // requests from which the node's own control counts
  struct Window {
    Trials trials;
    double scrapes = 0;  // that they come from
    void add(const Window& more) { trials.total += more.trials.total, trials.bad += more.trials.bad, scrapes += more.scrapes; }
  };
  struct Pending {
    Window window;
    Time from{}, until{};        // its first and its last scrape
    detection::KnownShare most;  // the largest of all controls that came since: one that comes late may have forgotten what all shared
    double bound = 0;
  };

  detection::CountSettings count_settings() const;
  void read_history(const wire::MetricCounts& history, const wire::MetricCounts* same_node);
  bool is_bad(std::size_t index) const { return kind_ == wire::MetricKind::error_ratio ? index == 1 : index >= slow_from_; }
  Window window(const wire::MetricCounts& counts) const;
  bool add_control(const Control& control, Window& last, ControlShare& share, bool continues) const;
  /// Which control counts is settled by how much it served, and how lately, never by how well.
  bool by_same_node() const { return control_node_.served() >= node_control && since_node_control_ <= settings_.control_patience; }
  void drop_pending();
  detection::StableShare by_control() const;
  void add_pending(const Trials& seen, Time now);
  void settle(detection::StableShare stable);
  void settle_by_history();
  void preview();
  Window pending() const;

  std::string metric_;
  wire::MetricKind kind_;
  std::vector<double> bounds_;
  std::size_t slow_from_ = 0;  // first bucket that is slow
  JudgeSettings settings_;

  Trials history_;
  ShareBounds bound_;          // of the stable share by history: high for fail, low for pass
  bool bounds_match_ = true, ignored_ = false;

  Window last_all_, last_node_;
  ControlShare control_all_, control_node_;
  Time told_all_ = Time::min(), told_node_ = Time::min();
  std::uint64_t since_control_ = 0, since_node_control_ = 0;  // scrapes; large: no control
  std::uint64_t age_ = 0;               // scrapes
  bool none_runs_ = false;
  bool renewed_ = false;                // the control began anew, and nothing of the new one has come yet
  std::array<Pending, 12> pending_{};   // what is not judged yet, oldest first; the last may be several scrapes
  std::size_t pendings_ = 0;

  detection::CountEvidence evidence_;
  std::array<Trials, 12> recent_{};
  std::uint64_t windows_ = 0;
};

}  // namespace charon::agent
