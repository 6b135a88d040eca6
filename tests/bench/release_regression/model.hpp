#pragma once
/// The generative model of a healthy service: 20 metrics of a pod, and how they vary. Plain numbers, all with their unit.
///
/// Gauges and rates of counters: log value = base + load_elasticity * log load + node effect + pod effect + transient(age)
/// + x, with x an AR(1) of standard deviation `sd` and coefficient phi per scrape (the cache ratio: logit instead of log).
/// Effects of nodes persist over releases, those of pods are drawn per pod; both are Gaussian on that scale.
/// Requests of a scrape: Poisson of rps * seconds * load * Gamma(mean 1, cv). Errors: binomial of these with the ratio
/// base * exp(node + pod) * Gamma(mean 1, cv). Durations: log-normal of which the median moves by node + pod + transient +
/// an independent N(0, wobble) each scrape; only the bucket counts and the sum are shown.
/// Over-dispersion of counts is independent from scrape to scrape: phi is the gauges' alone.
///
/// The figures are those of an ordinary HTTP service in Go; spreads are what one sees between equal pods on equal machines
/// (a few percent for memory, more for queues and processor). Medians of durations differ by 2% between pods: with 5% no
/// judge of three pods could ever exclude a slow-down by 1.2 on each of them, and Pass would be an empty word.
#include <array>
#include <string_view>

namespace charon::bench {

/// The 20 metrics, in the order of `SeriesDescription::metric`.
enum Metric : int {
  errors, requests, http_latency, rpc_latency, db_latency,                                                     // counts
  memory, heap, descriptors, goroutines, threads, queue, cache_ratio, connections, in_flight, lag,            // gauges
  cpu, gc, receive, transmit,                                                                                  // rates
  restarts,
};
inline constexpr int metric_count = 20;
inline constexpr int first_histogram = http_latency, histogram_count = 3;
inline constexpr int first_gauge = memory, gauge_count = 10;
inline constexpr int first_rate = cpu, rate_count = 4;
inline constexpr int level_count = gauge_count + rate_count;  ///< metrics with an AR(1): memory..transmit

/// Start-up: amplitude * exp(-age / seconds), added on the metric's scale.
struct Transient {
  double amplitude = 0;
  double seconds = 60;
};

struct LevelModel {
  std::string_view name;
  double base;             ///< gauge: its unit; rate: unit per second; cache ratio: a share
  double sd;               ///< of the AR(1), log (cache ratio: logit)
  double load_elasticity;  ///< log per log load
  double pod_spread, node_spread;  ///< sd, log (logit)
  Transient start;
  double harmless;         ///< a change up to the tolerance, log (logit): half of what matters by lib/detection/metric_table.cpp
};

struct HistogramModel {
  std::string_view name;
  double median;           ///< seconds
  double sigma;            ///< sd of log duration between requests
  double per_request;      ///< observations for each HTTP request
  double wobble;           ///< sd of the median's log from scrape to scrape: over-dispersion
  double pod_spread, node_spread;  ///< sd of the median's log
  double load_elasticity;
  Transient start;
  double harmless;         ///< as LevelModel's, of the log
};

struct Model {
  double phi = 0;

  double requests_per_second = 100;  ///< a pod at mean load
  double requests_cv = 0.15;         ///< over-dispersion of a scrape's count
  double requests_pod_spread = 0.05; ///< sd of log rate: balancers are not perfect

  double error_ratio = 0.001;
  double errors_cv = 0.3;
  double errors_pod_spread = 0.1, errors_node_spread = 0.1;  ///< sd of log ratio

  std::array<HistogramModel, histogram_count> histograms = {{
      {"http", 0.040, 0.7, 1.0, 0.04, 0.02, 0.05, 0.10, {0.25, 45}, 0.0953},
      {"rpc", 0.015, 0.6, 0.5, 0.04, 0.02, 0.05, 0.10, {0.15, 45}, 0.0953},
      {"db", 0.006, 0.8, 2.0, 0.05, 0.02, 0.05, 0.15, {0.15, 30}, 0.2231},
  }};

  std::array<LevelModel, level_count> levels = {{
      {"memory", 180e6, 0.02, 0.05, 0.03, 0.03, {-0.4, 120}, 0.0953},
      {"heap", 70e6, 0.15, 0.1, 0.05, 0.03, {-0.5, 90}, 0.1398},
      {"descriptors", 120, 0.08, 0.3, 0.05, 0.02, {-0.2, 60}, 0.2231},
      {"goroutines", 90, 0.08, 0.4, 0.05, 0.02, {-0.15, 45}, 0.2231},
      {"threads", 14, 0.03, 0.05, 0.03, 0.03, {0, 60}, 0.2231},
      {"queue", 12, 0.30, 1.0, 0.10, 0.10, {0, 60}, 0.2231},
      // What matters is absolute, 0.1: this is 0.042 at 0.9, and no more than 0.05 for a pod that stands two standard deviations low.
      {"cache_ratio", 0.90, 0.15, 0.0, 0.10, 0.05, {-1.5, 120}, -0.40},
      {"connections", 18, 0.20, 0.7, 0.08, 0.05, {-0.3, 60}, 0.2231},
      {"in_flight", 8, 0.25, 1.0, 0.08, 0.08, {0, 60}, 0.4055},
      {"lag", 40, 0.35, 1.0, 0.15, 0.10, {0, 60}, 0.2231},
      {"cpu", 0.20, 0.12, 0.8, 0.06, 0.10, {0.5, 40}, 0.1178},
      {"gc", 0.004, 0.25, 0.9, 0.08, 0.10, {0.2, 40}, 0.2231},
      {"receive", 60e3, 0.15, 1.0, 0.05, 0.02, {0, 60}, 0.2231},
      {"transmit", 240e3, 0.15, 1.0, 0.05, 0.02, {0, 60}, 0.2231},
  }};

  double restarts_per_hour = 1.0 / 48;  ///< of a healthy pod; counters start anew, and the start's transients come again

  double day_amplitude = 0.3;  ///< load = 1 + amplitude * sin(2 pi t / day + phase), phase uniform
  double lost = 0.01;          ///< probability that a scrape fails
  double jitter = 0.25;        ///< a scrape happens up to this many seconds earlier or later, uniform
};

/// Tolerance of the share of errors, absolute; the others stand with their metrics. A harmless change reaches the tolerance in
/// every metric at once.
inline constexpr double harmless_errors = 0.005;

}  // namespace charon::bench
