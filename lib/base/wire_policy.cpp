#include "lib/base/wire_policy.hpp"

#include <algorithm>
#include <cmath>

namespace charon::wire {
namespace {

bool share(double value) { return value >= 0 && value <= 1; }
Error refused(std::string_view field, std::string_view expected) { return fail(Errc::invalid_input, std::string(field) + ": expected " + std::string(expected)); }

}  // namespace

Result<void> validate(const AnomalyzerPolicy& p) {
  if (!(p.threshold >= 0.5 && p.threshold <= 0.9999)) return refused("anomalyzer.threshold", "0.5 to 0.9999");
  if (!share(p.sensitivity)) return refused("anomalyzer.sensitivity", "0 to 1");
  if (p.active_size < 1 || p.active_size > max_classic_window) return refused("anomalyzer.activeSize", "1 to 100");
  if (p.n_seasons < 1 || p.n_seasons > max_classic_window) return refused("anomalyzer.nSeasons", "1 to 100");
  const std::size_t reference = std::size_t{p.active_size} * p.n_seasons;
  if (reference < 4 || p.active_size + reference > max_classic_window)
    return refused("anomalyzer", "activeSize times nSeasons of at least 4, and with activeSize at most 100");
  if (p.methods.empty() || p.methods.size() > names_of(AnomalyzerMethod{}).size()) return refused("anomalyzer.methods", "1 to 7 methods");
  for (const auto& bound : {p.upper_bound, p.lower_bound})
    if (bound && !(std::abs(*bound) <= largest_number)) return refused("anomalyzer.upperBound, lowerBound", "a number within 1e18");
  const bool fence = std::find(p.methods.begin(), p.methods.end(), AnomalyzerMethod::fence) != p.methods.end();
  if (fence && !p.upper_bound) return refused("anomalyzer.upperBound", "a number, since the method fence needs it");
  if (p.upper_bound && *p.upper_bound <= p.lower_bound.value_or(0)) return refused("anomalyzer.upperBound", "more than lowerBound (0 without one)");
  return {};
}

Result<void> validate(const AgentPolicy& p) {
  if (!is_scrape_interval(p.scrape_interval)) return refused("scrapeInterval", "500ms to 1h");
  if (p.report_interval < Duration{500} || p.report_interval > std::chrono::hours{1}) return refused("reportInterval", "500ms to 1h");
  if (!share(p.error_ratio_effect) || !share(p.latency_effect) || !share(p.tolerance)) return fail(Errc::invalid_input, "effects and tolerance lie within 0 and 1");
  if (p.metrics.size() > max_overrides) return fail(Errc::too_large, "metrics: more than 64 entries");
  for (const MetricOverride& change : p.metrics)
    if (change.pattern.empty() || change.pattern.size() > max_pattern_bytes) return refused("metrics[].name", "1 to 256 characters");
  return validate(p.anomalyzer);
}

}  // namespace charon::wire
