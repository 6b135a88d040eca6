#pragma once
/// Judges one metric of this pod against the stable release: evidence that its share of bad requests is worse than
/// tolerable, and evidence that the effect that matters is excluded.
///
/// Null of "fail": p <= (1 + 50%) q + tolerance * effect, q being the stable release's share. The relative half is the
/// prior natural spread between pods and nodes: a named assumption, so that a healthy pod on a somewhat slower node is
/// never held guilty; the default tolerance adds half the effect that matters. Null of "pass": p >= q + effect.
///
/// What q is known from, per block of scrapes:
///  - control: counts of stable pods that run now (same node first). Block by block two-sample test; q may change
///    between blocks, so load, time of day and shared outages cancel. Control comes with reports, so a block is the
///    scrapes since the last control increment; after 6 scrapes without one the history is used.
///  - history: the baseline. q then lies below an upper bound (above a lower bound for pass) that holds at all looks,
///    and each scrape is tested against the line at that bound. Assumes that q has not changed since. Where the stable
///    release was worse on this very node, the node's history counts.
///
/// Assumptions: given the past, requests of one scrape are exchangeable with a correlation of at most
/// `within_scrape_correlation`, and the share's conditional mean stays within the null. Scrape-to-scrape correlation
/// inside the null does no harm (only the conditional mean counts). What breaks them: a healthy release whose share
/// leaves the null for minutes, while no control shows it too (a shared outage with all stable pods gone).
#include "agent/core/e_process.hpp"
#include "agent/core/evidence.hpp"
#include "agent/core/stable_share.hpp"
#include "lib/base/wire.hpp"

#include <array>

namespace charon::agent {

/// What decides besides the data; the same for all metrics of a pod.
struct JudgeSettings {
  double error_ratio_effect = 0.02;
  double latency_effect = 0.10;
  double tolerance = 0.5;
  double history_error = 1e-4;   ///< probability that a metric's bound on the stable share is wrong
  double cap = 2;                ///< most that one scrape adds to the log evidence
};

/// Equal up to the last digits, which JSON numbers may lose on their way.
bool same_bounds(const std::vector<double>& a, const std::vector<double>& b);

class MetricJudge {
 public:
  /// `history` and `same_node` (null: none) are the baseline's counts of this metric; they must be valid
  /// (wire::validate). `now` starts the evidence.
  MetricJudge(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings, Time now);

  /// New settings or a newer history of the same release: the evidence goes on. A histogram's slow threshold stays; if
  /// the bounds changed, everything starts again.
  void update(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings, Time now);
  void restart(Time now);

  /// Cumulative counts of the control; the difference to the last call is what counts. Null: the control lacks it.
  void control(const wire::MetricCounts* everywhere, const wire::MetricCounts* same_node, bool continues);

  /// One scrape's increments: {good, bad}, or per bucket. Empty: the scrape failed or showed nothing of it.
  void scrape(std::span<const double> increments, Time now);
  /// The pod's histogram has other bounds than the baseline's, or has them again.
  void bounds_match(bool match) { bounds_match_ = match; }

  const std::string& metric() const { return metric_; }
  wire::MetricKind kind() const { return kind_; }
  const std::vector<double>& bounds() const { return bounds_; }
  Excluded excluded() const;
  void ignore(bool ignored) { ignored_ = ignored; }

  double log_evidence() const { return worse_.log_evidence(); }
  /// Writes everything but `metric` and `kind`.
  void describe(MetricEvidence& out) const;

 private:
  struct Window { Trials trials; double scrapes = 0; };  // control: trials and the scrapes they come from

  void read_history(const wire::MetricCounts& history, const wire::MetricCounts* same_node);
  Trials trials(const wire::MetricCounts& counts) const;
  void add_control(const wire::MetricCounts* counts, Window& last, Window& pending, bool continues) const;
  void judge_block(Time now);

  std::string metric_;
  wire::MetricKind kind_;
  std::vector<double> bounds_;
  std::size_t slow_from_ = 0;  // first bucket that is slow
  JudgeSettings settings_;
  double effect_ = 0;

  Trials history_;             // effective
  ShareBounds share_;          // for fail: high; for pass: low
  Line limit_;                 // share that is tolerated, given q
  bool bounds_match_ = true, ignored_ = false;

  Window last_all_, last_node_, pending_all_, pending_node_;
  std::uint64_t since_control_ = 0;  // scrapes; large: no control
  Trials pending_;
  double pending_scrapes_ = 0;
  Trials learnt_control_;            // effective, the past fading

  EProcess worse_;
  EProcess::Part not_worse_;
  std::array<Trials, 12> recent_{};
  std::uint64_t windows_ = 0;
};

}  // namespace charon::agent
