#include "agent/core/evidence.hpp"

#include <algorithm>

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

}  // namespace charon::agent
