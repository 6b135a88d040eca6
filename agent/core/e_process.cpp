#include "agent/core/e_process.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

constexpr double at_start = 0.5;
constexpr double even = 0.25;
constexpr std::uint64_t even_starts = 30;

double weight_of(std::uint64_t start) {  // of the late start number 1, 2, ...
  if (start <= even_starts) return even / static_cast<double>(even_starts);
  const double i = static_cast<double>(start - even_starts);
  return (1 - at_start - even) / (i * (i + 1));
}

double contribution(const EProcess::Part& part) { return std::log(part.weight) + part.log_wealth; }

}  // namespace

double bounded_log_factor(double log_factor, double cap) {
  if (log_factor > cap + 2) return cap;  // far above: also keeps exp from overflowing
  return std::min(cap, std::log1p(bet_share * std::expm1(log_factor)));
}

void EProcess::restart(Time now) {
  size_ = 0;
  age_ = 0;
  starts_ = 0;
  cash_ = 1;
  start_part(at_start, now);
}

void EProcess::tick(Time now) {
  if (++age_ % grid == 0) start_part(weight_of(++starts_), now);
}

void EProcess::start_part(double weight, Time now) {
  cash_ = std::max(cash_ - weight, 0.0);
  Part* slot = nullptr;
  if (size_ < max_parts) {
    slot = &parts_[size_++];
  } else {
    slot = &*std::min_element(parts_.begin() + 1, parts_.end(), [](const Part& a, const Part& b) { return contribution(a) < contribution(b); });
  }
  *slot = Part{};
  slot->weight = weight;
  slot->lowest_at = now;
}

double EProcess::log_evidence() const {
  double largest = std::log(std::max(cash_, 1e-300));
  for (const Part& part : std::span(parts_).first(size_)) largest = std::max(largest, contribution(part));
  double sum = cash_ * std::exp(-largest);
  for (const Part& part : std::span(parts_).first(size_)) sum += std::exp(contribution(part) - largest);
  return largest + std::log(sum);
}

Time EProcess::rising_since() const {
  const auto parts = std::span(parts_).first(size_);
  const auto best = std::max_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return contribution(a) < contribution(b); });
  return best == parts.end() ? Time{} : best->lowest_at;
}

}  // namespace charon::agent
