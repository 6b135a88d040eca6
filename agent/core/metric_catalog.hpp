#pragma once
/// What a sample means to the detector, known by its name, type and labels (client library defaults of C++, Go, JVM,
/// Python, Node, .NET; OpenTelemetry semantic conventions as Prometheus exporters write them; grpc-prometheus).
///
/// Requests by outcome: counters `*requests_total`, `*request_total`, `*_handled_total`, and the `_count` of a request
/// duration, with a status label; which labels there are and which values are bad stands in
/// lib/detection/request_outcome.hpp.
/// Errors without such a label: `X_errors_total` or `X_failures_total` (also X_request_errors_total,
/// X_requests_failed_total) beside `X_requests_total`.
/// Latency: buckets of histograms in seconds or milliseconds whose name speaks of requests' duration or latency.
/// Process: process_start_time_seconds.
///
/// Left out, because they do not show how this release serves its callers: outgoing requests (`*client*`), the metrics
/// handler's own counts, samples of probe and metrics paths, queues, garbage collection and runtimes.
#include "agent/core/sample.hpp"

namespace charon::agent {

enum class Role {
  outcome,        ///< requests by a status label: good or bad
  all_requests,   ///< X_requests_total without a status label
  failures,       ///< X_errors_total
  bucket,         ///< cumulative count of requests that took at most `bound` seconds
  process_start,  ///< seconds since the epoch
};

struct Meaning {
  Role role = Role::outcome;
  std::string_view stem;   ///< names the metric: the sample's name, the histogram's family, or X of the pair
  std::string_view label;  ///< outcome: the status label's name
  bool bad = false;        ///< outcome
  double bound = 0;        ///< bucket: seconds, may be infinite
};

/// nullopt: nothing that is judged. Views point into the sample.
std::optional<Meaning> meaning_of(const SampleView& sample);

}  // namespace charon::agent
