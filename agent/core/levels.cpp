#include "agent/core/levels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace charon::agent {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
constexpr double busier = 0.26;            // log: 30% more requests than the control's pods get
constexpr std::string_view rate_suffix = " rate";
constexpr double resolution_of_ratio = 0.01;
constexpr double step_of_things = 0.29;    // standard deviation of a uniform error of one

/// What a policy says of a duration's part is said of its slow requests; the mean is a level like others.
detection::PolicyMeaning mean_duration(detection::PolicyMeaning of_histogram) {
  detection::MetricMeaning& meaning = of_histogram.meaning;
  meaning.named = meaning.critical = false;
  return of_histogram;
}

/// What is judged first where there are more than a report holds.
int account(const detection::MetricMeaning& meaning) { return meaning.critical || (meaning.kind == detection::Kind::latency && meaning.decides) ? 2 : meaning.known ? 1 : 0; }

template <class T>
const T* named(const std::vector<T>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const T& item) { return item.metric == name; });
  return found == list.end() ? nullptr : &*found;
}

template <class T>
T& next_of(std::vector<T>& list, std::size_t& used) {
  if (used == list.size()) list.emplace_back();
  return list[used++];
}

double total(const RequestMetric& metric) { return std::accumulate(metric.totals.begin(), metric.totals.end(), 0.0); }

/// Mean log duration by the geometric middle of each bucket; the last one's lies as far above its bound as the one before
/// lies below.
double mean_log_duration(const RequestMetric& metric) {
  double count = 0, sum = 0;
  const auto& bounds = metric.bounds;
  for (std::size_t i = 0; i < metric.increments.size(); ++i) {
    if (metric.increments[i] <= 0) continue;
    const double above = i < bounds.size() ? bounds[i] : bounds.back() * 2, below = i > 0 ? bounds[i - 1] : bounds.front() / 2;
    if (!(above > 0) || !(below > 0)) return nothing;
    count += metric.increments[i];
    sum += metric.increments[i] * (std::log(above) + std::log(below)) / 2;
  }
  const double usual = metric.windows > 0 ? total(metric) / static_cast<double>(metric.windows) : 0;
  return count > 0 && count >= least_share_of_requests * usual ? sum / count : nothing;
}

}  // namespace

detection::MetricMeaning throughput() {
  return {.kind = detection::Kind::counter_rate, .direction = detection::Direction::down, .scale = detection::Scale::ratio, .effect = 0.43, .trend = false, .by_age = false,
          .pod_spread = 0.2, .node_spread = 0.2, .known = true, .group = detection::Group::rest, .weight = 1, .decides = false};
}

void Levels::configure(double tolerance, std::vector<std::string> ignore, bool restart, bool remapped) {
  tolerance_ = tolerance;
  ignore_ = std::move(ignore);
  if (remapped) values_.restart();
  if (!restart) return;
  std::fill(loads_.begin(), loads_.end(), Load{});
  for (std::size_t i = 0; i < judges_.size(); ++i) {
    judges_[i] = LevelJudge(judges_[i].name(), judges_[i].meaning(), floors_[i], tolerance_);
    refer(i);
  }
}

Excluded Levels::excluded(const LevelJudge& judge, bool decide) const {
  const auto at = static_cast<std::size_t>(&judge - judges_.data());
  if (std::any_of(ignore_.begin(), ignore_.end(), [&](const std::string& name) { return name == judge.name() || name == families_[at]; })) return Excluded::ignored;
  if (standings_[at] == detection::Standing::ignored) return Excluded::ignored;
  if (standings_[at] == detection::Standing::unfit) return Excluded::unfit;
  const detection::MetricMeaning& meaning = judge.meaning();
  if (!meaning.known) return Excluded::unknown;
  // Many a server ends its workers now and then on purpose: that restarts are bad somebody has to say.
  const bool has_part = meaning.named || (decide && meaning.kind != detection::Kind::restarts);
  if (!meant_[at] || meaning.weight <= 0 || !has_part) return Excluded::for_the_record;
  return Excluded::no;
}

void Levels::interpret(std::size_t index, const detection::PolicyMeaning& meaning, bool meant) {
  standings_[index] = meaning.standing;
  meant_[index] = meant;
  if (judges_[index].meaning() == meaning.meaning) return;
  judges_[index] = LevelJudge(judges_[index].name(), meaning.meaning, floors_[index], tolerance_);
  refer(index);
}

std::size_t Levels::place_for(const detection::MetricMeaning& meaning) {
  if (judges_.size() < wire::max_metrics) {
    judges_.emplace_back(std::string(), meaning, 0, tolerance_);
    families_.emplace_back();
    floors_.push_back(0);
    standings_.push_back(detection::Standing::as_known);
    meant_.push_back(true);
    now_.push_back(nothing);
    loads_.push_back({});
    tracks_.emplace_back();
    return judges_.size() - 1;
  }
  std::size_t least = none;
  for (std::size_t i = 0; i < judges_.size(); ++i)
    if (account(judges_[i].meaning()) < account(meaning) && (least == none || account(judges_[i].meaning()) <= account(judges_[least].meaning()))) least = i;
  if (least != none)
    for (auto* places : {&of_values_, &of_rates_, &of_durations_}) std::replace(places->begin(), places->end(), least, none);
  return least;
}

