#include "lib/detection/metric_meaning.hpp"

#include <array>

namespace charon::detection {
namespace {

/// Shares and sizes are chosen so that a practitioner would look: 1 of 100 requests failing, a fifth slower, a fifth more
/// memory, a quarter more processor. Prior spreads are what pods of one release differ by on like nodes where nothing is
/// wrong, rounded up: counts that follow load (CPU, queues) differ more than sizes of a process (memory), and nodes differ
/// more than pods where the hardware has a part in it (time, CPU).
constexpr MetricMeaning requests() {
  return {.kind = Kind::error_ratio, .direction = Direction::up, .scale = Scale::absolute, .effect = 0.01, .pod_spread = 0.2, .node_spread = 0.2,
          .known = true, .group = Group::errors, .weight = 1, .decides = true};
}
constexpr MetricMeaning request_time() {
  return {.kind = Kind::latency, .direction = Direction::up, .scale = Scale::ratio, .effect = 0.2, .pod_spread = 0.05, .node_spread = 0.15,
          .known = true, .group = Group::latency, .weight = 1, .decides = true};
}
constexpr MetricMeaning restarts() {
  return {.kind = Kind::restarts, .direction = Direction::up, .scale = Scale::absolute, .effect = 1, .pod_spread = 0.1, .node_spread = 0.1,
          .known = true, .group = Group::restarts, .weight = 1, .decides = true};
}
constexpr MetricMeaning rest(Kind kind, Direction direction, double effect, double pod_spread, double node_spread, double weight = 1) {
  return {.kind = kind, .direction = direction, .scale = Scale::ratio, .effect = effect, .pod_spread = pod_spread, .node_spread = node_spread,
          .known = true, .group = Group::rest, .weight = weight};
}
constexpr MetricMeaning leaking(MetricMeaning meaning) {
  meaning.trend = meaning.by_age = true;
  return meaning;
}
constexpr MetricMeaning aging(MetricMeaning meaning) {
  meaning.by_age = true;
  return meaning;
}
constexpr MetricMeaning absolute(Direction direction, double effect, double spread, double weight = 1) {
  return {.kind = Kind::gauge, .direction = direction, .scale = Scale::absolute, .effect = effect, .pod_spread = spread, .node_spread = spread,
          .known = true, .group = Group::rest, .weight = weight};
}
constexpr MetricMeaning memory(double weight = 1) { return leaking(rest(Kind::gauge, Direction::up, 0.2, 0.1, 0.1, weight)); }
/// Heaps of garbage collectors: the level is where the collector happens to be.
constexpr MetricMeaning heap(double weight = 1) { return leaking(rest(Kind::gauge, Direction::up, 0.3, 0.15, 0.15, weight)); }
constexpr MetricMeaning descriptors() { return leaking(rest(Kind::gauge, Direction::up, 0.5, 0.2, 0.2)); }
constexpr MetricMeaning threads(double weight = 1) { return leaking(rest(Kind::gauge, Direction::up, 0.5, 0.2, 0.25, weight)); }
constexpr MetricMeaning cpu() { return aging(rest(Kind::counter_rate, Direction::up, 0.25, 0.15, 0.25)); }
constexpr MetricMeaning cpu_share() { return aging(rest(Kind::gauge, Direction::up, 0.25, 0.15, 0.25)); }
constexpr MetricMeaning gc_time(Kind kind) { return aging(rest(kind, Direction::up, 0.5, 0.25, 0.3)); }
constexpr MetricMeaning queue() { return rest(Kind::gauge, Direction::up, 0.5, 0.3, 0.3); }
constexpr MetricMeaning lag() { return rest(Kind::gauge, Direction::up, 0.5, 0.25, 0.35); }
constexpr MetricMeaning mishaps() { return rest(Kind::counter_rate, Direction::up, 0.5, 0.3, 0.3); }
/// Goes with the requests that a balancer happens to send: shown, no part in the verdict.
constexpr MetricMeaning load(Kind kind) { return rest(kind, Direction::both, 0.5, 0.3, 0.3, 0); }
constexpr MetricMeaning ignored() { return {.kind = Kind::ignored, .known = true}; }
constexpr MetricMeaning info() { return {.kind = Kind::build_info, .known = true}; }
constexpr MetricMeaning start() { return {.kind = Kind::process_start, .direction = Direction::up, .known = true, .group = Group::restarts}; }

constexpr std::string_view clients = "Prometheus client libraries, process metrics";
constexpr std::string_view go = "client_golang";
constexpr std::string_view java = "client_java";
constexpr std::string_view micrometer = "Micrometer, Spring Boot";
constexpr std::string_view node = "prom-client (Node.js)";
constexpr std::string_view dotnet = "prometheus-net";
constexpr std::string_view otel = "OpenTelemetry semantic conventions";
constexpr std::string_view red = "RED: requests, errors, durations";
constexpr std::string_view use = "USE: utilisation, saturation, errors";

constexpr auto rows = std::to_array<MetricRow>({
    // Prometheus' own, which come with what is read back from it, and what is of nodes and clusters
    {"up|scrape_*|ALERTS*", "", "", ignored(), "Prometheus, of its scrapes"},
    {"node_cpu_*|node_memory_*|node_filesystem_*|node_network_*|node_disk_*|node_load*|kube_*|kubelet_*|container_cpu_*|container_memory_*|container_network_*|system_cpu_*|system_load_*|system_memory_*", "", "", ignored(), "of the node or the cluster, not of the release"},
    {"exposer_*|*promhttp_*", "", "", ignored(), "prometheus-cpp, client_golang: serving the metrics"},
    {"*_created", "g", "", ignored(), "OpenMetrics"},

    // the process
    {"process_start_time_seconds|*_process_start_time_seconds", "g", "", start(), clients},
    {"process_cpu_seconds|process_cpu_time_seconds|process_cpu_time_ns|jvm_cpu_time_seconds|dotnet_process_cpu_time_seconds|go_cpu_time_seconds", "c", "", cpu(), "client libraries; OpenTelemetry"},
    {"process_cpu_usage|process_cpu_utilization_ratio|jvm_cpu_recent_utilization_ratio", "g", "", cpu_share(), "Micrometer; OpenTelemetry"},
    {"process_resident_memory_bytes|process_memory_usage_bytes|dotnet_process_memory_working_set_bytes", "g", "", memory(), "client libraries; OpenTelemetry"},
    {"process_heap_bytes", "g", "", heap(0.5), "prom-client (Node.js), client library guidelines"},
    {"process_working_set_bytes", "g", "", memory(), dotnet},
    {"process_private_memory_bytes", "g", "", memory(0.5), dotnet},
    {"process_open_fds|process_open_handles|process_files_open_files|process_open_file_descriptor_count|process_unix_file_descriptor_count", "g", "", descriptors(), "client libraries; prometheus-net; Micrometer; OpenTelemetry"},
    {"process_threads|process_num_threads|process_thread_count", "g", "", threads(), "client libraries; prometheus-net; OpenTelemetry"},
    {"process_network_*_bytes", "c", "", load(Kind::counter_rate), go},

    // Go
    {"go_goroutines|go_goroutine_count", "g", "", threads(), "client_golang; OpenTelemetry"},
    {"go_threads", "g", "", threads(0.5), go},
    {"go_memstats_heap_inuse_bytes|go_memstats_heap_alloc_bytes", "g", "", heap(0.5), go},
    {"go_memory_used_bytes", "g", "", heap(), otel},
    {"go_memstats_alloc_bytes|go_memory_allocated_bytes", "c", "", rest(Kind::counter_rate, Direction::up, 0.5, 0.2, 0.2, 0.5), "client_golang; OpenTelemetry"},
    {"go_gc_duration_seconds", "s", "", gc_time(Kind::latency), go},

    // JVM
    {"jvm_memory_used_bytes", "g", "", heap(), "client_java 1; Micrometer; OpenTelemetry"},
    {"jvm_memory_bytes_used", "g", "", heap(), "client_java 0"},
    {"jvm_memory_used_after_last_gc_bytes|jvm_gc_live_data_size_bytes", "g", "", memory(), "OpenTelemetry; Micrometer"},
    {"jvm_buffer_memory_used_bytes|jvm_buffer_pool_used_bytes", "g", "", memory(0.5), "Micrometer; OpenTelemetry; client_java"},
    {"jvm_gc_pause_seconds|jvm_gc_collection_seconds|jvm_gc_duration_seconds", "hs", "", gc_time(Kind::latency), "Micrometer; client_java; OpenTelemetry"},
    {"jvm_gc_memory_allocated_bytes", "c", "", rest(Kind::counter_rate, Direction::up, 0.5, 0.2, 0.2, 0.5), micrometer},
    {"jvm_threads_live_threads|jvm_threads_current|jvm_thread_count", "g", "", threads(), "Micrometer; client_java; OpenTelemetry"},
    {"jvm_threads_deadlocked|jvm_threads_deadlocked_monitor", "g", "", absolute(Direction::up, 1, 0), java},
    {"hikaricp_connections_pending|executor_queued_tasks", "g", "", queue(), micrometer},
    {"hikaricp_connections_active|tomcat_threads_busy_threads|jetty_threads_busy|executor_active_threads", "g", "", queue(), micrometer},
    {"hikaricp_connections_timeout|tomcat_global_error", "c", "", mishaps(), micrometer},
    {"hikaricp_connections_acquire_seconds|hikaricp_connections_usage_seconds", "hs", "", rest(Kind::latency, Direction::up, 0.5, 0.2, 0.25), micrometer},
    {"logback_events|log4j2_events", "c", "", load(Kind::counter_rate), micrometer},

    // Node.js
    {"nodejs_eventloop_lag_p99_seconds|nodejs_eventloop_delay_p99_seconds", "g", "", lag(), "prom-client; OpenTelemetry"},
    {"nodejs_eventloop_utilization|nodejs_eventloop_utilization_ratio", "g", "", cpu_share(), "prom-client; OpenTelemetry"},
    {"nodejs_heap_size_used_bytes|v8js_memory_heap_used_bytes", "g", "", heap(), "prom-client; OpenTelemetry"},
    {"nodejs_external_memory_bytes", "g", "", heap(0.5), node},
    {"nodejs_active_handles|nodejs_active_handles_total|nodejs_active_resources|nodejs_active_resources_total", "g", "", descriptors(), node},
    {"nodejs_gc_duration_seconds|v8js_gc_duration_seconds", "h", "", gc_time(Kind::latency), "prom-client; OpenTelemetry"},

    // Python
    {"python_gc_objects_uncollectable", "c", "", rest(Kind::counter_rate, Direction::up, 1, 0.3, 0.3, 0.5), "client_python"},

    // .NET
    {"dotnet_total_memory_bytes", "g", "", heap(), dotnet},
    {"dotnet_gc_last_collection_heap_size_bytes|dotnet_gc_last_collection_memory_committed_size_bytes", "g", "", heap(0.5), otel},
    {"dotnet_gc_pause_time_seconds", "c", "", gc_time(Kind::counter_rate), otel},
    {"dotnet_exceptions|dotnet_monitor_lock_contentions", "c", "", mishaps(), otel},
    {"dotnet_thread_pool_thread_count", "g", "", threads(0.5), otel},
    {"dotnet_thread_pool_queue_length|kestrel_queued_connections|kestrel_queued_requests", "g", "", queue(), otel},

    // versions, and the runtimes' other numbers
    {"*_info|*_build_info|target_info", "gi", "", info(), "client libraries; OpenTelemetry"},
    {"go_*|jvm_*|nodejs_*|v8js_*|process_*|python_*|dotnet_*", "", "", ignored(), "runtimes: settings, limits, parts of the above"},

    // requests that this service makes, not serves
    {"*client*|*upstream*|*scrape*", "chs", "", ignored(), "outgoing requests; the metrics handler"},

    // requests served
    {"http_server_request_duration_seconds|http_server_duration_milliseconds|rpc_server_duration_milliseconds|rpc_server_call_duration_seconds", "hs", "", request_time(), otel},
    {"http_server_requests_seconds", "hs", "", request_time(), micrometer},
    {"http_requests_received", "c", "", requests(), dotnet},
    {"grpc_server_handled", "c", "", requests(), "go-grpc-middleware and its kin"},
    {"grpc_server_handling_seconds", "hs", "", request_time(), "go-grpc-middleware and its kin"},
    {"grpc_server_started|grpc_server_msg_*", "c", "", load(Kind::counter_rate), "go-grpc-middleware and its kin"},
    {"*queue*|*_gc_*", "c", "", load(Kind::counter_rate), "work taken from queues; runtimes"},
    {"*requests|*request|*_handled", "c", "", requests(), red},
    {"*_request_errors|*_requests_failed|*_request_failures|*_errors|*_failures", "c", "", requests(), "RED: beside X_requests_total"},
    {"*queue*", "hs", "time", rest(Kind::latency, Direction::up, 0.5, 0.2, 0.25), "USE: waiting"},
    {"*_gc_*", "hs", "time", gc_time(Kind::latency), "runtimes"},
    {"*request*|*http*|*grpc*|*rpc*|*handling*|*handler*|*latency*|*latencies*|*response*", "hs", "time", request_time(), red},
    {"*_duration_*|*_time_*|*_latency*|*_duration|*_wait_*", "hs", "time", rest(Kind::latency, Direction::up, 0.5, 0.2, 0.25), "inner operations: queries, jobs, calls"},
    {"*_bytes", "hs", "", ignored(), "sizes of requests and responses: the callers'"},

    // resources
    {"*_limit*|*_max|*_max_*|*_capacity*|*_config_*", "g", "", ignored(), "settings"},
    {"*_timestamp_seconds|*_timestamp|*_last_*_seconds|*_uptime_seconds", "g", "", ignored(), "times"},
    {"*_hit_ratio|*_hit_rate|*_hits_ratio", "g", "", aging(absolute(Direction::down, 0.1, 0.03)), "caches: share of hits, 0 to 1"},
    {"*_utilization|*_utilization_ratio|*_usage_ratio|*_saturation|*_saturation_ratio", "g", "", absolute(Direction::up, 0.1, 0.05), use},
    {"*_queue_length|*_queue_size|*_queue_depth|*queue*_length|*_pending|*_backlog|*_waiting|*_queued|*_queued_*", "g", "", queue(), use},
    {"*_active_requests|*_in_flight|*_inflight|*_in_progress|*_active_requests_*", "g", "", rest(Kind::gauge, Direction::up, 1, 0.3, 0.3), "OpenTelemetry; prometheus-net; RED"},
    {"*_memory_bytes|*_memory_used_bytes|*_heap_bytes|*_memory_usage_bytes|*_resident_bytes", "g", "", memory(0.5), use},
    {"*_open_connections|*_connections|*_connections_active|*_open_files|*_sockets", "g", "", leaking(rest(Kind::gauge, Direction::up, 0.5, 0.3, 0.3, 0.5)), use},
    {"*_goroutines|*_threads|*_workers_busy|*_busy_workers", "g", "", threads(0.5), use},
    {"*_cpu_seconds", "c", "", cpu(), use},
    {"*_restarts|*_worker_deaths", "c", "", restarts(), "workers that end and are started again"},
    {"*_retries|*_timeouts|*_dropped|*_rejected|*_rejections|*_panics|*_exceptions|*_evictions", "c", "", mishaps(), use},
});

}  // namespace

std::span<const MetricRow> metric_table() { return rows; }

}  // namespace charon::detection
