#pragma once
/// All levels of the target: what the families show, what is derived from requests (their rate, the mean logarithm of
/// their duration), a judge for each, and what of them goes into reports.
///
/// A report holds wire::max_metrics of them. What decides comes before what is known, that before what nobody knows: it takes
/// the place of the last one of less account, and what has none is told (`left_out`).
#include "agent/core/level_judge.hpp"
#include "agent/core/level_values.hpp"
#include "agent/core/request_counts.hpp"

#include <algorithm>

namespace charon::agent {

inline constexpr std::size_t remembered_scrapes = 720;  ///< of each level, for its summary: an hour at the default interval
inline constexpr std::size_t remembered_levels = 4 * wire::max_metrics;  ///< of which wire::max_metrics are judged
inline constexpr double unusual_load = 0.47;  ///< log: 1.6 times more or less load than history shows, where no control runs, suspends all other levels

/// Requests served: a release that serves far fewer than its control stalls.
detection::MetricMeaning throughput();

class Levels {
 public:
  /// `remapped`: families mean something else from the next scrape on.
  void configure(double tolerance, std::vector<std::string> ignore, bool restart, bool remapped);
  void set_baseline(const wire::Baseline& baseline, bool restart);
  /// `patience`: how long what a control's pods said last stands for what they show.
  void set_control(const wire::Control& control, Time now, Duration patience);

  void begin() { values_.begin(); }
  void observe(const SampleView& sample, const detection::PolicyMeaning& meaning) { values_.observe(sample, meaning); }
  struct Scrape {
    double seconds = 0;        ///< since the scrape before
    bool first = false, restarted = false;
    std::uint64_t age = 0;     ///< scrapes since the process started
  };
  void commit(const RequestCounts& requests, const Scrape& scrape);
  void failed();

  /// Some are of no group that counts or have no baseline: LevelJudge tells.
  const std::vector<LevelJudge>& judges() const { return judges_; }
  /// By what policy and table say of it; `decide`: whether levels have a part in the verdict.
  Excluded excluded(const LevelJudge& judge, bool decide) const;
  /// Why a judge's level is not judged now: requests of the pod, as multiple of the control's; 0: it is.
  struct Load { double requests = 0; bool concurrent = false; };
  Load unlike_control(std::size_t judge) const { return loads_[judge]; }
  /// Of a judge in this scrape, in the metric's unit (durations: seconds); NaN: not in it.
  double value(std::size_t judge) const { return from_scale(now_[judge], judges_[judge].meaning().scale, floors_[judge]); }
  /// The mean duration of requests.
  bool is_duration(std::size_t judge) const { return judges_[judge].meaning().group == detection::Group::latency && judges_[judge].meaning().kind == detection::Kind::latency; }
  /// Whether the stable release showed this duration too, by the `counted` metrics of its baseline, but for too short a time;
  /// of a summary it is taken for granted.
  bool stable_was_short(std::size_t judge, const std::function<bool(std::size_t)>& counted) const;
  /// Whether this pod ever did.
  bool shown(std::size_t judge) const { return tracks_[judge].counted > 0; }
  /// Names each level that has no place (of requests their metric), and whether somebody knows what it means.
  void left_out(const RequestCounts& requests, const std::function<void(std::string_view name, bool known)>& name) const;
  /// Whether requests of the latency metric with this index in RequestCounts take longer at this age than later, in health.
  bool slow_start(std::size_t metric, std::uint64_t age) const;
  std::uint64_t samples_ignored() const { return values_.samples_ignored(); }
  /// level_sums and levels; a summary is read anew when its scrapes grew by a quarter.
  void fill(wire::Report& report) const;
  /// level_starts, but for requests served: how many of them new pods get is the balancer's doing, and alike for all of them.
  /// `weight`: of a judge in the pod's evidence.
  void fill_starts(wire::Report& report, const std::function<double(std::size_t)>& weight) const;

 private:
  struct Track {
    std::vector<float> recent;     ///< ring
    std::uint64_t scrapes = 0;     ///< ever, lost ones included
    std::uint64_t first_age = 0;
    bool restarted = false;        ///< ever: from then on scrapes do not tell its age
    double sum = 0;
    std::uint64_t counted = 0;
    mutable wire::LevelSummary summary;
    mutable std::uint64_t summarised = 0;
  };
  std::size_t index_of(std::string_view name, const detection::MetricMeaning& meaning, std::string_view family, double floor);
  std::size_t place_for(const detection::MetricMeaning& meaning);
  void interpret(std::size_t index, const detection::PolicyMeaning& meaning, bool meant);
  void take(std::size_t index, double value, const Scrape& scrape);
  void refer(std::size_t index);
  void summarise(std::size_t index) const;
  Load load(const LevelJudge& judge) const;

  LevelValues values_{remembered_levels, max_series};
  std::vector<LevelJudge> judges_;
  std::vector<Track> tracks_;              // as judges_
  std::vector<std::string> families_;      // as judges_
  std::vector<double> floors_;             // as judges_
  std::vector<detection::Standing> standings_;  // as judges_
  std::vector<bool> meant_;                // as judges_; false: by the present policy there is no such level
  std::vector<bool> has_buckets_;          // as values_' levels: they are a histogram's, which is read by its buckets
  std::vector<std::size_t> of_values_, of_rates_, of_durations_;  // judge of each of values_' levels, of each request metric
  struct Told { Time reported{}, came{}; };
  Told told_here_, told_elsewhere_;        // when the control's pods had reported last, and when that was told first
  std::vector<double> now_;                // as judges_, NaN: not in this scrape
  std::vector<Load> loads_;                // as judges_
  wire::Baseline baseline_;                // levels and spreads alone
  std::vector<std::string> ignore_;
  double tolerance_ = 0.5;
};

}  // namespace charon::agent