std::size_t Levels::index_of(std::string_view name, const detection::MetricMeaning& meaning, std::string_view family, double floor) {
  if (name.size() > max_metric_name) return none;
  const std::size_t at = place_for(meaning);
  if (at == none) return none;
  judges_[at] = LevelJudge(std::string(name), meaning, floor, tolerance_);
  families_[at] = family;
  floors_[at] = floor;
  standings_[at] = detection::Standing::as_known;
  meant_[at] = true;
  now_[at] = nothing;
  loads_[at] = {};
  tracks_[at] = {};
  tracks_[at].recent.reserve(remembered_scrapes);
  refer(at);
  return at;
}

bool Levels::stable_was_short(std::size_t judge, const std::function<bool(std::size_t)>& counted) const {
  if (judges_[judge].has_reference()) return false;
  const auto of_metric = std::find(of_durations_.begin(), of_durations_.end(), judge);
  if (of_metric != of_durations_.end()) return counted(static_cast<std::size_t>(of_metric - of_durations_.begin()));
  return is_duration(judge);  // a summary's: nothing else tells whether the stable release had it
}

void Levels::left_out(const RequestCounts& requests, const std::function<void(std::string_view, bool)>& name) const {
  for (std::size_t i = 0; i < of_values_.size(); ++i) {
    const Level& level = values_.levels()[i];
    if (of_values_[i] == none && !has_buckets_[i]) name(level.name, level.meaning.meaning.known);
  }
  for (std::size_t i = 0; i < of_rates_.size(); ++i)
    if (requests.metrics()[i].complete && of_rates_[i] == none && of_durations_[i] == none) name(requests.metrics()[i].name, true);
}

void Levels::refer(std::size_t index) {
  LevelReference reference;
  const std::string& name = judges_[index].name();
  if (const auto* all = named(baseline_.levels, name)) reference.everywhere = *all;
  if (const auto* here = named(baseline_.same_node_levels, name)) reference.same_node = *here;
  if (const auto* spread = named(baseline_.spreads, name)) reference.spread = *spread;
  judges_[index].refer_to(reference);
}

void Levels::set_baseline(const wire::Baseline& baseline, bool restart) {
  baseline_.levels = baseline.levels;
  baseline_.same_node_levels = baseline.same_node_levels;
  baseline_.spreads = baseline.spreads;
  if (restart) std::fill(loads_.begin(), loads_.end(), Load{});
  for (std::size_t i = 0; i < judges_.size(); ++i) {
    if (restart) judges_[i].restart();
    refer(i);
  }
}

void Levels::set_control(const wire::Control& control, Time now, Duration patience) {
  // Pods that are gone are remembered for a few reports. Values do not tell: those of a queue stand at 0 for hours.
  const auto too_old = [&](Told& told, Time reported) {
    if (reported == Time{}) return false;
    if (told.reported != reported) told = {reported, now};
    return now - told.came > patience;
  };
  const LevelJudge::Again again{too_old(told_here_, control.same_node_levels_reported), too_old(told_elsewhere_, control.levels_reported)};
  for (LevelJudge& judge : judges_) judge.control(named(control.same_node_levels, judge.name()), named(control.levels, judge.name()), again);
}

void Levels::commit(const RequestCounts& requests, const Scrape& scrape) {
  values_.commit(scrape.seconds, scrape.first, scrape.restarted);
  std::fill(now_.begin(), now_.end(), nothing);
  const auto& levels = values_.levels();
  const auto& metrics = requests.metrics();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (i >= of_values_.size()) {
      of_values_.push_back(none);
      // Without a type, sum and count may be a histogram's: its buckets tell more.
      const auto buckets = [&](const RequestMetric& metric) { return metric.kind() == wire::MetricKind::latency && metric.family == levels[i].family; };
      has_buckets_.push_back(levels[i].mean && std::any_of(metrics.begin(), metrics.end(), buckets));
      if (!has_buckets_[i]) of_values_[i] = index_of(levels[i].name, levels[i].meaning.meaning, levels[i].family, levels[i].floor);
    }
    // A policy may have named it since.
    if (of_values_[i] == none && !has_buckets_[i] && levels[i].meaning.meaning.known)
      of_values_[i] = index_of(levels[i].name, levels[i].meaning.meaning, levels[i].family, levels[i].floor);
    if (of_values_[i] == none) continue;
    interpret(of_values_[i], levels[i].meaning, levels[i].meant);
    now_[of_values_[i]] = levels[i].value;
  }
  of_rates_.resize(std::max(of_rates_.size(), metrics.size()), none);
  of_durations_.resize(of_rates_.size(), none);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const RequestMetric& metric = metrics[i];
    if (!metric.complete || metric.series_left_out) {
      for (const std::size_t at : {of_rates_[i], of_durations_[i]})
        if (at != none) meant_[at] = false;
      continue;
    }
    if (metric.kind() == wire::MetricKind::latency) {
      if (of_durations_[i] == none) of_durations_[i] = index_of(metric.name + std::string(mean_suffix), mean_duration(metric.meaning).meaning, metric.family, 0);
      if (of_durations_[i] != none) interpret(of_durations_[i], mean_duration(metric.meaning), true);
      if (of_durations_[i] != none && !scrape.first) now_[of_durations_[i]] = mean_log_duration(metric);
    } else {
      if (of_rates_[i] == none) of_rates_[i] = index_of(metric.name + std::string(rate_suffix), throughput(), metric.family, 0.1);
      if (of_rates_[i] != none) interpret(of_rates_[i], {throughput(), metric.meaning.standing}, true);
      if (of_rates_[i] != none && !scrape.first && !scrape.restarted && scrape.seconds > 0)
        now_[of_rates_[i]] = on_scale((metric.increments[0] + metric.increments[1]) / scrape.seconds, detection::Scale::ratio, 0.1);
    }
  }
  for (std::size_t i = 0; i < judges_.size(); ++i) take(i, now_[i], scrape);
}

