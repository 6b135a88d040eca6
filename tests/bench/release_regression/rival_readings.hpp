#pragma once
/// What the rivals read from scrapes: of each pod and scrape one number per metric, as a dashboard's queries would show it,
/// and the counts that thresholds on request rates need.
#include "tests/bench/release_regression/world.hpp"

#include <array>
#include <vector>

namespace charon::bench {

/// NaN: not known in this scrape (lost, the first of a pod, no requests, no such series).
using MetricValues = std::array<double, metric_count>;

struct RivalReading {
  /// errors: share of 5xx; requests: per second; histograms: mean duration in seconds; gauges: as they are; rates: per
  /// second; restarts: 1 where the process is a new one, else 0.
  MetricValues values;
  double good = 0, bad = 0;                 ///< requests since the pod's last scrape
  std::array<double, buckets> durations{};  ///< http latency: requests up to each bound since the last scrape, cumulative over bounds
  std::span<const double> bounds;           ///< of `durations`, seconds, without +Inf; empty: nothing known
};

class PodReadings {
 public:
  void begin() { pods_.clear(); }
  /// A reset counter counts from 0, as in PromQL's rate(). Times in seconds.
  RivalReading read(const PodScrape& pod, double time);

 private:
  struct Last {
    int release = 0, pod = 0;
    const Schema* schema = nullptr;
    double time = 0;
    std::vector<double> values;
  };
  Last& last_of(const PodScrape& pod);

  std::vector<Last> pods_;
};

/// PromQL's histogram_quantile of increments that are cumulative over `bounds` and +Inf: linear within a bucket from 0 on,
/// the highest finite bound beyond it. NaN without observations.
double histogram_quantile(double quantile, std::span<const double> cumulative, std::span<const double> bounds);

}  // namespace charon::bench
