#include "lib/base/wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace charon::wire {
namespace {

Result<void> bounded(const std::vector<MetricCounts>& metrics, std::string_view field) {
  if (metrics.size() > max_metrics) return fail(Errc::too_large, fmt::format("{}: more than {} metrics", field, max_metrics));
  for (const MetricCounts& counts : metrics)
    if (auto ok = validate(counts); !ok) return fail(Errc::invalid_input, fmt::format("{}: {}", field, ok.error().context));
  return {};
}

bool aged(Duration age) { return age >= Duration{0} && age <= longest_age; }

bool share(double value) { return value >= 0 && value <= 1; }

bool named(const std::string& metric) { return !metric.empty() && metric.size() <= 512; }
bool finite(double value) { return std::abs(value) <= largest_number; }  // false for NaN

Result<void> bounded(const std::vector<LevelSummary>& levels, std::string_view field) {
  if (levels.size() > max_metrics) return fail(Errc::too_large, fmt::format("{}: more than {} metrics", field, max_metrics));
  for (const LevelSummary& s : levels)
    if (!named(s.metric) || !finite(s.level) || !(s.phi >= 0 && s.phi <= 0.99) || !(finite(s.noise) && s.noise >= 1e-10) || !(finite(s.wander) && s.wander >= 0) ||
        !(s.activity >= 0 && s.activity <= 100) || s.young.size() > young_stretches || !std::all_of(s.young.begin(), s.young.end(), finite))
      return fail(Errc::invalid_input, fmt::format("{}: '{}' is out of range", field, s.metric.substr(0, 512)));
  return {};
}

Result<void> bounded(const std::vector<LevelNow>& levels, std::string_view field) {
  if (levels.size() > max_metrics) return fail(Errc::too_large, fmt::format("{}: more than {} metrics", field, max_metrics));
  for (const LevelNow& now : levels)
    if (!named(now.metric) || !finite(now.value) || now.pods == 0) return fail(Errc::invalid_input, fmt::format("{}: '{}' is out of range", field, now.metric.substr(0, 512)));
  return {};
}

Result<void> bounded(const std::vector<LevelSpread>& spreads, std::string_view field) {
  if (spreads.size() > max_metrics) return fail(Errc::too_large, fmt::format("{}: more than {} metrics", field, max_metrics));
  for (const LevelSpread& s : spreads)
    if (!named(s.metric) || !(finite(s.squares) && s.squares >= 0) || !(finite(s.degrees) && s.degrees >= 0)) return fail(Errc::invalid_input, fmt::format("{}: '{}' is out of range", field, s.metric.substr(0, 512)));
  return {};
}

}  // namespace

Result<void> validate(const MetricCounts& counts) {
  const auto bad = [&](std::string_view what) { return fail(Errc::invalid_input, fmt::format("metric '{}': {}", counts.metric, what)); };
  if (counts.metric.empty() || counts.metric.size() > 512) return bad("a name of 1 to 512 bytes is needed");
  if (counts.kind == MetricKind::level) return bad("a level has no counts");
  if (counts.counts.size() > max_buckets) return bad("too many buckets");
  const std::size_t expected = counts.kind == MetricKind::error_ratio ? 2 : counts.bounds.size() + 1;
  if (counts.counts.size() != expected) return bad(fmt::format("expected {} counts, got {}", expected, counts.counts.size()));
  if (counts.kind == MetricKind::error_ratio && !counts.bounds.empty()) return bad("an error ratio has no bounds");
  for (const double bound : counts.bounds)
    if (!std::isfinite(bound)) return bad("bounds are finite, +Inf is left out");
  for (std::size_t i = 1; i < counts.bounds.size(); ++i)
    if (!(counts.bounds[i - 1] < counts.bounds[i])) return bad("bounds must ascend");
  for (const std::uint64_t count : counts.counts)
    if (count > (std::uint64_t{1} << 53)) return bad("count is too large");
  return {};
}

bool is_valid(const LevelStart& s) {
  constexpr double least_variance = 1e-18;
  const auto above_zero = [](double value) { return finite(value) && value > 0; };
  return named(s.metric) && share(s.weight) && finite(s.mean) && finite(s.precision) && s.precision >= 0 && finite(s.variance) && s.variance >= least_variance && above_zero(s.degrees) &&
         s.tolerance >= 0 && s.tolerance <= s.matters && above_zero(s.matters) && finite(s.in_common) && finite(s.wander) && s.wander >= 0;
}

