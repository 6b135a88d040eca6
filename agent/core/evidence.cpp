#include "agent/core/evidence.hpp"

#include "lib/detection/e_bh.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace charon::agent {

std::vector<wire::Culprit> culprits(const Evidence& evidence) {
  const bool classic = evidence.detector == wire::DetectorKind::anomalyzer;
  struct Candidate { const MetricEvidence* metric; double log_weighted; };
  std::vector<Candidate> found;
  for (const MetricEvidence& metric : evidence.metrics)
    if (metric.excluded == Excluded::no && (classic || metric.weight > 0)) found.push_back({&metric, metric.log_evidence + (classic ? 0 : std::log(metric.weight))});
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.log_weighted > b.log_weighted; });
  std::vector<double> strengths;
  for (const Candidate& candidate : found) strengths.push_back(candidate.log_weighted);
  const double level = detection::naming_level(std::exp(-evidence.log_needed), found.size());
  const std::size_t named = classic ? found.size() : detection::e_bh_rejections(strengths, level);

  std::vector<wire::Culprit> result;
  for (std::size_t i = 0; i < found.size() && result.size() < wire::max_culprits; ++i) {
    const MetricEvidence& metric = *found[i].metric;
    if ((classic || i >= named) && metric.log_evidence <= 0) continue;
    result.push_back({.metric = metric.metric, .kind = metric.kind, .baseline = metric.baseline, .now = metric.now, .log_evidence = metric.log_evidence, .named = i < named});
  }
  return result;
}

std::optional<wire::Suspension> suspension(const Evidence& evidence) {
  std::optional<wire::Suspension> out;
  for (const MetricEvidence& metric : evidence.metrics) {
    if (metric.weight <= 0 || metric.requests <= 0) continue;
    if (!out) out = wire::Suspension{.metrics = {}, .requests = metric.requests, .concurrent = metric.concurrent, .pass_waits = evidence.pass_waits_for_load};
    if (out->metrics.size() < wire::max_metrics) out->metrics.push_back(metric.metric);
  }
  return out;
}

std::vector<wire::PassWait> pass_waits(const Evidence& evidence) {
  std::vector<wire::PassWait> out;
  for (const MetricEvidence& metric : evidence.metrics)
    if (metric.pass_waits && evidence.verdict == wire::Verdict::inconclusive && out.size() < wire::max_culprits)
      out.push_back({.metric = metric.metric, .kind = metric.kind, .scrapes = metric.requests > 0 ? 0 : metric.pass.scrapes, .undecidable = metric.pass.undecidable, .pods = metric.pass.pods});
  return out;
}

Exclusions exclusions(const Evidence& evidence) {
  // First what somebody could mend, last what is so by design.
  constexpr std::array order{Excluded::unfit, Excluded::series_left_out, Excluded::no_place, Excluded::bounds_differ, Excluded::baseline_too_small, Excluded::no_baseline,
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
