#include "lib/detection/shift_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::detection {
namespace {

constexpr double start_weight = 0.5;
constexpr double negligible = -16;  // nats; such a part adds less than 2e-7 to the mixture

double factor(std::size_t i) { return std::exp2(static_cast<double>(i) - 2); }

}  // namespace

ShiftEvidence::ShiftEvidence(const ShiftSettings& settings) : settings_(settings) {
  // Density of log X where 1/X ~ chi^2 / degrees.
  double sum = 0;
  for (std::size_t i = 0; i < grid_of_variances; ++i) {
    log_weights_[i] = -settings.degrees / 2 * (std::log(factor(i)) + 1 / factor(i));
    sum += std::exp(log_weights_[i] + settings.degrees / 2);
  }
  for (double& log : log_weights_) log -= std::log(sum) - settings.degrees / 2;
}

void ShiftEvidence::tick() {
  const std::size_t at = age_++;
  if (at % grid_scrapes != 0 || at > horizon_scrapes || size_ == parts_.size()) return;
  if (at > 0 && !settings_.late) return;
  Part part;
  part.start = at;
  part.weight = at == 0 ? start_weight : (1 - start_weight) / static_cast<double>(late_onsets);
  part.prior_precision = 1 / settings_.prior_variance;
  if (at > 0 && size_ > 0) {  // B as the pod's own past shows it
    const Part& past = parts_.front();
    const double precision = past.prior_precision + past.g;
    part.prior_mean = past.s / precision;
    part.prior_precision = 1 / std::max(1 / precision, settings_.wander);
  }
  cash_ -= part.weight;
  parts_[size_++] = part;
}

void ShiftEvidence::observe(double y, double precision) {
  for (Part& part : std::span(parts_).first(size_)) {
    const double h = settings_.shape == Shape::level ? 1 : static_cast<double>(age_ - part.start);
    const double weighted = precision * h;
    part.g += precision;
    part.gh += weighted;
    part.ghh += weighted * h;
    part.s += precision * y;
    part.sh += weighted * y;
  }
  judge();
}

double ShiftEvidence::log_marginal(const Part& part, double d) const {
  const double own = d * part.sh - d * d * part.ghh / 2;
  if (part.start > 0) {
    const double rest = part.s + part.prior_mean * part.prior_precision - d * part.gh;
    return own + rest * rest / (2 * (part.g + part.prior_precision));
  }
  const double rest = part.s - d * part.gh;
  std::array<double, grid_of_variances> logs{};
  double largest = std::numeric_limits<double>::lowest();
  for (std::size_t i = 0; i < grid_of_variances; ++i) {
    const double v = settings_.prior_variance * factor(i);
    logs[i] = log_weights_[i] + rest * rest / (2 * (part.g + 1 / v)) - std::log1p(v * part.g) / 2;
    largest = std::max(largest, logs[i]);
  }
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - largest);
  return own + largest + std::log(sum);
}

void ShiftEvidence::judge() {
  double sum = cash_, strongest = 0;
  // Few ratios pass e^700 and none matters then: the sum saturates instead of overflowing.
  for (const Part& part : std::span(parts_).first(size_)) {
    const double null = log_marginal(part, settings_.tolerance);
    double own = 0;
    for (const double size : settings_.sizes) {
      const double ratio = log_marginal(part, size) - null;
      if (ratio > negligible) own += std::exp(std::min(ratio, 600.0));
    }
    own *= part.weight / static_cast<double>(effect_sizes);
    sum += own;
    if (own > strongest) {
      strongest = own;
      likeliest_ = part.start;
    }
  }
  log_evidence_ = std::min(std::log(sum), log_evidence_ + settings_.cap);
  if (size_ > 0) log_pass_evidence_ = log_marginal(parts_.front(), 0) - log_marginal(parts_.front(), settings_.matters);
}

double ShiftEvidence::mean() const { return size_ > 0 && parts_.front().g > 0 ? parts_.front().s / parts_.front().g : 0; }

}  // namespace charon::detection
