#pragma once
/// The levels of a target: per family of gauges its sum over label sets (shares: their mean), per family of counters the
/// sum's increase per second; of summaries what was spent per second. On the scale in which effects are measured: the
/// natural logarithm for ratios.
///
/// Which families count is said by detection::meaning_of. Counter resets and process restarts: that scrape has no value.
#include "agent/core/series_store.hpp"
#include "lib/detection/metric_meaning.hpp"

#include <string>

namespace charon::agent {

struct Level {
  std::string name;                  ///< of the family; " rate" is added for counters
  std::string family;                ///< as policies name it
  detection::MetricMeaning meaning;
  double value = 0;                  ///< on its scale; NaN: not in this scrape
  double floor = 1;                  ///< ratio: added before the logarithm, so that 0 has one
  double sum = 0;                    ///< within the scrape
  std::uint32_t series = 0;
  bool rate = false, whole = true;   ///< whole: every series that was ever seen is kept
};

class LevelValues {
 public:
  explicit LevelValues(std::size_t most_levels, std::size_t most_series) : most_levels_(most_levels), store_(most_series) {}

  void begin();
  void observe(const SampleView& sample);
  /// `seconds` since the scrape before; `restarted`: by the process start time. Values stand until the next commit.
  void commit(double seconds, bool first, bool restarted);
  /// In the order first seen; indices are stable.
  const std::vector<Level>& levels() const { return levels_; }
  std::uint64_t samples_ignored() const { return ignored_; }

 private:
  std::uint32_t level_for(const SampleView& sample);

  std::size_t most_levels_;
  SeriesStore store_;
  std::vector<Level> levels_;
  std::uint64_t scrape_ = 0, ignored_ = 0;
};

/// A value on its scale.
double on_scale(double value, detection::Scale scale, double floor);
double from_scale(double value, detection::Scale scale, double floor);

}  // namespace charon::agent
