#include "lib/detection/shift_evidence.hpp"

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

constexpr double start_weight = 0.5;
constexpr double negligible = -16;  // nats; such a part adds less than 2e-7 to the mixture

}  // namespace

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

ShiftEvidence::Profile ShiftEvidence::profile(const Part& part) {
  const double total = part.g + part.prior_precision;
  const double known = part.s + part.prior_mean * part.prior_precision;
  return {part.sh - known * part.gh / total, part.ghh - part.gh * part.gh / total};
}

double ShiftEvidence::log_ratio(const Profile& p, double d1, double d0) const {
  return (d1 - d0) * p.score - (d1 * d1 - d0 * d0) * p.information / 2;
}

void ShiftEvidence::judge() {
  double sum = cash_, strongest = 0;
  // Few ratios pass e^700 and none matters then: the sum saturates instead of overflowing.
  for (const Part& part : std::span(parts_).first(size_)) {
    const Profile p = profile(part);
    double own = 0;
    for (const double size : settings_.sizes) {
      const double ratio = log_ratio(p, size, settings_.tolerance);
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
  if (size_ > 0) log_pass_evidence_ = log_ratio(profile(parts_.front()), settings_.tolerance, settings_.matters);
}

double ShiftEvidence::mean() const { return size_ > 0 && parts_.front().g > 0 ? parts_.front().s / parts_.front().g : 0; }

}  // namespace charon::detection
