#include "agent/core/evidence.hpp"

#include <algorithm>
#include <array>

namespace charon::agent {

std::vector<wire::Culprit> culprits(const Evidence& evidence) {
  std::vector<wire::Culprit> result;
  for (const MetricEvidence& metric : evidence.metrics) {
    if (metric.excluded != Excluded::no || metric.log_evidence <= 0) continue;
    result.push_back({.metric = metric.metric, .kind = metric.kind, .baseline = metric.baseline, .now = metric.now, .log_evidence = metric.log_evidence});
  }
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.log_evidence > b.log_evidence; });
  if (result.size() > wire::max_culprits) result.resize(wire::max_culprits);
  return result;
}

Exclusions exclusions(const Evidence& evidence) {
  // First what somebody could mend, last what is so by design.
  constexpr std::array order{Excluded::unfit, Excluded::series_left_out, Excluded::bounds_differ, Excluded::baseline_too_small, Excluded::no_baseline,
                             Excluded::ignored, Excluded::unknown, Excluded::for_the_record};
  Exclusions out;
  for (const Excluded reason : order)
    for (const MetricEvidence& metric : evidence.metrics) {
      if (metric.excluded != reason) continue;
      if (out.metrics.size() < wire::max_excluded) out.metrics.push_back({.metric = metric.metric, .kind = metric.kind, .reason = reason});
      else ++out.more;
    }
  return out;
}

}  // namespace charon::agent