void Levels::failed() {
  Scrape lost;
  for (std::size_t i = 0; i < judges_.size(); ++i) take(i, nothing, lost);
}

void Levels::take(std::size_t index, double value, const Scrape& scrape) {
  Track& track = tracks_[index];
  if (track.scrapes == 0) {
    if (std::isnan(value)) return;
    track.first_age = scrape.age;
  }
  // Where a process begins again, `recent` would take its start for the level of an older one.
  track.restarted = track.restarted || scrape.restarted;
  const bool young_again = track.restarted && scrape.age < detection::young_scrapes.back();
  const float kept = young_again ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(value);
  if (track.recent.size() < remembered_scrapes) track.recent.push_back(kept);
  else track.recent[track.scrapes % remembered_scrapes] = kept;
  ++track.scrapes;
  if (!std::isnan(value)) {
    track.sum += value;
    ++track.counted;
  }
  loads_[index] = load(judges_[index]);
  judges_[index].scrape(value, scrape.age, loads_[index].requests > 0);
}

Levels::Load Levels::load(const LevelJudge& judge) const {
  for (const std::size_t at : of_rates_) {
    if (at == none || std::isnan(now_[at]) || !judges_[at].has_reference() || &judges_[at] == &judge) continue;
    const double difference = judges_[at].difference();
    const bool concurrent = judges_[at].concurrent();
    if (concurrent ? difference > busier : std::abs(difference) > unusual_load) return {std::exp(difference), concurrent};
  }
  return {};
}

bool Levels::slow_start(std::size_t metric, std::uint64_t age) const { return metric < of_durations_.size() && of_durations_[metric] != none && judges_[of_durations_[metric]].young(age); }

void Levels::summarise(std::size_t index) const {
  const Track& track = tracks_[index];
  std::vector<float> ordered = track.recent;
  const bool turned = track.scrapes > remembered_scrapes;
  if (turned) std::rotate(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(track.scrapes % remembered_scrapes), ordered.end());
  const detection::MetricMeaning& meaning = judges_[index].meaning();
  double resolution = std::max(meaning.effect / 20, 1e-9);
  if (meaning.scale == detection::Scale::ratio) {
    // Counts of things move by whole ones.
    const bool of_things = floors_[index] == floor_of_things;
    resolution = std::max(resolution_of_ratio, of_things ? step_of_things * std::exp(-track.sum / static_cast<double>(track.counted)) : 0);
  }
  wire::LevelSummary next = detection::summarise(ordered, turned ? track.first_age + track.scrapes - remembered_scrapes : track.first_age, resolution);
  next.metric = judges_[index].name();
  if (next.young.empty()) next.young = track.summary.young;  // of the minutes that are no longer remembered
  track.summary = std::move(next);
  track.summarised = track.scrapes;
}

void Levels::fill(wire::Report& report) const {
  std::size_t sums = 0, levels = 0;  // what an earlier report had is overwritten: its strings need no new memory
  for (std::size_t i = 0; i < judges_.size(); ++i) {
    const Track& track = tracks_[i];
    if (track.counted == 0) continue;
    wire::LevelSum& sum = next_of(report.level_sums, sums);
    sum.metric = judges_[i].name();
    sum.sum = track.sum;
    sum.scrapes = track.counted;
    if (track.scrapes >= detection::least_scrapes && track.scrapes * 4 >= track.summarised * 5) summarise(i);
    if (track.summary.scrapes > 0) next_of(report.levels, levels) = track.summary;
  }
  report.level_sums.resize(sums);
  report.levels.resize(levels);
}

void Levels::fill_starts(wire::Report& report, const std::function<double(std::size_t)>& weight) const {
  std::size_t starts = 0;
  const auto next = [&]() -> wire::LevelStart& { return next_of(report.level_starts, starts); };
  for (std::size_t i = 0; i < judges_.size(); ++i)
    if (weight(i) > 0 && std::find(of_rates_.begin(), of_rates_.end(), i) == of_rates_.end()) judges_[i].fill_starts(weight(i), next);
  report.level_starts.resize(starts);
}

}  // namespace charon::agent
