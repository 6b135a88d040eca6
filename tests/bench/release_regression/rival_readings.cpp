#include "tests/bench/release_regression/rival_readings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace charon::bench {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

enum class Part { good, bad, bucket, sum, count, gauge, rate, start };

/// What each series of a schema is to a reading; worked out once per schema.
struct Plan {
  const Schema* schema = nullptr;
  std::vector<Part> parts;
  std::vector<std::size_t> bucket_of;  ///< index of the bound; only for Part::bucket
  std::vector<double> bounds;          ///< of the http latency
};

Plan plan_of(const Schema& schema) {
  Plan plan{&schema, {}, std::vector<std::size_t>(schema.size(), 0), {}};
  std::size_t bucket = 0;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const SeriesDescription& series = schema[i];
    if (series.metric == requests || series.metric == errors) {
      plan.parts.push_back(series.metric == errors ? Part::bad : Part::good);
    } else if (series.type == agent::FamilyType::histogram) {
      if (!series.name.ends_with("_bucket")) {
        plan.parts.push_back(series.name.ends_with("_sum") ? Part::sum : Part::count);
        bucket = 0;
        continue;
      }
      plan.parts.push_back(Part::bucket);
      plan.bucket_of[i] = bucket++;
      if (series.metric != http_latency) continue;
      const std::string_view bound = series.labels.front().value;
      double seconds = 0;
      if (std::from_chars(bound.data(), bound.data() + bound.size(), seconds).ec == std::errc{} && std::isfinite(seconds)) {
        plan.bounds.push_back(seconds);
      }
    } else if (series.metric == restarts) {
      plan.parts.push_back(Part::start);
    } else {
      plan.parts.push_back(series.type == agent::FamilyType::counter ? Part::rate : Part::gauge);
    }
  }
  return plan;
}

/// Schemas live as long as the program, and there are three.
const Plan& cached_plan(const Schema& schema) {
  thread_local std::vector<std::unique_ptr<Plan>> plans;
  for (const auto& plan : plans) {
    if (plan->schema == &schema) return *plan;
  }
  return *plans.emplace_back(std::make_unique<Plan>(plan_of(schema)));
}

}  // namespace

PodReadings::Last& PodReadings::last_of(const PodScrape& pod) {
  for (Last& last : pods_) {
    if (last.release == pod.release && last.pod == pod.pod) return last;
  }
  Last& last = pods_.emplace_back();
  last.release = pod.release;
  last.pod = pod.pod;
  return last;
}

RivalReading PodReadings::read(const PodScrape& pod, double time) {
  RivalReading reading;
  reading.values.fill(unknown);
  if (pod.lost || pod.schema == nullptr || pod.values.empty()) return reading;
  const Plan& plan = cached_plan(*pod.schema);
  Last& last = last_of(pod);
  const bool first = last.schema != pod.schema;
  if (pod.restarted) std::fill(last.values.begin(), last.values.end(), 0.0);
  const double seconds = time - last.time;

  if (!first) reading.bounds = plan.bounds;
  std::array<double, metric_count> sums{};
  for (std::size_t i = 0; i < plan.parts.size(); ++i) {
    const auto metric = static_cast<std::size_t>((*pod.schema)[i].metric);
    const double value = pod.values[i];
    if (plan.parts[i] == Part::gauge) reading.values[metric] = value;
    if (plan.parts[i] == Part::start) reading.values[metric] = pod.restarted ? 1 : 0;
    if (first) continue;
    const double increase = value - last.values[i];
    switch (plan.parts[i]) {
      case Part::good: reading.good += increase; break;
      case Part::bad: reading.bad += increase; break;
      case Part::bucket:
        if (metric == http_latency) reading.durations[plan.bucket_of[i]] = increase;
        break;
      case Part::sum: sums[metric] = increase; break;
      case Part::count: reading.values[metric] = increase > 0 ? sums[metric] / increase : unknown; break;
      case Part::rate: reading.values[metric] = increase / seconds; break;
      case Part::gauge:
      case Part::start: break;
    }
  }
  if (!first) {
    const double all = reading.good + reading.bad;
    reading.values[requests] = all / seconds;
    if (all > 0) reading.values[errors] = reading.bad / all;
  }
  last.schema = pod.schema;
  last.time = time;
  last.values.assign(pod.values.begin(), pod.values.end());
  return reading;
}

double histogram_quantile(double quantile, std::span<const double> cumulative, std::span<const double> bounds) {
  if (bounds.empty() || cumulative.size() <= bounds.size() || !(cumulative[bounds.size()] > 0)) return unknown;
  const double rank = quantile * cumulative[bounds.size()];
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (cumulative[i] < rank) continue;
    const double below = i == 0 ? 0 : cumulative[i - 1];
    const double from = i == 0 ? 0 : bounds[i - 1];
    if (cumulative[i] <= below) return bounds[i];
    return from + (bounds[i] - from) * (rank - below) / (cumulative[i] - below);
  }
  return bounds.back();
}

}  // namespace charon::bench
