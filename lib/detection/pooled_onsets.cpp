#include "lib/detection/pooled_onsets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::detection {
namespace {

constexpr double onset_share = 1 / (static_cast<double>(PooledOnsets::horizon.count()) / static_cast<double>(PooledOnsets::grid.count()));
constexpr double of_variance_in_common = 0.25;
constexpr Duration least_growth = std::chrono::minutes{1};  // as shift_evidence.cpp has it
constexpr double hopeless = -7, negligible = -16, most = 600;

double hours(Duration time) { return std::chrono::duration<double, std::ratio<3600>>(time).count(); }

}  // namespace

void PooledOnsets::round(std::span<const PodShift> pods, Shape shape, double tolerance, double matters, Time now) {
  pods = pods.first(std::min(pods.size(), most_pods));
  if (!first_) first_ = now;
  last_.resize(std::max(last_.size(), pods.size()));
  add(pods, shape, now);
  judge(shape, tolerance, matters, now);
  if (now - opened_ >= grid && now - *first_ < horizon) open(now);
}

void PooledOnsets::add(std::span<const PodShift> pods, Shape shape, Time now) {
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodShift before = std::exchange(last_[i], pods[i]);
    const double g = pods[i].precision - before.precision, s = pods[i].precision * pods[i].mean - before.precision * before.mean;
    if (before.precision <= 0 || g < 0 || pods[i].precision <= 0) {  // begins, is compared with others, or has nothing to show
      for (Part& part : parts_)
        if (i < part.pods.size()) part.pods[i] = {};
      for (auto& past : past_)
        if (i < past.size()) past[i] = {};
      continue;
    }
    for (Part& part : parts_) {
      if (i >= part.pods.size() || part.pods[i].g <= 0) continue;
      Sums& sums = part.pods[i];
      const double h = shape == Shape::level ? 1 : hours(now - part.start);
      sums.g += g;
      sums.gh += g * h;
      sums.ghh += g * h * h;
      sums.s += s;
      sums.sh += s * h;
    }
  }
}

void PooledOnsets::judge(Shape shape, double tolerance, double matters, Time now) {
  const auto sizes = sizes_of(shape, matters);
  double sum = cash_;
  for (std::size_t i = parts_.size(); i-- > 0;) {
    const Part& part = parts_[i];
    if (shape == Shape::trend && now - part.start < least_growth) {
      sum += onset_share;
      continue;
    }
    double a = 0, c = 0, uncertain = 0, in_common = 0, pods = 0;
    for (const Sums& pod : part.pods) {
      if (pod.gh <= 0) continue;
      a += pod.sh - pod.s * pod.gh / pod.g;
      c += pod.ghh - pod.gh * pod.gh / pod.g;
      uncertain += pod.uncertain;
      in_common = std::max(in_common, pod.in_common);
      pods += 1;
    }
    if (pods == 0) {
      sum += onset_share;
      continue;
    }
    const double of_start = shape == Shape::level ? in_common : in_common / hours(now - part.start);
    const double of_pods = shape == Shape::level ? of_variance_in_common * uncertain / pods : 0;
    const double surer = 1 + c * (of_start * of_start + of_pods);
    double own = 0, best = std::numeric_limits<double>::lowest();
    for (const double size : sizes) {
      const double ratio = (size - tolerance) * (a - c * (size + tolerance) / 2) / surer;
      best = std::max(best, ratio);
      if (ratio > negligible) own += std::exp(std::min(ratio, most));
    }
    sum += onset_share * own / static_cast<double>(sizes.size());
    if (best < hopeless) {  // nothing began there; what its weight is worth is given up
      parts_[i] = std::move(parts_.back());
      parts_.pop_back();
    }
  }
  log_evidence_ = std::min(std::log(std::max(sum, 1e-7)), log_evidence_ + ShiftSettings{}.cap);
}

void PooledOnsets::open(Time now) {
  opened_ = now;
  cash_ = std::max(cash_ - onset_share, 0.0);
  Part part{now, std::vector<Sums>(last_.size())};
  for (std::size_t i = 0; i < last_.size(); ++i) {
    const PodShift &to = last_[i], from = !past_.empty() && i < past_.front().size() ? past_.front()[i] : PodShift{};
    const double g = to.precision - from.precision;
    if (g <= 0) continue;
    const double precision = 1 / to.variance + g;
    Sums& sums = part.pods[i];
    sums.uncertain = std::max(1 / precision, to.wander);
    sums.in_common = std::max(to.precision * to.in_common - from.precision * from.in_common, 0.0) / g;
    sums.g = 1 / sums.uncertain;
    sums.s = sums.g * (to.precision * to.mean - from.precision * from.mean) / precision;
  }
  parts_.push_back(std::move(part));
  past_.push_back(last_);
  if (past_.size() > past_grid) past_.pop_front();
}

}  // namespace charon::detection
