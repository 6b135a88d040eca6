#include "agent/core/level_values.hpp"

#include "agent/core/request_sample.hpp"
#include "lib/detection/request_outcome.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

constexpr std::uint32_t not_a_level = std::numeric_limits<std::uint32_t>::max();
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t scrapes_of_usual = 60;
constexpr std::string_view sum_suffix = "_sum", count_suffix = "_count";

/// What is added before the logarithm: too little to matter where the metric is in use, enough to tame its zeros.
double floor_of(std::string_view family, bool rate) {
  if (family.find("bytes") != std::string_view::npos) return 1024;
  if (family.find("seconds") != std::string_view::npos) return 1e-3;
  return rate ? 0.1 : floor_of_things;
}

bool is_rate(const detection::MetricMeaning& meaning) { return meaning.kind == detection::Kind::counter_rate || meaning.kind == detection::Kind::restarts; }

/// Of a distribution the samples that its mean is read from; without a type it has to be one of durations.
enum class PartOfMean { none, sum, count };
PartOfMean part_of_mean(const SampleView& sample, const detection::MetricMeaning& meaning) {
  const bool of_summary = sample.type == FamilyType::summary && meaning.kind != detection::Kind::ignored;
  if (!of_summary && !(sample.type == FamilyType::unknown && meaning.kind == detection::Kind::latency)) return PartOfMean::none;
  return sample.name.ends_with(sum_suffix) ? PartOfMean::sum : sample.name.ends_with(count_suffix) ? PartOfMean::count : PartOfMean::none;
}

/// The sample that a family's level is read from.
bool carries_level(const SampleView& sample, const detection::MetricMeaning& meaning) {
  const bool plain = sample.type == FamilyType::gauge || sample.type == FamilyType::counter || sample.type == FamilyType::unknown;
  if (!plain || sample.name.ends_with("_created")) return false;
  if (meaning.kind == detection::Kind::gauge) return true;
  return is_rate(meaning) && sample.type != FamilyType::gauge;
}

bool names_no_errors(const SampleView& sample, const detection::MetricMeaning& meaning) {
  if (meaning.kind != detection::Kind::error_ratio || !meaning.named || sample.name.ends_with("_created") || request_sample(sample, meaning)) return false;
  return std::none_of(sample.labels.begin(), sample.labels.end(), [](const LabelView& label) { return detection::is_probe(label.name, label.value); });
}

/// Values on another scale than the table's, or counted otherwise, are another level: what agents under another policy
/// reported of the first one does not compare.
std::string level_name(const SampleView& sample, const detection::MetricMeaning& meaning, bool rate) {
  std::string name(sample.family);
  if (rate) name += meaning.kind == detection::Kind::restarts ? " per hour" : " rate";
  if (meaning.scale != detection::meaning_of(sample.family, sample.type, {}).scale) name.append(" ").append(detection::name_of(meaning.scale));
  return name;
}

}  // namespace

double on_scale(double value, detection::Scale scale, double floor) { return scale == detection::Scale::absolute ? value : std::log(std::max(value, 0.0) + floor); }
double from_scale(double value, detection::Scale scale, double floor) {
  if (scale == detection::Scale::absolute) return value;
  const double above = std::exp(value) - floor;
  return std::abs(above) < 1e-9 * floor ? 0 : above;  // what rounding leaves of nothing is nothing
}

void LevelValues::begin() { ++scrape_; }

double Level::mean_of_scrape() {
  if (!(count > 0)) return nothing;
  usual += (count - usual) / static_cast<double>(std::min(++windows, scrapes_of_usual));
  const bool enough = count >= least_share_of_requests * usual;
  return enough && sum > 0 ? on_scale(sum / count, meaning.meaning.scale, floor) : nothing;
}

