#include "agent/core/two_sample.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

constexpr double edge = 1e-7;  // shares stay within [edge, 1 - edge], where logarithms and divergences are finite

double inside(double share) { return std::clamp(share, edge, 1 - edge); }

double log_ratio(Trials seen, double alternative, double null) {
  return seen.bad * std::log(alternative / null) + (seen.total - seen.bad) * std::log((1 - alternative) / (1 - null));
}

bool outside(double p1, double p0, NullSide null_side) { return null_side == NullSide::at_most ? p1 > p0 : p1 < p0; }

}  // namespace

Trials effective(Trials observed, double scrapes) {
  if (observed.total <= 0) return {};
  const double each = observed.total / std::max(scrapes, 1.0);
  const double worth = 1 / (1 + std::max(each - 1, 0.0) * within_scrape_correlation);
  return {observed.total * worth, observed.bad * worth};
}

double project(double stable_total, double candidate_total, double q1, double p1, const Line& line) {
  // The divergence is convex in q, so its slope has one root, between the alternative's own q and where the line meets p1.
  const auto slope = [&](double q) {
    const double p = inside(line.at(q));
    return stable_total * (q - q1) / (q * (1 - q)) + candidate_total * line.slope * (p - p1) / (p * (1 - p));
  };
  const double meets = inside((p1 - line.offset) / line.slope);
  double low = std::min(q1, meets);
  double high = std::max(q1, meets);
  for (int i = 0; i < 48 && high - low > 1e-12; ++i) {
    const double middle = (low + high) / 2;
    (slope(middle) < 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

double log_two_sample(Trials stable, Trials candidate, double q1, double p1, const Line& line, NullSide null_side) {
  q1 = inside(q1);
  p1 = inside(p1);
  if (stable.total <= 0 || candidate.total <= 0) return 0;
  if (!outside(p1, line.at(q1), null_side)) return 0;
  const double q0 = project(stable.total, candidate.total, q1, p1, line);
  const double p0 = inside(line.at(q0));
  return log_ratio(stable, q1, q0) + log_ratio(candidate, p1, p0);
}

double log_one_sample(Trials candidate, double p1, double p0, NullSide null_side) {
  p1 = inside(p1);
  p0 = inside(p0);
  if (candidate.total <= 0 || !outside(p1, p0, null_side)) return 0;
  return log_ratio(candidate, p1, p0);
}

}  // namespace charon::agent
