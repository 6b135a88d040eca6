#pragma once
/// Evidence from the endpoint itself: scrapes that fail after the target had answered, and processes that start anew.
/// Baselines do not tell how often that happens to the stable release, so the nulls are documented priors:
///  - scrape failures: a healthy pod's scrape fails with a probability of at most 2% after one that went well, and at
///    most 60% after one that failed (an outage of the endpoint ends with at least 40% by each next scrape). Ten failures
///    in a row have a probability of 1% then, thirty one of 4e-7.
///  - process restarts: at most one in 200 scrapes.
/// Both are simple Bernoulli e-variables in the joint filtration; bounded and mixed over starts as every other evidence.
/// Before the first successful scrape nothing is counted (a starting pod answers when it answers), nor after SIGTERM.
#include "agent/core/e_process.hpp"
#include "agent/core/evidence.hpp"

#include <array>

namespace charon::agent {

inline constexpr std::string_view scrape_failures_metric = "scrape_failures";
inline constexpr std::string_view process_restarts_metric = "process_restarts";

class AvailabilityJudge {
 public:
  AvailabilityJudge();
  void restart(Time now);
  void scrape_succeeded(bool process_restarted, double cap, Time now);
  /// Does nothing before the first success since construction.
  void scrape_failed(double cap, Time now);

  double log_failures() const { return failures_.log_evidence(); }
  double log_restarts() const { return restarts_.log_evidence(); }
  void describe_failures(MetricEvidence& out) const;
  void describe_restarts(MetricEvidence& out) const;

 private:
  void answered(bool failed, double cap, Time now);

  EProcess failures_, restarts_;
  bool up_ = false;         // answered at least once
  bool failed_before_ = false;
  std::array<Trials, 12> recent_failures_{}, recent_restarts_{};
  std::uint64_t scrapes_ = 0, answers_ = 0;
};

}  // namespace charon::agent
