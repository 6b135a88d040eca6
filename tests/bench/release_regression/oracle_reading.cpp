#include "tests/bench/release_regression/oracle_reading.hpp"

#include <algorithm>
#include <cmath>

namespace charon::bench {
namespace {

constexpr int newton_steps = 3;
constexpr double many = 100;  // information from which on the score is followed to the maximum

/// Where each of the ordinary series stands in `schema`, -1 where it is missing. Histograms with other bounds are missing.
std::array<int, series_count> positions_in(const Schema& schema) {
  std::array<int, series_count> positions{};
  int next = 0;
  for (std::size_t i = 0; i < series_count; ++i) {
    const bool kept = &schema != &missing_series_schema() || !is_missing(ordinary_schema()[i]);
    positions[i] = kept ? next++ : -1;
    if (&schema == &changed_buckets_schema() && ordinary_schema()[i].type == agent::FamilyType::histogram) positions[i] = -1;
  }
  return positions;
}

const std::array<int, series_count>& positions(const Schema* schema) {
  static const auto ordinary = positions_in(ordinary_schema()), changed = positions_in(changed_buckets_schema()),
                    missing = positions_in(missing_series_schema());
  return schema == &changed_buckets_schema() ? changed : schema == &missing_series_schema() ? missing : ordinary;
}

}  // namespace

ShiftReader::ShiftReader(double median, double sigma, std::span<const double> bounds) {
  constexpr double h = 1e-4;
  const auto probabilities = [&](double shift) {
    std::array<double, buckets> p{};
    double below = 0;
    for (std::size_t k = 0; k < buckets; ++k) {
      const double up_to = k + 1 == buckets ? 1 : 0.5 * std::erfc(-(std::log(bounds[k] / median) - shift) / (sigma * std::sqrt(2.0)));
      p[k] = std::max(up_to - below, 1e-14);
      below = up_to;
    }
    return p;
  };
  for (double shift = lowest; shift <= highest + step / 2; shift += step) {
    const auto low = probabilities(shift - h), p = probabilities(shift), high = probabilities(shift + h);
    Row row;
    for (std::size_t k = 0; k < buckets; ++k) {
      row.score[k] = p[k] > 1e-13 ? (std::log(high[k]) - std::log(low[k])) / (2 * h) : 0;
      row.information += p[k] * row.score[k] * row.score[k];
    }
    rows_.push_back(row);
  }
}

ShiftReader::Shift ShiftReader::read(const std::array<double, buckets>& counts, double expected) const {
  double n = 0;
  for (const double c : counts) n += c;
  if (n <= 0) return {};
  Shift shift{expected, 0};
  for (int i = 0; i < newton_steps; ++i) {
    const double position = (std::clamp(shift.y, lowest, highest - step) - lowest) / step;
    const auto at = static_cast<std::size_t>(position);
    const double w = position - static_cast<double>(at);
    double score = 0;
    for (std::size_t k = 0; k < buckets; ++k) score += counts[k] * (rows_[at].score[k] + w * (rows_[at + 1].score[k] - rows_[at].score[k]));
    const double information = n * (rows_[at].information + w * (rows_[at + 1].information - rows_[at].information));
    shift = {shift.y + score / information, 1 / information};
    if (information < many || std::abs(score) < 0.05 * std::sqrt(information)) break;
  }
  return shift;
}

bool PodReader::read(const PodScrape& scrape, int step, Reading& out) {
  out.has_counts = false;
  out.has_histogram.fill(false);
  out.has_level.fill(false);
  out.restarted = scrape.restarted;
  if (scrape.lost) return false;
  const auto& position = positions(scrape.schema);
  std::array<double, series_count> values;
  for (std::size_t i = 0; i < series_count; ++i) values[i] = position[i] >= 0 ? scrape.values[static_cast<std::size_t>(position[i])] : NAN;
  const bool begun = !seen_ || scrape.restarted;  // counters count from the process' start
  if (begun) last_.fill(0);
  const double started = values[start_series];
  out.seconds = scrape.time - (begun ? started : time_);
  // A rate is that of one interval; over a lost scrape it would be a mean of two.
  const bool one_interval = begun ? out.seconds < 1.5 * scrape_seconds : step == step_ + 1;
  out.total = values[good_series] - last_[good_series] + values[bad_series] - last_[bad_series];
  out.bad = values[bad_series] - last_[bad_series];
  out.has_counts = out.seconds > 0;
  for (std::size_t h = 0; h < histogram_count; ++h) {
    const std::size_t first = first_bucket_series + histogram_series * h;
    if (std::isnan(values[first])) continue;
    out.has_histogram[h] = true;
    double below = 0;
    for (std::size_t k = 0; k < buckets; ++k) {
      const double up_to = values[first + k] - last_[first + k];
      out.counts[h][k] = up_to - below;
      below = up_to;
    }
  }
  for (std::size_t i = 0; i < level_count; ++i) {
    const int metric = first_gauge + static_cast<int>(i);
    const double now = values[first_level_series + i];
    const double value = metric >= first_rate ? (now - last_[first_level_series + i]) / out.seconds : now;
    out.has_level[i] = value > 0 && (metric < first_rate || one_interval) && (metric != cache_ratio || value < 1);
    if (out.has_level[i]) out.level[i] = metric == cache_ratio ? std::log(value / (1 - value)) : std::log(value);
  }
  seen_ = true;
  step_ = step;
  time_ = scrape.time;
  last_ = values;
  return true;
}

}  // namespace charon::bench