std::uint32_t LevelValues::level_for(const SampleView& sample, const detection::PolicyMeaning& of_family) {
  detection::PolicyMeaning meaning = of_family;
  if (names_no_errors(sample, meaning.meaning)) {
    meaning.meaning.kind = detection::Kind::counter_rate;
    meaning.meaning.scale = detection::Scale::ratio;
    meaning.standing = detection::Standing::unfit;
  }
  const PartOfMean part = part_of_mean(sample, meaning.meaning);
  const bool mean = part != PartOfMean::none;
  if (!mean && !carries_level(sample, meaning.meaning)) return not_a_level;
  const bool rate = !mean && is_rate(meaning.meaning);
  const std::string_view family = mean ? sample.name.substr(0, sample.name.size() - (part == PartOfMean::sum ? sum_suffix : count_suffix).size()) : sample.family;
  std::string name = mean ? std::string(family).append(mean_suffix) : level_name(sample, meaning.meaning, rate);
  const auto found = std::find_if(levels_.begin(), levels_.end(), [&](const Level& level) { return level.name == name; });
  if (found != levels_.end()) {
    found->meaning = meaning;
    found->meant = true;
    return static_cast<std::uint32_t>(found - levels_.begin());
  }
  if (levels_.size() >= (meaning.meaning.known ? most_levels_ : most_levels_ / 2) || name.size() > 512) {
    ++ignored_;
    return not_a_level;
  }
  Level level;
  level.name = std::move(name);
  level.family = family;
  level.meaning = meaning;
  level.floor = mean ? 0 : floor_of(family, rate);
  level.rate = rate;
  level.mean = mean;
  level.value = nothing;
  levels_.push_back(std::move(level));
  return static_cast<std::uint32_t>(levels_.size() - 1);
}

void LevelValues::observe(const SampleView& sample, const detection::PolicyMeaning& meaning) {
  if (sample.type == FamilyType::histogram || sample.type == FamilyType::gauge_histogram || sample.type == FamilyType::info || sample.type == FamilyType::state_set) return;
  const SeriesKey key = series_key(sample.name, sample.labels);
  Series* series = store_.find(key);
  if (!series) {
    const std::uint32_t level = level_for(sample, meaning);
    series = store_.add(key);
    if (!series) {
      ++ignored_;
      if (level != not_a_level) levels_[level].whole = false;
      return;
    }
    series->metric = level;
    series->slot = sample.name.ends_with(count_suffix);
  }
  series->scrape = scrape_;
  series->value = sample.value;
}

void LevelValues::restart() {
  store_ = SeriesStore(most_series_);
  for (Level& level : levels_) level.meant = false, level.whole = true;
}

void LevelValues::commit(double seconds, bool first, bool restarted) {
  for (Level& level : levels_) {
    level.sum = level.count = 0;
    level.series = 0;
    level.value = nothing;
  }
  for (Series& series : store_.all()) {
    if (series.scrape != scrape_ || series.metric == not_a_level) continue;
    Level& level = levels_[series.metric];
    if (!std::isfinite(series.value)) {
      level.sum = nothing;
      continue;
    }
    ++level.series;
    if (!level.rate && !level.mean) {
      level.sum += series.value;
      continue;
    }
    double& of_part = level.mean && series.slot == 1 ? level.count : level.sum;
    if (series.known) of_part += series.value >= series.before ? series.value - series.before : nothing;
    else if (!first) of_part += series.value;
    series.before = series.value;
    series.known = true;
  }
  for (Level& level : levels_) {
    if (level.series == 0 || !level.whole || !std::isfinite(level.sum)) continue;
    if ((level.rate || level.mean) && (first || restarted || !(seconds > 0))) continue;
    if (level.mean) {
      level.value = level.mean_of_scrape();
      continue;
    }
    const bool mean = level.meaning.meaning.scale == detection::Scale::absolute && !level.rate;
    const double per = level.meaning.meaning.kind == detection::Kind::restarts ? seconds / 3600 : seconds;
    const double value = level.rate ? level.sum / per : mean ? level.sum / level.series : level.sum;
    if (std::abs(value) > 1e15) continue;
    level.value = on_scale(value, level.meaning.meaning.scale, level.floor);
  }
}

}  // namespace charon::agent
