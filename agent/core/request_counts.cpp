#include "agent/core/request_counts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace charon::agent {
namespace {

constexpr double most_in_a_scrape = 1e12;  // more is no count of requests; also keeps totals within 2^53

constexpr std::uint32_t good_slot = 0, bad_slot = 1;  // outcome
constexpr std::uint32_t all_slot = 0;                 // pair: {all, failed}

Role role_of_metric(Role sample) { return sample == Role::all_requests ? Role::failures : sample; }

std::size_t bytes(const SampleView& sample) {
  std::size_t sum = sample.name.size();
  for (const LabelView& label : sample.labels) sum += label.name.size() + label.value.size();
  return sum;
}

std::string shown_name(const RequestSample& request, const SampleView& sample) {
  std::string name(request.role == Role::outcome ? sample.name : request.stem);
  if (request.role != Role::outcome) return name;
  const bool grpc = request.label.find("grpc") != std::string_view::npos || request.label == "outcome";
  return name.append("{").append(request.label).append(grpc ? "=\"error\"}" : "=\"5xx\"}");
}

}  // namespace

wire::MetricCounts RequestMetric::counts() const {
  wire::MetricCounts result{.metric = name, .kind = kind(), .bounds = bounds, .counts = {}, .windows = windows};
  for (const double total : totals) result.counts.push_back(static_cast<std::uint64_t>(std::llround(std::min(total, 0x1p53))));
  return result;
}

void RequestCounts::begin() {
  ++scrape_;
  process_start_seen_ = 0;
}

RequestMetric* RequestCounts::metric_for(const RequestSample& request, const SampleView& sample, std::uint32_t& index) {
  const Role role = role_of_metric(request.role);
  if (role == Role::failures && sample.name.size() > max_metric_name) return nullptr;  // by which the pair is named
  for (index = 0; index < metrics_.size(); ++index) {
    RequestMetric& metric = metrics_[index];
    if (metric.role == role && metric.stem == request.stem && (role != Role::outcome || metric.label == request.label)) return &metric;
  }
  std::string name = shown_name(request, sample);
  if (metrics_.size() >= wire::max_metrics || name.empty() || name.size() > max_metric_name) return nullptr;
  RequestMetric& metric = metrics_.emplace_back();
  metric.role = role;
  metric.stem = request.stem;
  metric.label = request.label;
  metric.name = std::move(name);
  metric.family = role == Role::bucket ? request.stem : sample.name;
  if (role != Role::bucket) {
    metric.grown.assign(2, 0);
    metric.seen.assign(2, 0);
    metric.increments.assign(2, 0);
    metric.totals.assign(2, 0);
  }
  return &metric;
}

bool RequestCounts::slot_for(RequestMetric& metric, const RequestSample& request, std::uint32_t& slot) const {
  if (metric.role == Role::outcome) {
    slot = request.bad ? bad_slot : good_slot;
    return true;
  }
  if (metric.role == Role::failures) {
    slot = request.role == Role::failures ? bad_slot : all_slot;
    return true;
  }
  const auto found = std::find(metric.slot_bounds.begin(), metric.slot_bounds.end(), request.bound);
  slot = static_cast<std::uint32_t>(found - metric.slot_bounds.begin());
  if (found != metric.slot_bounds.end()) return true;
  // Once counted, the buckets are what they are: others, from a changed release in the same pod, cannot be added to them.
  if (!metric.bounds.empty() || metric.slot_bounds.size() >= wire::max_buckets) return false;
  metric.slot_bounds.push_back(request.bound);
  metric.grown.push_back(0);
  metric.seen.push_back(0);
  return true;
}

void RequestCounts::observe(const SampleView& sample, const detection::PolicyMeaning& meaning) {
  if (!std::isfinite(sample.value) || sample.value < 0 || !may_count_requests(meaning.meaning)) return;
  const SeriesKey key = series_key(sample.name, sample.labels);
  Series* series = store_.find(key);
  if (!series) {
    const auto request = request_sample(sample, meaning.meaning);
    if (!request) return;
    if (request->role == Role::process_start) {
      process_start_seen_ = sample.value;
      return;
    }
    std::uint32_t index = 0, slot = 0;
    RequestMetric* metric = metric_for(*request, sample, index);
    if (!metric || !slot_for(*metric, *request, slot)) {
      ++ignored_;
      return;
    }
    if (request->role != Role::all_requests || metric->name == metric->stem) metric->meaning = meaning;  // of a pair, its errors'
    if (bytes(sample) <= max_series_bytes) series = store_.add(key);
    if (!series) {
      metric->series_left_out = true;
      ++ignored_;
      return;
    }
    series->metric = index;
    series->slot = slot;
    if (request->role == Role::failures && metric->name != sample.name) {  // a pair is named after its errors
      metric->name = sample.name;
      metric->family = sample.name;
    }
  }
  series->scrape = scrape_;
  series->value = sample.value;
}

