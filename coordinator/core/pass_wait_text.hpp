#pragma once
/// What a Pass waits for, in words: "http_requests_total{code=\"5xx\"} errors: about 140 more scrapes".
#include "coordinator/core/culprit_text.hpp"
#include "lib/base/json_fields.hpp"

#include <fmt/format.h>

#include <utility>

namespace charon::coordinator {

/// `excluded`: of the same report; what cannot be compared waits for that.
inline std::string pass_wait_text(const wire::PassWait& wait, const std::vector<wire::ExcludedMetric>& excluded) {
  const std::string what = metric_text(wait.metric, wait.kind);
  for (const wire::ExcludedMetric& metric : excluded)
    if (metric.metric == wait.metric && metric.kind == wait.kind) return fmt::format("{}: cannot be compared ({})", what, std::string_view(JsonWriter::write(metric.reason).as_string()));
  if (wait.undecidable)
    return what + (wait.pods == 0 ? ": cannot be decided without stable pods that run now" : fmt::format(": cannot be decided with {} stable pod{}", wait.pods, wait.pods == 1 ? "" : "s")) +
           ", healthy ones differ too much for the effect that matters";
  return wait.scrapes > 0 ? fmt::format("{}: about {} more scrape{}", what, wait.scrapes, wait.scrapes == 1 ? "" : "s") : what + ": nobody can tell how many more scrapes";
}

/// Whether the first one ends before the second, by what is known.
inline bool sooner(const wire::PassWait& a, const wire::PassWait& b) {
  const auto rank = [](const wire::PassWait& wait) { return std::pair(wait.undecidable ? 2 : wait.scrapes == 0 ? 1 : 0, wait.scrapes); };
  return rank(a) < rank(b);
}

}  // namespace charon::coordinator
