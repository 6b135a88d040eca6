#pragma once
/// Which count of requests a sample is, given what its family means (lib/detection/metric_table.cpp and the policy).
///
/// Requests by outcome: counters of the kind error_ratio, and the `_count` of a request duration, with a status label;
/// which labels there are and which values are bad stands in lib/detection/request_outcome.hpp.
/// Errors without such a label: `X_errors_total` or `X_failures_total` (also X_request_errors_total,
/// X_requests_failed_total, X_request_failures_total) beside `X_requests_total`.
/// Latency: buckets of histograms whose durations are those of requests; milliseconds by the name's ending.
/// Process: its start time, where one is shown for the whole target.
#include "agent/core/sample.hpp"

namespace charon::agent {

enum class Role {
  outcome,        ///< requests by a status label: good or bad
  all_requests,   ///< X_requests_total without a status label
  failures,       ///< X_errors_total
  bucket,         ///< cumulative count of requests that took at most `bound` seconds
  process_start,  ///< seconds since the epoch
};

struct RequestSample {
  Role role = Role::outcome;
  std::string_view stem;   ///< names the metric: the sample's name, the histogram's family, or X of the pair
  std::string_view label;  ///< outcome: the status label's name
  bool bad = false;        ///< outcome
  double bound = 0;        ///< bucket: seconds, may be infinite
};

/// Whether a family of this meaning may hold what RequestSample names.
inline bool may_count_requests(const detection::MetricMeaning& meaning) {
  return meaning.kind == detection::Kind::error_ratio || meaning.kind == detection::Kind::latency || meaning.kind == detection::Kind::process_start;
}

/// nullopt: no count of requests, or of probes. Views point into the sample.
std::optional<RequestSample> request_sample(const SampleView& sample, const detection::MetricMeaning& meaning);

}  // namespace charon::agent
