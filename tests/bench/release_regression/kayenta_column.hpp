#pragma once
/// Kayenta as a stage of a deployment: the candidate's pods against the stable ones, one value per metric and scrape (the
/// mean over the pods that show one, as a query averages), judged over everything since the candidate's start.
///
/// Control: as many of the stable release's newest scrapes as the candidate has: concurrent ones in layout A, those before
/// the stable pods went in B and C. Groups and weights: errors 35, HTTP latency 35, everything else 30, so that each of the
/// first two fails the release alone; each metric in the direction that is worse. A score below 50 rolls back at any
/// judgement, one below 75 at the last, else it passes. While no candidate runs there is nothing to judge.
#include "tests/bench/release_regression/kayenta_judge.hpp"
#include "tests/bench/release_regression/rival_readings.hpp"

namespace charon::bench {

class KayentaColumn : public Column {
 public:
  /// Judges after every `interval` scrapes of the candidate, and after the last.
  KayentaColumn(KayentaSettings settings, int interval) : settings_(settings), interval_(interval) {}

  void begin(const Setting& setting) override;
  Decision scrape(const FleetScrape& fleet) override;
  Decision end() override;

  /// What `allowed_change` must exceed for this release not to be rolled back.
  double largest_failing_change() const { return largest_failing_change_; }

 private:
  /// Rolls back where the score is below `limit`.
  bool fails(double limit);

  KayentaSettings settings_;
  double largest_failing_change_ = 0;
  int interval_;
  PodReadings readings_;
  /// Means over pods by metric, one a scrape, in time order.
  std::array<std::vector<double>, metric_count> stable_, candidate_;
  std::vector<double> control_, experiment_;  ///< of one judgement
};

// Factories, as columns.cpp lists them. Every minute is a misuse: a test at 98% that looks 30 times.
std::unique_ptr<Column> kayenta_at_the_end();
std::unique_ptr<Column> kayenta_every_five_minutes();
std::unique_ptr<Column> kayenta_each_minute_misused();
std::unique_ptr<Column> kayenta_at_the_end_calibrated();
std::unique_ptr<Column> kayenta_every_five_minutes_calibrated();
std::unique_ptr<Column> kayenta_each_minute_misused_calibrated();

}  // namespace charon::bench
