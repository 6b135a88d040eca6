#pragma once
/// A pod that serves requests of known quality and shows them as an exposition would; a seeded source of truth for tests.
#include "agent/core/detector.hpp"

#include <array>
#include <cmath>
#include <random>

namespace charon::agent::test {

inline constexpr std::array<double, 5> bounds{0.05, 0.1, 0.25, 0.5, 1.0};
inline constexpr std::array<std::string_view, 6> le{"0.05", "0.1", "0.25", "0.5", "1", "+Inf"};

/// Shares per scrape. `slow`: of requests above 0.25 s.
struct Quality {
  double requests = 100;  ///< mean per scrape
  double errors = 0.001;
  double slow = 0.05;
  double overdispersion = 0;   ///< correlation of requests within a scrape (beta-binomial)
};

class SimulatedPod {
 public:
  explicit SimulatedPod(std::uint32_t seed) : random_(seed) {}

  /// Serves one scrape interval's requests.
  void serve(const Quality& quality) {
    const auto requests = std::poisson_distribution<int>(quality.requests)(random_);
    const auto bad = draw(requests, quality.errors, quality.overdispersion);
    const auto slow = draw(requests, quality.slow, quality.overdispersion);
    good += requests - bad;
    failed += bad;
    // Fast ones: 60% within 50 ms, the rest within 250 ms; slow ones within 1 s.
    const int fast = requests - slow;
    const int quick = fast * 6 / 10;
    buckets[0] += quick;
    buckets[2] += fast - quick;
    buckets[4] += slow;
  }

  /// Feeds one scrape; `now` moves by 5 s.
  void scrape(Detector& detector) {
    now += Duration{5'000};
    show(detector);
  }
  /// Feeds the scrape of now, also one that another detector was fed.
  void show(Detector& detector) {
    detector.begin_scrape(now);
    emit(detector);
    detector.end_scrape();
  }
  void fail_scrape(Detector& detector) {
    now += Duration{5'000};
    detector.scrape_failed(now);
  }
  void step(Detector& detector, const Quality& quality) {
    serve(quality);
    scrape(detector);
  }
  void restart() {
    good = failed = 0;
    buckets.fill(0);
    process_start += 1'000;
  }

  void emit(Detector& detector) const {
    const std::array<LabelView, 1> ok{{{"code", "200"}}}, error{{{"code", "500"}}};
    detector.observe({.family = "http_requests_total", .name = "http_requests_total", .labels = ok, .value = good, .type = FamilyType::counter, .timestamp = {}});
    if (failed > 0)
      detector.observe({.family = "http_requests_total", .name = "http_requests_total", .labels = error, .value = failed, .type = FamilyType::counter, .timestamp = {}});
    double cumulative = 0;
    for (std::size_t i = 0; i < le.size(); ++i) {
      cumulative += buckets[i];
      const std::array<LabelView, 1> bucket{{{"le", i + 1 < le.size() ? le_names[i] : le[i]}}};
      detector.observe({.family = "http_request_duration_seconds", .name = "http_request_duration_seconds_bucket", .labels = bucket, .value = cumulative, .type = FamilyType::histogram, .timestamp = {}});
    }
    if (process_start > 0) detector.observe({.family = "process_start_time_seconds", .name = "process_start_time_seconds", .labels = {}, .value = process_start, .type = FamilyType::gauge, .timestamp = {}});
  }

  int draw(int n, double share, double correlation) {
    if (correlation > 0 && share > 0 && share < 1) {
      const double size = 1 / correlation - 1;
      const double a = std::gamma_distribution<double>(share * size)(random_), b = std::gamma_distribution<double>((1 - share) * size)(random_);
      share = a + b > 0 ? a / (a + b) : share;
    }
    return std::binomial_distribution<int>(n, std::clamp(share, 0.0, 1.0))(random_);
  }
  std::mt19937& random() { return random_; }

  double good = 0, failed = 0, process_start = 1.7e9;
  std::array<double, 6> buckets{};
  std::array<std::string_view, 5> le_names{le[0], le[1], le[2], le[3], le[4]};
  Time now{Duration{1'800'000'000'000}};

 private:
  std::mt19937 random_;
};

/// What a stable pod's agent reports, as the only one; on no node in particular.
inline wire::Baseline baseline_of(const Detector& stable) {
  wire::Report report;
  stable.fill(report);
  return {.version = 1, .release = "stable", .pods = 1, .metrics = report.totals, .same_node = {}, .levels = report.levels, .same_node_levels = {}, .spreads = {}};
}
/// What `scrapes` scrapes of a stable pod of that quality left behind.
inline wire::Baseline baseline_of(const Quality& quality, int scrapes, std::uint32_t seed = 7) {
  wire::AgentPolicy policy;
  Detector detector(policy, 0);
  SimulatedPod pod(seed);
  for (int i = 0; i <= scrapes; ++i) pod.step(detector, quality);
  return baseline_of(detector);
}

inline const MetricEvidence* find_metric(const Evidence& evidence, std::string_view name) {
  for (const MetricEvidence& metric : evidence.metrics)
    if (metric.metric == name) return &metric;
  return nullptr;
}

}  // namespace charon::agent::test
