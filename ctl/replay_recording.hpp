#pragma once
/// What recorded metrics become: targets (pods), their series, and each series' points; read from files in whatever order.
///
/// A target is what was scraped: the labels `pod`, `instance`, `job` and `container` together. These and what else
/// service discovery adds (namespace, node, ...) are taken off the series, so that the detector sees what the pod showed.
/// NaN is no value: in a dump it is Prometheus' staleness marker (a series that ended), in counts it would mean nothing.
#include "agent/core/sample.hpp"
#include "agent/core/series_store.hpp"
#include "lib/base/clock.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace charon::ctl {

/// Of all files of one side, baseline or candidate.
struct RecordingLimits {
  std::size_t series = 10'000;
  std::size_t points = 20'000'000;   ///< 16 bytes each
  std::size_t scrapes = 100'000;     ///< of all targets together
  std::size_t label_bytes = 16'384;  ///< of one series
};

struct RecordedPoint {
  Time time;
  double value = 0;
};

struct RecordedSeries {
  std::string family, name;
  agent::FamilyType type = agent::FamilyType::unknown;
  std::vector<std::pair<std::string, std::string>> labels;  ///< without those of the target
  std::vector<RecordedPoint> points;                        ///< ascending after Recording::finish
};

struct RecordedTarget {
  std::string name;  ///< for people: the pod, or else the instance; unique after finish
  std::string pod, instance, job, container, node;
  std::vector<RecordedSeries> series;
};

class Recording {
 public:
  explicit Recording(RecordingLimits limits = {}) : limits_(limits) {}

  /// Which series: to be used with add until the next call. Errors: too_large.
  struct SeriesId { std::size_t target = 0, series = 0; };
  Result<SeriesId> series(std::string_view family, std::string_view name, agent::FamilyType type, std::span<const agent::LabelView> labels);
  /// Errors: too_large.
  Result<void> add(SeriesId series, Time time, double value);
  /// Sorts; of several points of a series at one time the last read stays. Call once, after the last file.
  void finish();

  const std::vector<RecordedTarget>& targets() const { return targets_; }
  const RecordingLimits& limits() const { return limits_; }

 private:
  struct Hash {
    std::size_t operator()(const agent::SeriesKey& key) const { return static_cast<std::size_t>(key.low); }
  };
  RecordingLimits limits_;
  std::vector<RecordedTarget> targets_;
  std::unordered_map<agent::SeriesKey, SeriesId, Hash> by_labels_;
  std::size_t points_ = 0;
};

/// Seconds since the epoch, as both formats write them; nothing where that is no time between 1970 and 9999.
std::optional<Time> recorded_time(double seconds);

}  // namespace charon::ctl
