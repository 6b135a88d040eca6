#pragma once
/// The levels of a target: per family of gauges its sum over label sets (shares: their mean), per family of counters the
/// sum's increase per second; of summaries, and of durations that came without a type, the mean: what their sum grew by for
/// each that was counted. On the scale in which effects are measured: the natural logarithm for ratios.
///
/// Which families count is said by what they mean; counters of restarts by the hour. A counter that a policy calls errors
/// though nothing says which of them failed is a rate that does not fit. Counter resets and process restarts: that scrape has
/// no value. Families that nobody knows take half of the places at most.
#include "agent/core/series_store.hpp"
#include "lib/detection/policy_meaning.hpp"

#include <string>

namespace charon::agent {

inline constexpr std::string_view mean_suffix = " mean";
/// A scrape with a fraction of the usual requests, as after a restart, tells little of their mean and would weigh like others.
inline constexpr double least_share_of_requests = 0.3;

struct Level {
  std::string name;                  ///< of the family; " rate", " per hour" or " mean" is added, and a scale that is not the table's
  std::string family;                ///< as policies name it
  detection::PolicyMeaning meaning;
  double value = 0;                  ///< on its scale; NaN: not in this scrape
  double floor = 0;                  ///< ratio: added before the logarithm, so that 0 has one
  double sum = 0, count = 0;         ///< within the scrape; count: mean alone
  double usual = 0;                  ///< mean count of the scrapes that had any, lately
  std::uint64_t windows = 0;         ///< those, ever
  std::uint32_t series = 0;
  bool rate = false, mean = false, whole = true;  ///< whole: every series that was ever seen is kept
  bool meant = true;                 ///< false: by the present policy the family is not read so
  double mean_of_scrape();
};

class LevelValues {
 public:
  explicit LevelValues(std::size_t most_levels, std::size_t most_series) : most_levels_(most_levels), most_series_(most_series), store_(most_series) {}

  void begin();
  void observe(const SampleView& sample, const detection::PolicyMeaning& meaning);
  /// Families mean something else from the next scrape on, which is a first one for their rates.
  void restart();
  /// `seconds` since the scrape before; `restarted`: by the process start time. Values stand until the next commit.
  void commit(double seconds, bool first, bool restarted);
  /// In the order first seen; indices are stable.
  const std::vector<Level>& levels() const { return levels_; }
  std::uint64_t samples_ignored() const { return ignored_; }

 private:
  std::uint32_t level_for(const SampleView& sample, const detection::PolicyMeaning& meaning);

  std::size_t most_levels_, most_series_;
  SeriesStore store_;
  std::vector<Level> levels_;
  std::uint64_t scrape_ = 0, ignored_ = 0;
};

/// A value on its scale.
/// Added to counts of things (threads, queued jobs): one more or less of a handful is no degradation.
inline constexpr double floor_of_things = 4;
double on_scale(double value, detection::Scale scale, double floor);
double from_scale(double value, detection::Scale scale, double floor);

}  // namespace charon::agent
