#include "tests/bench/real_faults/judges.hpp"

#include "agent/core/anomalyzer.hpp"
#include "tests/bench/real_faults/charon_judge.hpp"
#include "tests/bench/release_regression/kayenta_judge.hpp"
#include "tests/bench/release_regression/threshold_column.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace charon::bench {
namespace {

bool is_latency(std::string_view metric) { return metric.find("Latency") != std::string_view::npos; }
bool is_workload(std::string_view metric) { return metric.find("Workload") != std::string_view::npos; }

std::vector<double> known(const std::vector<double>& values) {
  std::vector<double> out = values;
  std::erase_if(out, [](double value) { return std::isnan(value); });
  return out;
}

double anomalyzer_score(const Window& window) {
  using Method = agent::AnomalyzerMethod;
  agent::RandomPermutations permutations(0);
  double highest = 0;
  for (std::size_t metric = 0; metric < window.metrics.size(); ++metric) {
    const auto baseline = known(window.baseline[metric]);
    const double top = baseline.empty() ? 0 : *std::max_element(baseline.begin(), baseline.end());
    agent::AnomalyzerSettings settings;  // the ancestor's, as in anomalyzer_column.hpp
    settings.sensitivity = 0.01;
    settings.upper_bound = top > 0 ? 2 * top : 1;
    settings.methods = {Method::diff, Method::fence, Method::highrank, Method::lowrank, Method::magnitude};
    auto engine = agent::Anomalyzer::create(settings).value();
    for (const double value : baseline) engine.push(value);
    for (const double value : known(window.candidate[metric])) {
      engine.push(value);
      if (const auto score = engine.score_above(highest, permutations)) highest = *score;
    }
  }
  return highest;
}

double kayenta_change(const Window& window, double limit) {
  constexpr std::array<double, 3> weights = {35, 35, 30};
  std::vector<KayentaMetric> metrics;
  for (std::size_t i = 0; i < window.metrics.size(); ++i) {
    const std::string& name = window.metrics[i];
    auto control = window.baseline[i];
    auto experiment = window.candidate[i];
    const auto direction = is_workload(name) ? KayentaDirection::decrease : KayentaDirection::increase;
    const std::size_t group = is_latency(name) ? 0 : is_workload(name) ? 1 : 2;
    metrics.push_back({group, kayenta_compare(control, experiment, direction, {})});
  }
  return largest_failing_change(metrics, weights, limit);
}

double threshold_excess(const Window& window, bool of_stable) {
  for (std::size_t i = 0; i < window.metrics.size(); ++i) {
    if (window.metrics[i] != "PodServerLatencyP99(s)") continue;
    double limit = threshold_settings_documented.highest_p99;
    if (of_stable) {
      auto baseline = known(window.baseline[i]);
      if (baseline.empty()) return 0;
      std::nth_element(baseline.begin(), baseline.begin() + static_cast<std::ptrdiff_t>(baseline.size() / 2), baseline.end());
      limit = threshold_settings_ratio.highest_p99_ratio * baseline[baseline.size() / 2];
    }
    auto rows = known(window.candidate[i]);
    if (rows.size() < failed_checks_to_roll_back) return 0;
    std::sort(rows.begin(), rows.end(), std::greater<>());
    return rows[failed_checks_to_roll_back - 1] / limit;
  }
  return 0;
}

const std::array<RowJudge, 6> judges{{
    {"charon", charon_score, std::log(1000.)},
    {"anomalyzer", anomalyzer_score, 0.85},
    {"kayenta", [](const Window& window) { return kayenta_change(window, KayentaSettings{}.pass); }, 0},
    {"kayenta_critical", [](const Window& window) { return kayenta_change(window, 100); }, 0},
    {"threshold", [](const Window& window) { return threshold_excess(window, false); }, 1},
    {"threshold_ratio", [](const Window& window) { return threshold_excess(window, true); }, 1},
}};

}  // namespace

std::span<const RowJudge> row_judges() { return judges; }

}  // namespace charon::bench
