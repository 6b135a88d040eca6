#include "tests/bench/release_regression/kayenta_shift.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>

namespace charon::bench {
namespace {

/// How many x - y are at most `limit`.
std::size_t count_at_most(std::span<const double> control, std::span<const double> experiment, double limit) {
  std::size_t count = 0;
  std::size_t first = 0;  // of control with x - y <= limit; falls back never, since x rises
  for (const double x : experiment) {
    while (first < control.size() && x - control[first] > limit) ++first;
    count += control.size() - first;
  }
  return count;
}

double percentile(const std::vector<double>& sorted, double percent) {
  const double position = percent / 100 * static_cast<double>(sorted.size() + 1);
  if (position < 1) return sorted.front();
  if (position >= static_cast<double>(sorted.size())) return sorted.back();
  const double whole = std::floor(position);
  const auto below = static_cast<std::size_t>(whole) - 1;
  return sorted[below] + (position - whole) * (sorted[below + 1] - sorted[below]);
}

double sum_of_ties(std::span<const double> sorted) {
  double sum = 0;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t end = first + 1;
    while (end < sorted.size() && sorted[end] == sorted[first]) ++end;
    const auto ties = static_cast<double>(end - first);
    sum += ties * ties * ties - ties;
    first = end;
  }
  return sum;
}

/// Rank (from 0) among the pairwise differences of the interval's lower end; the upper end's is the same from above. The
/// statistic at mu is the number of differences above mu less n m / 2. It lies beyond z sigma + 1/2 as long as at most
/// `outside` differences are at or below mu.
std::size_t rank_of_end(std::span<const double> control, std::span<const double> experiment, double confidence) {
  const auto n = static_cast<double>(experiment.size());
  const auto m = static_cast<double>(control.size());
  const double all = n + m;
  const double ties = sum_of_ties(control) + sum_of_ties(experiment);
  const double sigma = std::sqrt(std::max(0.0, n * m / 12 * (all + 1 - ties / (all * (all - 1)))));
  const double z = boost::math::quantile(boost::math::complement(boost::math::normal(), (1 - confidence) / 2));
  const double outside = n * m / 2 - z * sigma - 0.5;
  return outside > 0 ? static_cast<std::size_t>(outside) : 0;
}

}  // namespace

bool shift_is_positive(std::span<const double> control, std::span<const double> experiment, double confidence) {
  return count_at_most(control, experiment, 0) <= rank_of_end(control, experiment, confidence);
}

double kth_difference(std::span<const double> control, std::span<const double> experiment, std::size_t k) {
  double low = experiment.front() - control.back();   // the smallest difference
  double high = experiment.back() - control.front();  // the largest
  if (k < count_at_most(control, experiment, low)) return low;
  // Invariant: count(low) <= k < count(high), so the difference looked for lies in (low, high].
  const std::size_t few = control.size() + experiment.size();
  std::size_t below = count_at_most(control, experiment, low);
  std::size_t within = control.size() * experiment.size() - below;
  while (within > few) {
    const double middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) return high;  // equal differences, as far as doubles tell them apart
    const std::size_t count = count_at_most(control, experiment, middle);
    if (count <= k) {
      within -= count - below;
      below = count;
      low = middle;
    } else {
      within = count - below;
      high = middle;
    }
  }
  std::vector<double> candidates;
  candidates.reserve(within);
  std::size_t first = 0;
  for (const double x : experiment) {
    while (first < control.size() && x - control[first] > high) ++first;
    for (std::size_t j = first; j < control.size() && x - control[j] > low; ++j) candidates.push_back(x - control[j]);
  }
  const auto nth = candidates.begin() + static_cast<std::ptrdiff_t>(k - below);
  std::nth_element(candidates.begin(), nth, candidates.end());
  return *nth;
}

Shift mann_whitney_shift(std::span<const double> control, std::span<const double> experiment, double confidence) {
  const std::size_t last = experiment.size() * control.size() - 1;
  const std::size_t rank = rank_of_end(control, experiment, confidence);
  Shift shift;
  shift.lower = kth_difference(control, experiment, rank);
  shift.upper = kth_difference(control, experiment, last - rank);
  shift.estimate = kth_difference(control, experiment, last / 2);
  if (last % 2 == 1) shift.estimate = (shift.estimate + kth_difference(control, experiment, last / 2 + 1)) / 2;
  return shift;
}

void remove_outliers(std::vector<double>& values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  const double q1 = percentile(values, 25);
  const double q3 = percentile(values, 75);
  const double lower = std::min(percentile(values, 1), q1 - 3 * (q3 - q1));
  const double upper = std::max(percentile(values, 99), q3 + 3 * (q3 - q1));
  values.erase(std::upper_bound(values.begin(), values.end(), upper), values.end());
  values.erase(values.begin(), std::lower_bound(values.begin(), values.end(), lower));
}

}  // namespace charon::bench
