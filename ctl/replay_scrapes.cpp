#include "ctl/replay_scrapes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::ctl {

ScrapePlayer::ScrapePlayer(const RecordedTarget& target, Time from, Time to) : target_(&target) {
  std::vector<Time> all;
  for (const RecordedSeries& series : target.series) {
    const auto first = std::lower_bound(series.points.begin(), series.points.end(), from, [](const RecordedPoint& p, Time t) { return p.time < t; });
    cursors_.push_back(static_cast<std::size_t>(first - series.points.begin()));
    for (auto point = first; point != series.points.end() && point->time < to; ++point) all.push_back(point->time);
    auto& labels = labels_.emplace_back();
    for (const auto& [name, value] : series.labels) labels.push_back({name, value});
    if (all.size() > 4'000'000) {  // most are the same times again
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
    }
  }
  std::sort(all.begin(), all.end());
  for (const Time time : all)
    if (times_.empty() || time - times_.back() > scrape_width) times_.push_back(time);
}

wire::AgentPolicy ScrapePlayer::at_its_pace(wire::AgentPolicy policy) const {
  std::vector<Duration> between;
  for (std::size_t i = 1; i < times_.size(); ++i) between.push_back(times_[i] - times_[i - 1]);
  if (between.empty()) return policy;
  const auto quartile = between.begin() + static_cast<std::ptrdiff_t>(between.size() * 3 / 4);
  std::nth_element(between.begin(), quartile, between.end());
  policy.scrape_interval = std::clamp<Duration>(*quartile, wire::shortest_scrape_interval, wire::longest_scrape_interval);
  return policy;
}

void ScrapePlayer::play(agent::Detector& detector) {
  const Time now = times_[at_++], end = now + scrape_width;
  const auto& series = target_->series;
  const auto due = [&](std::size_t i) { return cursors_[i] < series[i].points.size() && series[i].points[cursors_[i]].time <= end; };
  bool failed = false;
  detector.begin_scrape(now);
  for (std::size_t i = 0; i < series.size(); ++i) {
    // The last of several: a scrape shows a series once.
    const RecordedPoint* point = nullptr;
    for (; due(i); ++cursors_[i]) point = &series[i].points[cursors_[i]];
    if (!point) continue;
    if (series[i].name == "up") failed = point->value == 0;
    else detector.observe({.family = series[i].family, .name = series[i].name, .labels = labels_[i], .value = point->value, .type = series[i].type, .timestamp = {}});
  }
  if (failed) detector.scrape_failed(now);
  else detector.end_scrape();
}

void ReplaySide::add(const ScrapePlayer& player) {
  const auto& times = player.times();
  if (times.empty()) return;
  ++pods;
  scrapes += times.size();
  from = std::min(from, times.front());
  to = std::max(to, times.back());
}

Result<void> validate(const ReplaySide& side, std::string_view name, std::size_t most) {
  if (side.pods == 0) return fail(Errc::invalid_input, fmt::format("the {} holds no samples", name));
  if (side.scrapes > most) return fail(Errc::too_large, fmt::format("the {} holds {} scrapes, more than {}: take a shorter time or fewer pods", name, side.scrapes, most));
  return {};
}

}  // namespace charon::ctl
