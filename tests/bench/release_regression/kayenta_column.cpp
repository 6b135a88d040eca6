#include "tests/bench/release_regression/kayenta_column.hpp"

#include "tests/bench/release_regression/calibrated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::bench {
namespace {

constexpr int scrapes_per_minute = 12;
constexpr std::array<double, 3> group_weights = {35, 35, 30};  // errors, HTTP latency, everything else

KayentaDirection direction_of(int metric) {
  switch (metric) {
    case requests:
    case cache_ratio:
    case receive:
    case transmit: return KayentaDirection::decrease;
    default: return KayentaDirection::increase;
  }
}

std::size_t group_of(int metric) {
  if (metric == errors) return 0;
  return metric == http_latency ? 1 : 2;
}

/// Mean of each metric over the pods of a release that show it.
class PodMean {
 public:
  void add(const MetricValues& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      sums_[i] += values[i];
      counts_[i] += 1;
    }
    any_ = true;
  }
  bool any() const { return any_; }
  void append_to(std::array<std::vector<double>, metric_count>& series) const {
    for (std::size_t i = 0; i < series.size(); ++i) {
      series[i].push_back(counts_[i] > 0 ? sums_[i] / counts_[i] : std::numeric_limits<double>::quiet_NaN());
    }
  }

 private:
  std::array<double, metric_count> sums_{}, counts_{};
  bool any_ = false;
};

KayentaSettings allowing(double change) {
  KayentaSettings settings;
  settings.allowed_change = change;
  return settings;
}

}  // namespace

void KayentaColumn::begin(const Setting&) {
  largest_failing_change_ = -std::numeric_limits<double>::infinity();
  readings_.begin();
  for (auto& values : stable_) values.clear();
  for (auto& values : candidate_) values.clear();
}

Decision KayentaColumn::scrape(const FleetScrape& fleet) {
  if (fleet.phase == Phase::earlier) return {};
  PodMean stable, candidate;
  for (const PodScrape& pod : fleet.pods) {
    const RivalReading reading = readings_.read(pod, fleet.time);
    (pod.release == 1 ? candidate : stable).add(reading.values);
  }
  if (stable.any()) stable.append_to(stable_);
  if (candidate.any()) candidate.append_to(candidate_);
  if (fleet.phase != Phase::candidate || (fleet.index + 1) % interval_ != 0) return {};
  if (candidate_.front().empty()) return {};
  if (fleet.index + 1 == candidate_scrapes) return {};  // the last judgement is end()
  Decision decision;
  if (fails(settings_.marginal)) decision.verdict = Verdict::rollback;
  return decision;
}

Decision KayentaColumn::end() {
  Decision decision;
  if (candidate_.front().empty()) return decision;
  decision.verdict = fails(settings_.pass) ? Verdict::rollback : Verdict::pass;
  return decision;
}

bool KayentaColumn::fails(double limit) {
  std::array<KayentaMetric, metric_count> metrics;
  for (int metric = 0; metric < metric_count; ++metric) {
    const auto index = static_cast<std::size_t>(metric);
    const auto& stable = stable_[index];
    const auto& candidate = candidate_[index];
    const std::size_t newest = std::min(stable.size(), candidate.size());
    control_.assign(stable.end() - static_cast<std::ptrdiff_t>(newest), stable.end());
    experiment_.assign(candidate.begin(), candidate.end());
    metrics[index] = {group_of(metric), kayenta_compare(control_, experiment_, direction_of(metric), settings_)};
  }
  largest_failing_change_ = std::max(largest_failing_change_, bench::largest_failing_change(metrics, group_weights, limit));
  return kayenta_score(metrics, group_weights, settings_.allowed_change) < limit;
}

std::unique_ptr<Column> kayenta_at_the_end() { return std::make_unique<KayentaColumn>(KayentaSettings{}, candidate_scrapes); }
std::unique_ptr<Column> kayenta_every_five_minutes() { return std::make_unique<KayentaColumn>(KayentaSettings{}, 5 * scrapes_per_minute); }
std::unique_ptr<Column> kayenta_each_minute_misused() { return std::make_unique<KayentaColumn>(KayentaSettings{}, scrapes_per_minute); }
std::unique_ptr<Column> kayenta_at_the_end_calibrated() {
  return std::make_unique<KayentaColumn>(allowing(calibrated::kayenta_end_allowed_change), candidate_scrapes);
}
std::unique_ptr<Column> kayenta_every_five_minutes_calibrated() {
  return std::make_unique<KayentaColumn>(allowing(calibrated::kayenta_5m_allowed_change), 5 * scrapes_per_minute);
}
std::unique_ptr<Column> kayenta_each_minute_misused_calibrated() {
  return std::make_unique<KayentaColumn>(allowing(calibrated::kayenta_1m_allowed_change), scrapes_per_minute);
}

}  // namespace charon::bench
