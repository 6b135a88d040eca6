#include "lib/detection/shift_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::detection {
namespace {

constexpr double start_weight = 0.5;
constexpr double negligible = -16;  // nats; such a ratio adds less than 2e-7 to the mixture
constexpr double hopeless = -7;     // of a late part's best ratio: nothing began there; what its weight is worth is given up
constexpr std::size_t least_trend = 12;  // scrapes; a shock that a correlated gauge remembers looks like growth for a while
constexpr double most = 600;        // few ratios pass e^700 and none matters then: the sum saturates instead of overflowing

constexpr std::array<double, 6> variance_factors = {0.25, 0.5, 1, 2, 4, 8};

}  // namespace

ShiftEvidence::ShiftEvidence(const ShiftSettings& settings) : settings_(settings) {
  // Density of log X where 1/X ~ chi^2 / degrees.
  double sum = 0;
  for (std::size_t i = 0; i < grid_of_variances; ++i) {
    log_weights_[i] = -settings.degrees / 2 * (std::log(variance_factors[i]) + 1 / variance_factors[i]);
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
  cash_ = std::max(cash_ - part.weight, 0.0);
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

/// The marginal likelihood of a part as a function of D, but for what no D changes.
class ShiftEvidence::Marginal {
 public:
  Marginal(const Part& part, const ShiftEvidence& of) : part_(part) {
    if (part.start > 0) return;
    for (std::size_t i = 0; i < grid_of_variances; ++i) {
      const double v = of.settings_.prior_variance * variance_factors[i];
      weights_[i] = of.log_weights_[i] - std::log1p(v * part.g) / 2;
      precisions_[i] = part.g + 1 / v;
    }
  }
  double log_at(double d) const {
    const double own = d * part_.sh - d * d * part_.ghh / 2;
    if (part_.start > 0) {
      const double rest = part_.s + part_.prior_mean * part_.prior_precision - d * part_.gh;
      return own + rest * rest / (2 * (part_.g + part_.prior_precision));
    }
    const double rest = part_.s - d * part_.gh;
    std::array<double, grid_of_variances> logs{};
    double largest = std::numeric_limits<double>::lowest(), sum = 0;
    for (std::size_t i = 0; i < grid_of_variances; ++i) {
      logs[i] = weights_[i] + rest * rest / (2 * precisions_[i]);
      largest = std::max(largest, logs[i]);
    }
    for (const double log : logs)
      if (log - largest > negligible) sum += std::exp(log - largest);
    return own + largest + std::log(sum);
  }

 private:
  const Part& part_;
  std::array<double, grid_of_variances> weights_{}, precisions_{};
};

void ShiftEvidence::judge() {
  double sum = cash_, strongest = 0;
  for (std::size_t i = size_; i-- > 0;) {
    const Part& part = parts_[i];
    if (settings_.shape == Shape::trend && age_ - part.start < least_trend) {
      sum += part.weight;
      continue;
    }
    const Marginal marginal(part, *this);
    const double null = marginal.log_at(settings_.tolerance);
    double own = 0, best = std::numeric_limits<double>::lowest();
    for (const double size : settings_.sizes) {
      const double ratio = marginal.log_at(size) - null;
      best = std::max(best, ratio);
      if (ratio > negligible) own += std::exp(std::min(ratio, most));
    }
    own *= part.weight / static_cast<double>(effect_sizes);
    sum += own;
    if (i == 0) log_pass_evidence_ = marginal.log_at(0) - marginal.log_at(settings_.matters);
    if (own > strongest) {
      strongest = own;
      likeliest_ = part.start;
    }
    if (i > 0 && best < hopeless) parts_[i] = parts_[--size_];
  }
  // All that began may have come to nothing: then the rest is rounding, and its logarithm not to be climbed back from.
  log_evidence_ = std::min(std::log(std::max(sum, 1e-7)), log_evidence_ + settings_.cap);
}

double ShiftEvidence::mean() const { return size_ > 0 && parts_.front().g > 0 ? parts_.front().s / parts_.front().g : 0; }

}  // namespace charon::detection
