#include "lib/detection/shift_evidence.hpp"

#include "lib/detection/over_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::detection {
namespace {

constexpr double start_weight = 0.5;
constexpr double healthy = 1 / 3.0;  // of what matters: the alternative of Pass, against which pods that stand a little high by themselves pass too
constexpr double beyond_assumed = 100;  // variances: as good as nothing known
constexpr std::size_t least_past = 24;  // scrapes that tell where a pod stands by themselves: among fewer, a spike would
constexpr std::size_t least_trend = 12;  // scrapes; a shock that a correlated gauge remembers looks like growth for a while

}  // namespace

ShiftEvidence::ShiftEvidence(const ShiftSettings& settings) : settings_(settings), weights_(variance_weights(settings.degrees)) {
  // A pod that stands off by more than is assumed must not look like one that got there.
  if (settings.assumed && settings.shape == Shape::trend) settings_.prior_variance *= beyond_assumed;
}

void ShiftEvidence::tick() {
  const std::size_t at = age_++;
  if (at % grid_scrapes != 0 || at > horizon_scrapes || size_ == parts_.size()) return;
  if (at > 0 && (!settings_.late || (settings_.assumed && at < least_past) || parts_.front().g <= 0)) return;
  Part part;
  part.start = at;
  part.weight = at == 0 ? start_weight : (1 - start_weight) / static_cast<double>(late_onsets);
  if (at > 0) {  // B as the pod's own past shows it, which is an observation of it
    const Part& past = parts_.front();
    const double precision = past.g + (settings_.assumed ? 0 : 1 / settings_.prior_variance);
    part.g = 1 / std::max(1 / precision, settings_.wander);
    part.s = part.g * past.s / precision;
    if (settings_.shape == Shape::trend) part.tolerated = settings_.tolerance * (static_cast<double>(at) - past.gh / past.g);
  }
  cash_ = std::max(cash_ - part.weight, 0.0);
  parts_[size_++] = part;
}

void ShiftEvidence::control_changed(double variance) {
  for (Part& part : std::span(parts_).first(size_)) {
    part.seen = 0;
    if (part.g <= 0) continue;
    const double y = part.s / part.g, h = part.gh / part.g, lost = variance * part.g / (1 + variance * part.g);
    part.sh -= lost * y * part.gh;
    part.ghh -= lost * h * part.gh;
    part.g -= lost * part.g;
    part.gh -= lost * part.gh;
    part.s -= lost * part.s;
  }
}

void ShiftEvidence::observe(double y, double precision) {
  for (Part& part : std::span(parts_).first(size_)) {
    const double h = settings_.shape == Shape::level ? 1 : static_cast<double>(age_ - part.start);
    const double weighted = precision * h;
    ++part.seen;
    part.g += precision;
    part.gh += weighted;
    part.ghh += weighted * h;
    part.s += precision * (y - part.tolerated);
    part.sh += weighted * (y - part.tolerated);
  }
  judge();
}

/// The logarithm of a part's marginal likelihood as a function of D, but for what no D changes.
class ShiftEvidence::Marginal {
 public:
  Marginal(const Part& part, const ShiftEvidence& of) : part_(part), precision_(part.g + (part.start > 0 ? 0 : 1 / of.settings_.prior_variance)), half_variance_(1 / (2 * precision_)) {
    if (part.start > 0) return;
    for (std::size_t i = 0; i < variance_factors.size(); ++i) {
      const double v = of.settings_.prior_variance * variance_factors[i];
      weights_[i] = of.weights_[i] / std::sqrt(1 + v * part.g);
      half_variances_[i] = v / (2 * (1 + v * part.g));
    }
  }
  double at(double d) const {
    if (part_.start > 0) return at_known_variance(d);
    const double own = d * part_.sh - d * d * part_.ghh / 2;
    const double rest = part_.s - d * part_.gh, square = rest * rest;
    const double largest = half_variances_.back();  // of the widest prior
    double sum = 0;
    for (std::size_t i = 0; i < variance_factors.size(); ++i) sum += weights_[i] * std::exp(square * (half_variances_[i] - largest));
    return own + square * largest + std::log(sum);
  }
  /// As if B's variance were the prior's for sure.
  double at_known_variance(double d) const {
    const double rest = part_.s - d * part_.gh;
    return d * part_.sh - d * d * part_.ghh / 2 + rest * rest * half_variance_;
  }

  /// What is known of D, as precision.
  double known() const { return std::max(part_.ghh - part_.gh * part_.gh / precision_, 0.0); }

 private:
  const Part& part_;
  double precision_, half_variance_;                                        // of B, where the past told it
  std::array<double, variance_factors.size()> weights_{}, half_variances_{};  // else by X
};

void ShiftEvidence::judge() {
  double sum = cash_, strongest = 0, assumed = 0;
  for (std::size_t i = size_; i-- > 0;) {
    const Part& part = parts_[i];
    if (settings_.shape == Shape::trend && age_ - part.start < least_trend) {
      sum += part.weight;
      continue;
    }
    const Marginal marginal(part, *this);
    double surer = 1;
    if (settings_.shape == Shape::trend) surer += 2 * settings_.wander / std::pow(std::max<double>(static_cast<double>(part.seen), 1), 2) * marginal.known();
    const double null = marginal.at(settings_.tolerance);
    const OverSizes sizes = over_sizes(settings_.sizes, [&](double size) { return (marginal.at(size) - null) / surer; });
    double own = part.weight * sizes.mean;
    if (settings_.assumed && settings_.shape == Shape::level && i == 0 && own > part.weight) {
      assumed = own - part.weight;
      own = part.weight;
    }
    sum += own;
    if (own > strongest) {
      strongest = own;
      likeliest_ = part.start;
    }
    if (i > 0 && sizes.hopeless()) parts_[i] = parts_[--size_];
  }
  // All that began may have come to nothing: then the rest is rounding, and its logarithm not to be climbed back from.
  const auto climb = [&](double from, double to) { return std::min(std::log(std::max(to, 1e-7)), from + settings_.cap); };
  log_evidence_ = climb(log_evidence_, sum);
  log_evidence_assumed_ = settings_.assumed ? climb(log_evidence_assumed_, sum + assumed) : log_evidence_;
  if (log_evidence_ <= 0) rising_from_ = age_;
}

ShiftEvidence::Mean ShiftEvidence::from_start() const {
  const Part& start = parts_.front();
  return start.g > 0 ? Mean{start.s / start.g, start.g} : Mean{};
}

double ShiftEvidence::log_pass_evidence() const {
  if (size_ == 0) return 0;
  const Marginal marginal(parts_.front(), *this);
  return marginal.at_known_variance(healthy * settings_.matters) - marginal.at_known_variance(settings_.matters);
}

// With the mean y of precision g, and w = 1/v, the evidence is K g w / (g + w), K = ((y - m)^2 - (y - m/3)^2) / 2: what all
// scrapes together can show is K w.
double ShiftEvidence::pass_takes(double needed) const {
  constexpr double never = std::numeric_limits<double>::infinity();
  const auto [y, g] = from_start();
  const double m = settings_.matters, w = 1 / settings_.prior_variance;
  const double k = ((y - m) * (y - m) - (y - healthy * m) * (y - healthy * m)) / 2;
  return g > 0 && k * w > needed ? needed * w / (k * w - needed) / g : never;
}

bool ShiftEvidence::can_pass(double needed) const {
  return settings_.matters * settings_.matters * (1 - healthy * healthy) / 2 / settings_.prior_variance > needed;
}

}  // namespace charon::detection
