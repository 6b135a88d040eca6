#include "lib/detection/pooled_onsets.hpp"

#include "lib/detection/over_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace charon::detection {
namespace {

constexpr Duration least_growth = std::chrono::minutes{1};  // as shift_evidence.cpp has it

double hours(Duration time) { return std::chrono::duration<double, std::ratio<3600>>(time).count(); }

/// What `to` has beyond `from`: precision, and sums of precisions times y and times what a start may have moved it by.
struct More { double g = 0, s = 0, start = 0; };
More more(const PodShift& from, const PodShift& to) {
  return {to.precision - from.precision, to.precision * to.mean - from.precision * from.mean, to.precision * to.in_common - from.precision * from.in_common};
}

}  // namespace

void PooledOnsets::round(std::span<const PodShift> pods, Shape shape, double tolerance, double matters, Time now) {
  pods = pods.first(std::min(pods.size(), most_pods));
  if (!first_) first_ = opened_ = now;
  last_.resize(std::max(last_.size(), pods.size()));
  const bool showed_more = add(pods, shape, now);
  const double sum = judge(shape, tolerance, matters, now);
  log_evidence_ = std::min(std::log(std::max(sum, 1e-7)), log_evidence_ + (showed_more ? most_of_a_scrape : 0));
  if (now - opened_ >= grid && now - *first_ <= horizon) open(shape, tolerance, now);
}

bool PooledOnsets::add(std::span<const PodShift> pods, Shape shape, Time now) {
  bool showed_more = false;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    Seen& last = last_[i];
    const auto [g, s, start] = more(last.shift, pods[i]);
    if (pods[i].anew || last.shift.precision <= 0 || g < 0 || pods[i].precision <= 0) {
      for (Part& part : parts_)
        if (i < part.pods.size()) part.pods[i].over = true;
      for (Past& past : past_)
        if (i < past.seen.size()) past.seen[i] = {};
      last = {pods[i], pods[i], now};
      showed_more = showed_more || pods[i].precision > 0;
      continue;
    }
    showed_more = showed_more || g > 0;
    last.shift = pods[i];
    for (Part& part : parts_) {
      if (i >= part.pods.size() || part.pods[i].over || part.pods[i].g <= 0 || g <= 0) continue;
      Sums& sums = part.pods[i];
      const double h = shape == Shape::level ? 1 : hours(now - part.start), y = s - g * sums.tolerated;
      sums.g += g;
      sums.gh += g * h;
      sums.ghh += g * h * h;
      sums.s += y;
      sums.sh += y * h;
      sums.until = now;
      sums.start = (last.shift.precision * last.shift.in_common - sums.seen_start) / (last.shift.precision - sums.seen);
    }
  }
  return showed_more;
}

double PooledOnsets::judge(Shape shape, double tolerance, double matters, Time now) {
  const auto alternatives = sizes_of(shape, matters);
  double sum = cash_;
  for (std::size_t i = parts_.size(); i-- > 0;) {
    const Part& part = parts_[i];
    double a = 0, c = 0, uncertain = 0, start = 0, pods = 0;
    for (const Sums& pod : part.pods) {
      if (pod.gh <= 0) continue;
      const double of_pod = std::max(pod.ghh - pod.gh * pod.gh / pod.g, 0.0), seen_for = hours(pod.until - part.start);
      const double surer = shape == Shape::level ? 1 : 1 + 2 * pod.wander / (seen_for * seen_for) * of_pod;
      a += (pod.sh - pod.s * pod.gh / pod.g) / surer;
      c += of_pod / surer;
      uncertain += pod.uncertain;
      start = std::max(start, std::abs(pod.start - pod.past_start) * (shape == Shape::level ? 1 : 2 / seen_for));
      pods += 1;
    }
    if (pods == 0 || (shape == Shape::trend && now - part.start < least_growth)) {
      sum += part.weight;
      continue;
    }
    const double surer = 1 + c * (start * start + (shape == Shape::level ? of_variance_in_common * uncertain / pods : 0));
    const OverSizes sizes = over_sizes(alternatives, [&](double size) { return (size - tolerance) * (a - c * (size + tolerance) / 2) / surer; });
    sum += part.weight * sizes.mean;
    if (sizes.hopeless()) {
      parts_[i] = std::move(parts_.back());
      parts_.pop_back();
    }
  }
  return sum;
}

void PooledOnsets::open(Shape shape, double tolerance, Time now) {
  while (!past_.empty() && past_.front().at < now - past) past_.pop_front();
  Part part{now, std::min(hours(now - opened_) / hours(horizon), cash_), std::vector<Sums>(last_.size())};
  cash_ -= part.weight;
  opened_ = now;
  for (std::size_t i = 0; i < last_.size(); ++i) {
    const Seen& to = last_[i];
    const bool known = !past_.empty() && i < past_.front().seen.size() && past_.front().seen[i].since == to.since;
    const More of_past = more(known ? past_.front().seen[i].shift : to.first, to.shift);
    if (of_past.g <= 0) continue;
    const Time begin = known ? past_.front().at : to.since;
    const double precision = 1 / to.shift.variance + of_past.g;
    Sums& sums = part.pods[i];
    sums.wander = to.shift.wander;
    sums.seen = to.shift.precision;
    sums.seen_start = to.shift.precision * to.shift.in_common;
    sums.uncertain = std::max(1 / precision, sums.wander);
    sums.past_start = of_past.start / of_past.g;
    sums.tolerated = shape == Shape::trend ? tolerance * hours(now - begin) / 2 : 0;
    sums.g = 1 / sums.uncertain;
    sums.s = sums.g * of_past.s / precision;
  }
  past_.push_back({now, last_});
  parts_.push_back(std::move(part));
}

}  // namespace charon::detection
