#pragma once
/// A culprit in words: "http_requests_total{code="5xx"} errors 0.10% -> 7.80%", "process_resident_memory_bytes 1.2e+08 -> 3e+08".
#include "lib/base/wire.hpp"

#include <fmt/format.h>

namespace charon::coordinator {

/// "http_requests_total{code="5xx"} errors", "process_restarts"
inline std::string metric_text(const std::string& metric, wire::MetricKind kind) {
  if (kind == wire::MetricKind::level || metric == wire::process_restarts_metric) return metric;
  return fmt::format("{} {}", metric, kind == wire::MetricKind::latency ? "slow" : "errors");
}

inline std::string culprit_text(const wire::Culprit& c) {
  if (c.kind == wire::MetricKind::level) return fmt::format("{} {:.4g} -> {:.4g}", c.metric, c.baseline, c.now);
  return fmt::format("{} {:.2f}% -> {:.2f}%", metric_text(c.metric, c.kind), c.baseline * 100, c.now * 100);
}

}  // namespace charon::coordinator
