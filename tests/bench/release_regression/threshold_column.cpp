#include "tests/bench/release_regression/threshold_column.hpp"

#include "tests/bench/release_regression/calibrated.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace charon::bench {
namespace {

constexpr int scrapes_per_check = 12;

ThresholdSettings times(ThresholdSettings settings, double factor) {
  settings.factor = factor;
  return settings;
}

}  // namespace

void RequestWindow::add(const RivalReading& reading) {
  good_ += reading.good;
  bad_ += reading.bad;
  if (reading.bounds.empty()) return;
  if (!std::equal(bounds_.begin(), bounds_.end(), reading.bounds.begin(), reading.bounds.end())) durations_.fill(0);
  bounds_ = reading.bounds;
  for (std::size_t i = 0; i < durations_.size(); ++i) durations_[i] += reading.durations[i];
}

void ThresholdColumn::begin(const Setting&) {
  readings_.begin();
  candidate_.clear();
  stable_.clear();
  history_.clear();
  running_ = false;
  highest_.fill(0);
}

Decision ThresholdColumn::scrape(const FleetScrape& fleet) {
  if (fleet.phase == Phase::earlier) return {};
  for (const PodScrape& pod : fleet.pods) {
    const RivalReading reading = readings_.read(pod, fleet.time);
    if (pod.release == 1) {
      candidate_.add(reading);
      running_ = running_ || !pod.lost;
    } else {
      (fleet.phase == Phase::stable ? history_ : stable_).add(reading);
    }
  }
  if (fleet.phase != Phase::candidate || (fleet.index + 1) % scrapes_per_check != 0) return {};
  Decision decision;
  if (running_) {
    const double now = std::max(excess(), highest_.back());
    highest_.back() = now;
    std::sort(highest_.begin(), highest_.end(), std::greater<>());
    if (needed_factor() > settings_.factor) decision.verdict = Verdict::rollback;
  }
  candidate_.clear();
  stable_.clear();
  running_ = false;
  return decision;
}

double ThresholdColumn::excess() const {
  constexpr double no_values = std::numeric_limits<double>::infinity();
  const double p99 = candidate_.p99();
  if (!(candidate_.all() > 0) || std::isnan(p99)) return no_values;
  double worst = candidate_.error_share() / settings_.highest_error_share;
  if (settings_.highest_p99 > 0) worst = std::max(worst, p99 / settings_.highest_p99);
  if (settings_.highest_p99_ratio > 0) {
    const double base = stable_.all() > 0 ? stable_.p99() : history_.p99();
    if (std::isnan(base)) return no_values;
    worst = std::max(worst, p99 / (settings_.highest_p99_ratio * base));
  }
  return worst;
}

Decision ThresholdColumn::end() {
  Decision decision;
  decision.verdict = Verdict::pass;  // a rollback would have ended the release
  return decision;
}

std::unique_ptr<Column> threshold_documented() { return std::make_unique<ThresholdColumn>(threshold_settings_documented); }
std::unique_ptr<Column> threshold_ratio() { return std::make_unique<ThresholdColumn>(threshold_settings_ratio); }
std::unique_ptr<Column> threshold_documented_calibrated() {
  return std::make_unique<ThresholdColumn>(times(threshold_settings_documented, calibrated::threshold_factor));
}
std::unique_ptr<Column> threshold_ratio_calibrated() {
  return std::make_unique<ThresholdColumn>(times(threshold_settings_ratio, calibrated::threshold_ratio_factor));
}

}  // namespace charon::bench
