#pragma once
/// Flagger's documented defaults: every minute the candidate's success rate of the last minute must be at least 99% and its
/// p99 (histogram_quantile) at most 500 ms; the fifth failed check rolls back. A minute without requests fails its check
/// ("no values found"); one without running candidates is none. Failed checks add up and are not forgiven.
/// The other variant asks for a p99 of at most 2 x that of stable pods in the same minute, or, with none running, of the
/// stable release's whole history.
///
/// Flagger's checks end with promotion (10 minutes with the documented weights); here they go on for the whole candidate,
/// so that late faults are looked for. It passes where fewer than five checks failed.
#include "tests/bench/release_regression/rival_readings.hpp"

namespace charon::bench {

struct ThresholdSettings {
  double highest_error_share = 0.01;
  double highest_p99 = 0;       ///< seconds; 0: none
  double highest_p99_ratio = 0;  ///< to stable's; 0: none
  double factor = 1;             ///< on all of these
};
inline constexpr ThresholdSettings threshold_settings_documented{0.01, 0.5, 0, 1};
inline constexpr ThresholdSettings threshold_settings_ratio{0.01, 0, 2, 1};
inline constexpr std::size_t failed_checks_to_roll_back = 5;

/// Requests of one group of pods in a stretch of time.
class RequestWindow {
 public:
  void clear() { *this = RequestWindow(); }
  void add(const RivalReading& reading);
  double all() const { return good_ + bad_; }
  double error_share() const { return bad_ / all(); }
  double p99() const { return histogram_quantile(0.99, durations_, bounds_); }

 private:
  double good_ = 0, bad_ = 0;
  std::array<double, buckets> durations_{};
  std::span<const double> bounds_;
};

class ThresholdColumn : public Column {
 public:
  explicit ThresholdColumn(ThresholdSettings settings) : settings_(settings) {}

  void begin(const Setting& setting) override;
  Decision scrape(const FleetScrape& fleet) override;
  Decision end() override;

  /// What `factor` must be for this release not to be rolled back: the fifth highest excess of a check so far; 0 with
  /// fewer checks.
  double needed_factor() const { return highest_.back(); }

 private:
  /// How many times its limit the worst figure of this minute is; infinite without figures.
  double excess() const;

  ThresholdSettings settings_;
  PodReadings readings_;
  RequestWindow candidate_, stable_, history_;
  bool running_ = false;   ///< a candidate was scraped in this minute
  std::array<double, failed_checks_to_roll_back> highest_{};  ///< excesses, the highest first
};

std::unique_ptr<Column> threshold_documented();
std::unique_ptr<Column> threshold_ratio();
std::unique_ptr<Column> threshold_documented_calibrated();
std::unique_ptr<Column> threshold_ratio_calibrated();

}  // namespace charon::bench
