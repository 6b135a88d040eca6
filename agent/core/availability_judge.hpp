#pragma once
/// Evidence from the endpoint itself: scrapes that fail after the target had answered, and processes that start anew.
/// Baselines do not tell how often that happens to the stable release, so the nulls are documented priors:
///  - scrape failures: a healthy pod's scrape fails with a probability of at most 2% after one that went well, and at
///    most 60% after one that failed (an outage of the endpoint ends with at least 40% by each next scrape). Ten failures
///    in a row have a probability of 1% then, thirty one of 4e-7.
///  - process restarts: at most one each 2 hours, by the time between scrapes; alternatives one each 15, 5 and 1 minutes, and 15 seconds.
/// Both are simple Bernoulli likelihood ratios in the joint filtration, mixed over onsets as every other evidence.
/// Before the first successful scrape nothing is counted (a starting pod answers when it answers), nor after SIGTERM.
/// Sources: sums of e-processes begun one after the other: J. Shin, A. Ramdas, A. Rinaldo, "E-detectors" (arXiv 2203.03532), there
/// with a bound on the average run length; here onsets have weights that sum to 1, which bounds the probability of ever being
/// wrong (onset_mixture.hpp). The nulls are simple and assumed, so no composite one is tested.
#include "agent/core/evidence.hpp"
#include "lib/detection/count_evidence.hpp"

#include <array>

namespace charon::agent {

inline constexpr std::string_view scrape_failures_metric = "scrape_failures";
using wire::process_restarts_metric;

class AvailabilityJudge {
 public:
  void restart();
  void scrape_succeeded(bool process_restarted, Time now);
  /// Does nothing before the first success since construction.
  void scrape_failed(Time now);

  double log_failures() const { return failures_.log_evidence(); }
  double log_restarts() const { return restarts_.log_evidence(); }
  /// log of the e-value against "restarts each 5 minutes from the start".
  double log_pass_restarts() const { return log_pass_restarts_; }
  /// What restarts add to the evidence of all pods together, one number for each alternative; their weight is not known here.
  /// The first one adds nothing: a reload of what all are configured by restarts each of them once.
  wire::MetricRatios restart_ratios() const;
  void describe_failures(MetricEvidence& out) const;
  void describe_restarts(MetricEvidence& out) const;

 private:
  static constexpr std::size_t recent = 12;  // scrapes
  void answered(bool failed, Time now);
  void lived(double seconds, bool restarted, Time now);

  detection::OnsetMixture<1> failures_;
  detection::OnsetMixture<detection::effect_multiples.size()> restarts_;
  std::array<double, detection::effect_multiples.size()> restart_sums_{};
  Time began_{};                // of restart_sums_
  bool restarted_before_ = false;
  double log_pass_restarts_ = 0, interval_ = 0;  // interval: seconds between the last two answers
  bool up_ = false;         // answered at least once
  bool failed_before_ = false;
  Time answered_at_{};
  std::array<bool, recent> recent_failures_{}, recent_restarts_{};
  std::uint64_t scrapes_ = 0, answers_ = 0;
};

}  // namespace charon::agent