void RequestCounts::restart() {
  store_ = SeriesStore(max_series);
  committed_once_ = false;
  for (RequestMetric& metric : metrics_) metric.complete = metric.series_left_out = false;
}

bool RequestCounts::restarted() {
  if (process_start_seen_ > 0) {
    // Only forward: several processes behind one port answer in turn, each with its own start.
    const bool moved = process_start_ > 0 && process_start_seen_ > process_start_ + 1;
    process_start_ = std::max(process_start_, process_start_seen_);
    return moved;
  }
  std::size_t counted = 0, fell = 0;
  for (const Series& series : store_.all()) {
    if (!series.known || series.before <= 0 || series.scrape != scrape_) continue;
    ++counted;
    if (series.value < series.before) ++fell;
  }
  return fell > 0 && fell * 2 >= counted;
}

RequestCounts::Committed RequestCounts::commit() {
  const Committed result{.first = !committed_once_, .process_restarted = restarted()};
  for (RequestMetric& metric : metrics_) {
    std::fill(metric.grown.begin(), metric.grown.end(), 0);
    std::fill(metric.seen.begin(), metric.seen.end(), 0);
  }
  for (Series& series : store_.all()) {
    if (series.scrape != scrape_) continue;
    const bool from_zero = result.process_restarted || (series.known ? series.value < series.before : committed_once_);
    const double base = from_zero ? 0 : series.known ? series.before : series.value;
    RequestMetric& metric = metrics_[series.metric];
    const double grown = series.value - base;
    if (grown <= most_in_a_scrape) metric.grown[series.slot] += grown; else ++ignored_;
    ++metric.seen[series.slot];
    series.before = series.value;
    series.known = true;
  }
  for (RequestMetric& metric : metrics_) count(metric);
  committed_once_ = true;
  return result;
}

void RequestCounts::count(RequestMetric& metric) {
  if (metric.role == Role::bucket && metric.bounds.empty()) {
    metric.order.resize(metric.slot_bounds.size());
    std::iota(metric.order.begin(), metric.order.end(), 0U);
    std::sort(metric.order.begin(), metric.order.end(), [&](auto a, auto b) { return metric.slot_bounds[a] < metric.slot_bounds[b]; });
    for (const std::uint32_t slot : metric.order)
      if (std::isfinite(metric.slot_bounds[slot])) metric.bounds.push_back(metric.slot_bounds[slot]);
    metric.increments.assign(metric.slot_bounds.size(), 0);
    metric.totals.assign(metric.slot_bounds.size(), 0);
  }
  std::fill(metric.increments.begin(), metric.increments.end(), 0);
  if (metric.series_left_out) return;
  const auto seen = [&](std::uint32_t slot) { return metric.seen[slot] > 0; };
  if (metric.role == Role::outcome) {
    metric.complete = metric.complete || seen(good_slot) || seen(bad_slot);
    metric.increments = {metric.grown[good_slot], metric.grown[bad_slot]};
  } else if (metric.role == Role::failures) {
    metric.complete = metric.complete || (seen(all_slot) && seen(bad_slot));
    if (!metric.complete) return;
    const double failed = std::min(metric.grown[bad_slot], metric.grown[all_slot]);
    metric.increments = {metric.grown[all_slot] - failed, failed};
  } else {
    const bool whole = !metric.bounds.empty() && metric.bounds.size() + 1 == metric.slot_bounds.size();
    metric.complete = metric.complete || (whole && seen(0));
    if (!metric.complete) return;
    if (std::any_of(metric.seen.begin(), metric.seen.end(), [&](std::uint32_t n) { return n != metric.seen.front(); })) return;
    double below = 0;
    for (std::size_t i = 0; i < metric.order.size(); ++i) {
      const double up_to = std::max(metric.grown[metric.order[i]], below);  // an exposition made while requests end may be uneven
      metric.increments[i] = up_to - below;
      below = up_to;
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < metric.increments.size(); ++i) {
    metric.totals[i] += metric.increments[i];
    sum += metric.increments[i];
  }
  if (sum > 0) ++metric.windows;
}

}  // namespace charon::agent
