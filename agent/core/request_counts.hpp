#pragma once
/// From cumulative series to what happened between two scrapes: requests by outcome and by duration, per metric, summed
/// over label sets; counter resets and process restarts seen.
///
/// A counter that fell was reset: its value is what happened since (as Prometheus' rate() takes it). A series that is
/// new on a target already scraped started from 0. After a process restart (process_start_time_seconds moved by more than
/// a second; without that metric: at least half of the counters that had counted fell in one scrape) all did.
/// NaN, infinite and negative values are as if absent. Buckets must be the same in all label sets of a family: scrapes
/// that show them otherwise are left out for that family, since differences between buckets would be nonsense.
/// A metric of which a series had to be left out (too many, or too long) counts nothing from that scrape on: a ratio of
/// those that happen to be kept says nothing of the whole. Its totals stay what they were, so others may still use them.
#include "agent/core/request_sample.hpp"
#include "agent/core/series_store.hpp"
#include "lib/base/wire.hpp"
#include "lib/detection/policy_meaning.hpp"

#include <string>

namespace charon::agent {

inline constexpr std::size_t max_series = 10'000;         ///< judged series a pod; others are not kept at all
inline constexpr std::size_t max_series_bytes = 4'096;    ///< name and labels of one
inline constexpr std::size_t max_metric_name = 512;       ///< bytes, as the wire allows

/// One metric of the target.
struct RequestMetric {
  Role role = Role::outcome;        ///< outcome, failures (of a pair) or bucket
  std::string stem, label;          ///< of RequestSample
  std::string name;                 ///< as reports show it
  std::string family;               ///< as policies ignore it
  detection::PolicyMeaning meaning; ///< of the family
  std::vector<double> slot_bounds;  ///< bucket: per slot, in the order first seen, +Inf included
  std::vector<std::uint32_t> order; ///< bucket: slots by ascending bound
  std::vector<double> bounds;       ///< bucket: ascending, +Inf left out
  std::vector<double> grown;        ///< per slot, this scrape
  std::vector<std::uint32_t> seen;  ///< per slot, series in this scrape
  std::vector<double> increments;   ///< this scrape: {good, bad} or per bucket; all 0 where nothing was seen
  std::vector<double> totals;       ///< of the increments
  std::uint64_t windows = 0;        ///< scrapes with traffic
  bool complete = false;            ///< can be judged: seen, both of a pair, +Inf and a finite bucket
  bool series_left_out = false;     ///< a bound was passed: not to be judged any more

  wire::MetricKind kind() const { return role == Role::bucket ? wire::MetricKind::latency : wire::MetricKind::error_ratio; }
  wire::MetricCounts counts() const;
};

class RequestCounts {
 public:
  /// A scrape begins; what an unfinished one showed is forgotten.
  void begin();
  void observe(const SampleView& sample, const detection::PolicyMeaning& meaning);
  struct Committed { bool first = false; bool process_restarted = false; };
  /// The scrape was good: increments stand until the next commit.
  Committed commit();
  /// Families mean something else from the next scrape on, which counts nothing: it is like a first one. Totals stay.
  void restart();

  /// In the order first seen; indices are stable. At most wire::max_metrics.
  const std::vector<RequestMetric>& metrics() const { return metrics_; }
  /// Seconds since the epoch; 0: not shown.
  double process_start() const { return process_start_; }
  std::size_t series() const { return store_.size(); }
  std::uint64_t samples_ignored() const { return ignored_; }

 private:
  RequestMetric* metric_for(const RequestSample& request, const SampleView& sample, std::uint32_t& index);
  bool slot_for(RequestMetric& metric, const RequestSample& request, std::uint32_t& slot) const;
  bool restarted();
  void count(RequestMetric& metric);

  SeriesStore store_{max_series};
  std::vector<RequestMetric> metrics_;
  std::uint64_t scrape_ = 0;
  bool committed_once_ = false;
  double process_start_ = 0, process_start_seen_ = 0;
  std::uint64_t ignored_ = 0;
};

}  // namespace charon::agent
