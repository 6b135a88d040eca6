#include "lib/detection/level_filter.hpp"

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

constexpr double clip = 2.5;         // robust deviations
constexpr int most_doublings = 8;
constexpr double level_memory = 40;  // scrapes that the running level averages over

}  // namespace

LevelFilter::Observation LevelFilter::first(double d, double prior_deviation) {
  started_ = true;
  level_ = last_ = d;
  taken_ = 1;
  const double deviation = noise_ / std::sqrt(1 - phi_ * phi_);
  const double likely = clip * std::hypot(deviation, prior_deviation);
  const double weight = std::abs(d) > likely ? likely / std::abs(d) : 1;
  return {d, weight * weight / (deviation * deviation)};
}

LevelFilter::Observation LevelFilter::pass(double d, double prior_deviation, double scrapes) {
  if (!started_) return first(d, prior_deviation);
  const double phi = scrapes == 1 ? phi_ : std::pow(phi_, scrapes);
  const double usual = noise_ * std::sqrt(std::max(1 - phi * phi, 1e-9) / (1 - phi_ * phi_));
  const double by_phi = errors_of_phi * phi_error_ * (last_ - level_);
  const double noise = std::sqrt(usual * usual + by_phi * by_phi);
  const double predicted = level_ + phi * (last_ - level_);
  const double residual = d - predicted;
  const int doublings = std::min(std::abs(in_a_row_), most_doublings);
  const bool same_side = residual > 0 ? in_a_row_ >= 0 : in_a_row_ <= 0;
  const double bound = clip * noise * (same_side ? std::exp2(doublings) : 1);
  const double bounded = std::clamp(residual, -bound, bound);
  if (std::abs(residual) <= clip * noise) in_a_row_ = 0;
  else in_a_row_ = residual > 0 ? std::max(in_a_row_, 0) + 1 : std::min(in_a_row_, 0) - 1;
  const double weight = std::abs(residual) > bound ? bound / std::abs(residual) : 1;
  const double y = (d - phi * last_) / (1 - phi), surely = (1 - std::min(phi + errors_of_phi * phi_error_, 0.995)) * weight / noise;
  last_ = d;  // as it was: a shock that an AR(1) process remembers is told once, as one residual of bounded influence
  taken_ = std::min(taken_ + 1, level_memory);
  level_ += (predicted + bounded - level_) / taken_;
  return {y, surely * surely};
}

}  // namespace charon::detection
