#include "tests/bench/release_regression/kayenta_judge.hpp"

#include "tests/bench/release_regression/kayenta_shift.hpp"

#include <cmath>
#include <numeric>

namespace charon::bench {
namespace {

void clean(std::vector<double>& values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  remove_outliers(values);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Both samples are one value each: Kayenta adds noise of 1e-5 of the value, so that the interval is the difference.
bool constant(const std::vector<double>& values) { return values.front() == values.back(); }

}  // namespace

KayentaFinding kayenta_compare(std::vector<double>& control, std::vector<double>& experiment, KayentaDirection direction,
                               const KayentaSettings& settings) {
  clean(control);
  clean(experiment);
  KayentaFinding finding;
  if (control.empty() || experiment.empty()) return finding;
  finding.data = true;
  if (control == experiment) return finding;
  const bool increase = direction == KayentaDirection::increase;
  Shift shift;
  if (constant(control) && constant(experiment)) {
    shift.lower = shift.estimate = shift.upper = experiment.front() - control.front();
    if (shift.estimate == 0) return finding;
  } else {
    if (!(increase ? shift_is_positive(control, experiment, settings.confidence)
                   : shift_is_positive(experiment, control, settings.confidence))) {
      return finding;
    }
    shift = mann_whitney_shift(control, experiment, settings.confidence);
  }
  const double bound = settings.tolerance * std::abs(shift.estimate);
  if (increase ? shift.lower <= bound : shift.upper >= -bound) return finding;
  // Kayenta takes a ratio of 1 where the control's mean is 0; a raised `allowedIncrease` would excuse every first error.
  const double base = mean(control);
  const double now = mean(experiment);
  if (base == 0) {
    finding.change = std::numeric_limits<double>::infinity();
  } else {
    finding.change = increase ? now / base - 1 : base / now - 1;
  }
  return finding;
}

double kayenta_score(std::span<const KayentaMetric> metrics, std::span<const double> weights, double allowed_change) {
  double score = 0;
  for (std::size_t group = 0; group < weights.size(); ++group) {
    int all = 0, passed = 0;
    for (const KayentaMetric& metric : metrics) {
      if (metric.group != group || !metric.finding.data) continue;
      ++all;
      if (!metric.finding.fails(allowed_change)) ++passed;
    }
    if (all > 0) score += weights[group] * passed / all;
  }
  return score;
}

double largest_failing_change(std::span<const KayentaMetric> metrics, std::span<const double> weights, double limit) {
  double largest = -std::numeric_limits<double>::infinity();
  for (const KayentaMetric& metric : metrics) {
    const double change = metric.finding.change;
    if (change > largest && kayenta_score(metrics, weights, change) < limit) largest = change;
  }
  return largest;
}

}  // namespace charon::bench
