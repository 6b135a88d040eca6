#pragma once
/// The simulator that knows the truth: one release of a service on three nodes, scrape by scrape.
///
/// A release's numbers depend on (seed, cell, index) alone: every pod has a generator of its own, seeded from these.
#include "tests/bench/release_regression/column.hpp"
#include "tests/bench/release_regression/model.hpp"
#include "tests/bench/release_regression/scenario.hpp"

#include <cstdint>
#include <memory>

namespace charon::bench {

/// The series of one pod as a Go service would show them: 2 counters of requests, 3 histograms with the client library's
/// default buckets, 10 gauges, 4 counters, process_start_time_seconds.
const Schema& ordinary_schema();
/// The same with other bucket bounds (changed_buckets), and with series missing (missing_series).
const Schema& changed_buckets_schema();
const Schema& missing_series_schema();

bool is_missing(const SeriesDescription& series);

/// Upper bounds of the buckets, seconds, without +Inf.
std::span<const double> default_bounds();
std::span<const double> changed_bounds();

/// Where series stand in the ordinary schema.
inline constexpr std::size_t good_series = 0, bad_series = 1, first_bucket_series = 2, buckets = 12, histogram_series = 14;
inline constexpr std::size_t first_level_series = first_bucket_series + histogram_series * histogram_count;
inline constexpr std::size_t start_series = first_level_series + level_count, series_count = start_series + 1;

class World {
 public:
  World();
  ~World();
  World(World&&) noexcept;
  World& operator=(World&&) noexcept;

  /// `stream`: of this release, from stream_of. Views into `model` and `scenario` are kept.
  void begin(const Model& model, const Scenario& scenario, Layout layout, bool history, std::uint64_t stream);
  /// False after the last scrape. What `out` shows is valid until the next call.
  bool next(FleetScrape& out);
  /// The node, and the pod on it, that this release's effects on one device hit.
  int device() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A stream's seed from the run's seed, the cell's name and the index of the release in it.
std::uint64_t stream_of(std::uint64_t seed, std::string_view cell, std::uint64_t index);

}  // namespace charon::bench
