#include "lib/detection/level_filter.hpp"

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

constexpr double clip = 2.5;         // robust deviations
constexpr int most_doublings = 8;
constexpr double level_memory = 40;  // scrapes that the running level averages over

}  // namespace

LevelFilter::Observations LevelFilter::pass(double d, double scrapes) {
  Observations out;
  if (started_) {
    out.list[out.size++] = take(d, scrapes);
    return out;
  }
  first_[held_++] = d;
  if (held_ < first_.size()) return out;
  auto sorted = first_;
  std::sort(sorted.begin(), sorted.end());
  started_ = true;
  level_ = sorted[1];
  taken_ = 1;
  const double deviation = noise_ / std::sqrt(1 - phi_ * phi_);
  last_ = std::clamp(first_[0], level_ - clip * deviation, level_ + clip * deviation);
  out.list[out.size++] = {last_, 1 / (deviation * deviation), 0};
  out.list[out.size++] = take(first_[1], 1);
  out.list[out.size++] = take(first_[2], 1);
  return out;
}

LevelFilter::Observation LevelFilter::take(double d, double scrapes) {
  const double phi = std::pow(phi_, scrapes);
  const double noise = noise_ * std::sqrt(std::max(1 - phi * phi, 1e-9) / (1 - phi_ * phi_));
  const double predicted = level_ + phi * (last_ - level_);
  const double residual = d - predicted;
  const int doublings = std::min(std::abs(in_a_row_), most_doublings);
  const bool same_side = residual > 0 ? in_a_row_ >= 0 : in_a_row_ <= 0;
  const double bound = clip * noise * (same_side ? std::exp2(doublings) : 1);
  const double bounded = std::clamp(residual, -bound, bound);
  if (std::abs(residual) <= clip * noise) in_a_row_ = 0;
  else in_a_row_ = residual > 0 ? std::max(in_a_row_, 0) + 1 : std::min(in_a_row_, 0) - 1;
  const double value = predicted + bounded;
  Observation out{(value - phi * last_) / (1 - phi), (1 - phi) * (1 - phi) / (noise * noise), bounded / noise};
  last_ = value;
  taken_ = std::min(taken_ + 1, level_memory);
  level_ += (value - level_) / taken_;
  return out;
}

}  // namespace charon::detection
