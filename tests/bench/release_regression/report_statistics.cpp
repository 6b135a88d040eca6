#include "tests/bench/release_regression/report_statistics.hpp"

#include "tests/bench/release_regression/column.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace charon::bench {

Rate clopper_pearson(std::int64_t events, std::int64_t trials) {
  using Binomial = boost::math::binomial_distribution<>;
  if (trials <= 0) return {0, 0, 1};
  const auto n = static_cast<double>(trials);
  const auto k = static_cast<double>(events);
  constexpr double each_side = 0.025;
  return {k / n, Binomial::find_lower_bound_on_p(n, k, each_side), Binomial::find_upper_bound_on_p(n, k, each_side)};
}

bool qualifies(const FaultResult& oracle) { return oracle.p90 <= (candidate_scrapes - oracle.onset) / 3.0; }

DelayTarget delay_target(const FaultResult& column, const FaultResult& oracle) {
  DelayTarget target;
  target.median = (column.phi >= 0.95 ? 2 : 1.5) * oracle.median + 3;
  target.p90 = 2 * oracle.p90 + 3;
  target.median_met = column.median <= target.median;
  target.p90_met = column.p90 <= target.p90;
  target.detection_met = column.runs > 0 && static_cast<double>(column.detected) >= 0.99 * static_cast<double>(column.runs);
  return target;
}

bool deciding_from_start(const FaultResult& fault) {
  return fault.onset == 0 && (fault.name == "errors" || fault.name == "latency" || fault.name == "restarts");
}

bool must_not_pass(const FaultResult& fault) { return fault.onset == 0 && (fault.size == "+1%" || fault.size == "x1.2" || fault.size == "each 5 min"); }

PassTarget pass_target(const HealthyResult& column, const HealthyResult& oracle) {
  const auto share = [](const HealthyResult& r) { return r.releases > 0 ? static_cast<double>(r.passed) / static_cast<double>(r.releases) : 0; };
  return {share(oracle) >= 0.95, share(column) >= 0.9};
}

const HealthyResult* same_world(const ColumnResults& column, const HealthyResult& world) {
  const auto key = [](const HealthyResult& r) { return std::tie(r.world, r.layout, r.history, r.phi, r.requests_per_second); };
  for (const HealthyResult& other : column.healthy) {
    if (key(other) == key(world)) return &other;
  }
  return nullptr;
}

const FaultResult* same_fault(const ColumnResults& column, const FaultResult& fault) {
  const auto key = [](const FaultResult& f) {
    return std::tie(f.name, f.size, f.onset, f.layout, f.devices, f.history, f.phi, f.requests_per_second);
  };
  for (const FaultResult& other : column.faults) {
    if (key(other) == key(fault)) return &other;
  }
  return nullptr;
}

std::string_view original_of(std::string_view column) {
  if (column.ends_with(calibrated_suffix)) column.remove_suffix(calibrated_suffix.size());
  return column;
}

std::vector<std::string> ordered_columns(const Results& results) {
  std::vector<std::string> names;
  for (const auto& [name, column] : results.columns) names.push_back(name);
  const auto place = [](const std::string& name) { return name == "charon" ? 0 : name.starts_with("oracle") ? 1 : 2; };
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
  return names;
}

std::string scrapes(double delay) { return std::isfinite(delay) ? fmt::format("{:g}", delay) : "-"; }

std::string row_of(const HealthyResult& r) {
  std::string row = fmt::format("{} {}{}", r.world, r.layout, r.history ? "" : ", no history");
  if (r.requests_per_second != 100) row += fmt::format(" {:g}/s", r.requests_per_second);
  else if (r.world == "model" && r.layout == "A" && r.history) row += fmt::format(" phi {:g}", r.phi);
  return row;
}

bool has_target(const FaultResult& fault) { return fault.layout == "A" && fault.history; }

}  // namespace charon::bench
