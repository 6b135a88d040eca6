#include "tests/bench/release_regression/world.hpp"

#include <array>

namespace charon::bench {
namespace {

using agent::FamilyType;
using agent::LabelView;

constexpr std::size_t bounds_count = 12;  // +Inf included
constexpr std::array<double, bounds_count - 1> default_seconds = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
constexpr std::array<LabelView, bounds_count> default_labels = {{
    {"le", "0.005"}, {"le", "0.01"}, {"le", "0.025"}, {"le", "0.05"}, {"le", "0.1"}, {"le", "0.25"},
    {"le", "0.5"}, {"le", "1"}, {"le", "2.5"}, {"le", "5"}, {"le", "10"}, {"le", "+Inf"}}};
constexpr std::array<double, bounds_count - 1> other_seconds = {.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24};
constexpr std::array<LabelView, bounds_count> other_labels = {{
    {"le", "0.01"}, {"le", "0.02"}, {"le", "0.04"}, {"le", "0.08"}, {"le", "0.16"}, {"le", "0.32"},
    {"le", "0.64"}, {"le", "1.28"}, {"le", "2.56"}, {"le", "5.12"}, {"le", "10.24"}, {"le", "+Inf"}}};
constexpr LabelView ok[] = {{"code", "200"}}, failed[] = {{"code", "500"}};

struct Names {
  std::string_view family, bucket, sum, count;
};
constexpr std::array<Names, histogram_count> histograms = {{
    {"http_request_duration_seconds", "http_request_duration_seconds_bucket", "http_request_duration_seconds_sum", "http_request_duration_seconds_count"},
    {"rpc_server_duration_seconds", "rpc_server_duration_seconds_bucket", "rpc_server_duration_seconds_sum", "rpc_server_duration_seconds_count"},
    {"db_query_duration_seconds", "db_query_duration_seconds_bucket", "db_query_duration_seconds_sum", "db_query_duration_seconds_count"},
}};
/// Names by which Charon's table (lib/detection/metric_table.cpp) knows what they show. Go's own names of connections and of
/// the collector's time are among those of runtimes that the table leaves out, so those of other conventions stand for them.
/// Three metrics are not judged by their nature: bytes received and sent follow the load, and histograms of inner operations
/// (the database's) are for the record until a policy names them.
constexpr std::array<std::string_view, gauge_count> gauges = {
    "process_resident_memory_bytes", "go_memstats_heap_alloc_bytes", "process_open_fds", "go_goroutines", "go_threads",
    "worker_queue_length", "cache_hit_ratio", "db_open_connections", "http_requests_in_flight", "kafka_consumer_backlog"};
constexpr std::array<std::string_view, rate_count> rates = {
    "process_cpu_seconds_total", "dotnet_gc_pause_time_seconds_total", "process_network_receive_bytes_total",
    "process_network_transmit_bytes_total"};

Schema schema_with(const std::array<LabelView, bounds_count>& bounds) {
  Schema schema;
  schema.push_back({"http_requests_total", "http_requests_total", ok, FamilyType::counter, requests});
  schema.push_back({"http_requests_total", "http_requests_total", failed, FamilyType::counter, errors});
  for (int h = 0; h < histogram_count; ++h) {
    const Names& names = histograms[static_cast<std::size_t>(h)];
    const int metric = first_histogram + h;
    for (const LabelView& bound : bounds)
      schema.push_back({names.family, names.bucket, std::span(&bound, 1), FamilyType::histogram, metric});
    schema.push_back({names.family, names.sum, {}, FamilyType::histogram, metric});
    schema.push_back({names.family, names.count, {}, FamilyType::histogram, metric});
  }
  int metric = first_gauge;
  for (const std::string_view name : gauges) schema.push_back({name, name, {}, FamilyType::gauge, metric++});
  for (const std::string_view name : rates) schema.push_back({name, name, {}, FamilyType::counter, metric++});
  schema.push_back({"process_start_time_seconds", "process_start_time_seconds", {}, FamilyType::gauge, restarts});
  return schema;
}

}  // namespace

const Schema& ordinary_schema() {
  static const Schema schema = schema_with(default_labels);
  return schema;
}

const Schema& changed_buckets_schema() {
  static const Schema schema = schema_with(other_labels);
  return schema;
}

bool is_missing(const SeriesDescription& series) {
  return series.metric == db_latency || series.metric == cache_ratio || series.metric == receive;
}

const Schema& missing_series_schema() {
  static const Schema schema = [] {
    Schema kept;
    for (const SeriesDescription& series : ordinary_schema())
      if (!is_missing(series)) kept.push_back(series);
    return kept;
  }();
  return schema;
}

std::span<const double> default_bounds() { return default_seconds; }
std::span<const double> changed_bounds() { return other_seconds; }

}  // namespace charon::bench
