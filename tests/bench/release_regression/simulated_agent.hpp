#pragma once
/// One agent beside a simulated pod, and what the coordinator keeps of it.
///
/// It reports when agent::ReportPolicy says so, as the product's reporter (agent/shell/reporter.cpp) does: each five seconds
/// or so, and soon after its verdict changed into or out of fail. What comes back, the control and the baseline's version, is
/// what its next scrapes are judged by.
#include "agent/core/detector.hpp"
#include "agent/core/report_policy.hpp"
#include "coordinator/core/workload.hpp"
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

struct SimulatedAgent {
  SimulatedAgent(const PodScrape& pod, const wire::AgentPolicy& policy, double share);

  /// The scrape, and whether its verdict is news.
  void scrape(const PodScrape& pod);
  /// From now on it reports by its schedule. `first_after`: at most one interval.
  void begin_reports(Duration interval, Duration first_after);
  Time due() const { return schedule->due(); }
  /// What it has to say now; `before` is what it said last.
  const wire::Report& report(Time now);
  void replied(const wire::Control& control, const coordinator::BaselineStore& store, Time now);
  void learn_baseline(const coordinator::BaselineStore& store);

  std::unique_ptr<agent::Detector> detector;
  std::optional<agent::ReportPolicy> schedule;  ///< while a release is judged
  Duration scrape_interval;
  coordinator::AgentRecord known;
  wire::Report before;
  Time scraped{};                               ///< last
  std::uint64_t baseline_version = 0;
  std::uint32_t seed = 0;
};

}  // namespace charon::bench