Result<void> validate(const Report& report) {
  if (report.boot_id.empty() || report.boot_id.value.size() > 64) return fail(Errc::invalid_input, "bootId: 1 to 64 bytes are needed");
  if (!is_scrape_interval(report.scrape_interval)) return fail(Errc::invalid_input, "scrapeInterval: 500ms to 1h");
  if (!aged(report.scrape_age)) return fail(Errc::invalid_input, "scrapeAge lies within 0 and an hour");
  if (report.culprits.size() > max_culprits) return fail(Errc::too_large, "culprits: too many");
  for (const Culprit& culprit : report.culprits)
    if (culprit.metric.size() > 512 || (culprit.kind == MetricKind::level ? !finite(culprit.baseline) || !finite(culprit.now) : !share(culprit.baseline) || !share(culprit.now)))
      return fail(Errc::invalid_input, "culprits: a name of at most 512 bytes and shares within 0 and 1 are needed");
  if (report.assumption.size() > 512) return fail(Errc::too_large, "assumption: at most 512 bytes");
  if (report.excluded.size() > max_excluded) return fail(Errc::too_large, "excluded: too many");
  for (const ExcludedMetric& metric : report.excluded)
    if (!named(metric.metric) || metric.reason == Excluded::no) return fail(Errc::invalid_input, "excluded: a name of 1 to 512 bytes and a reason are needed");
  if (const auto& suspended = report.suspended) {
    if (suspended->metrics.size() > max_metrics) return fail(Errc::too_large, "suspended: too many");
    if (!std::all_of(suspended->metrics.begin(), suspended->metrics.end(), named) || !(finite(suspended->requests) && suspended->requests >= 0))
      return fail(Errc::invalid_input, "suspended: names of 1 to 512 bytes and a multiple are needed");
  }
  if (report.pass_waits.size() > max_culprits) return fail(Errc::too_large, "passWaits: too many");
  for (const PassWait& wait : report.pass_waits)
    if (!named(wait.metric)) return fail(Errc::invalid_input, "passWaits: a name of 1 to 512 bytes is needed");
  if (report.level_sums.size() > max_metrics) return fail(Errc::too_large, "levelSums: too many");
  for (const LevelSum& sum : report.level_sums)
    if (!named(sum.metric) || !finite(sum.sum)) return fail(Errc::invalid_input, "levelSums: out of range");
  if (report.ratios.size() > max_metrics) return fail(Errc::too_large, "ratios: too many");
  for (const MetricRatios& ratios : report.ratios)
    if (!named(ratios.metric) || ratios.kind == MetricKind::level || !share(ratios.weight) || ratios.log_ratios.size() > max_ratios || ratios.preview.size() > max_ratios ||
        !std::all_of(ratios.log_ratios.begin(), ratios.log_ratios.end(), finite) || !std::all_of(ratios.preview.begin(), ratios.preview.end(), finite))
      return fail(Errc::invalid_input, "ratios: a name of 1 to 512 bytes, a weight within 0 and 1 and at most 8 numbers are needed");
  if (report.level_starts.size() > max_level_starts) return fail(Errc::too_large, "levelStarts: too many");
  for (const LevelStart& start : report.level_starts)
    if (!is_valid(start))
      return fail(Errc::invalid_input, fmt::format("levelStarts: '{}' is out of range", start.metric.substr(0, 512)));
  if (auto ok = bounded(report.levels, "levels"); !ok) return ok;
  return bounded(report.totals, "totals");
}

Result<void> validate(const HelloReply& reply) {
  if (auto ok = validate(reply.policy); !ok) return fail(Errc::invalid_input, "policy." + ok.error().context);
  if (!share(reply.alpha)) return fail(Errc::invalid_input, "alpha lies within 0 and 1");
  if (auto ok = bounded(reply.baseline.metrics, "baseline.metrics"); !ok) return ok;
  if (auto ok = bounded(reply.baseline.levels, "baseline.levels"); !ok) return ok;
  if (auto ok = bounded(reply.baseline.same_node_levels, "baseline.sameNodeLevels"); !ok) return ok;
  if (auto ok = bounded(reply.baseline.spreads, "baseline.spreads"); !ok) return ok;
  return bounded(reply.baseline.same_node, "baseline.sameNode");
}

Result<void> validate(const ReportReply& reply) {
  if (!aged(reply.control.age) || !aged(reply.control.same_node_age)) return fail(Errc::invalid_input, "control.age and control.sameNodeAge lie within 0 and an hour");
  if (auto ok = bounded(reply.control.metrics, "control.metrics"); !ok) return ok;
  if (auto ok = bounded(reply.control.levels, "control.levels"); !ok) return ok;
  if (auto ok = bounded(reply.control.same_node_levels, "control.sameNodeLevels"); !ok) return ok;
  return bounded(reply.control.same_node, "control.sameNode");
}

}  // namespace charon::wire
