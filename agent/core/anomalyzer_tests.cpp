#include "agent/core/anomalyzer_tests.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace charon::agent {
namespace {

struct Split {
  std::span<const double> reference;
  std::span<const double> active;
};

std::optional<Split> split(std::span<const double> values, std::size_t active, std::size_t reference,
                           std::size_t least_reference) {
  active = std::min(active, values.size());
  reference = std::min(reference, values.size() - active);
  if (active == 0 || reference < least_reference) return std::nullopt;
  return Split{values.subspan(values.size() - active - reference, reference), values.last(active)};
}

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }
double mean(std::span<const double> values) { return sum(values) / static_cast<double>(values.size()); }

/// Share of `sorted` that is at most `at`.
double distribution(const std::vector<double>& sorted, double at) {
  const auto below = std::upper_bound(sorted.begin(), sorted.end(), at) - sorted.begin();
  return static_cast<double>(below) / static_cast<double>(sorted.size());
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<double> relative_differences(std::span<const double> values) {
  std::vector<double> result;
  for (std::size_t i = 1; i < values.size(); ++i) result.push_back(std::abs((values[i] - values[i - 1]) / values[i]));
  return result;
}

double active_rank_sum(std::span<const double> values, std::size_t active) {
  const auto ranks = govector_ranks(values);
  return sum(std::span(ranks).last(std::min(active, ranks.size())));
}

/// Share of permutations of `values` for which `counts(permuted)`.
template <class Counts>
double permuted_share(std::span<const double> values, std::size_t permutations, PermutationSource& source, Counts counts) {
  std::vector<double> permuted(values.size());
  std::size_t counted = 0;
  for (std::size_t i = 0; i < permutations; ++i) {
    source.permute(values, permuted);
    if (counts(permuted)) ++counted;
  }
  return static_cast<double>(counted) / static_cast<double>(permutations);
}

template <class Beats>
std::optional<double> rank_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                 std::size_t permutations, PermutationSource& source, Beats beats) {
  if (!split(values, windows.active, windows.reference, windows.active) || permutations == 0) return std::nullopt;
  const double observed = active_rank_sum(values, windows.active);
  return permuted_share(values, permutations, source, [&](std::span<const double> permuted) {
    return beats(active_rank_sum(permuted, windows.active), observed);
  });
}

}  // namespace

void RandomPermutations::permute(std::span<const double> source, std::span<double> target) {
  std::copy(source.begin(), source.end(), target.begin());
  // Fisher and Yates by hand: std::shuffle's orders differ between standard libraries. The remainder's bias is n / 2^64.
  for (std::size_t left = target.size(); left > 1; --left) std::swap(target[left - 1], target[engine_() % left]);
}

std::vector<double> govector_ranks(std::span<const double> values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size(), 0.0);
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    ranks[order[first]] = static_cast<double>(end - 1);
    first = end;
  }
  return ranks;
}

std::optional<double> magnitude_score(std::span<const double> values, const AnomalyzerWindows& windows) {
  const auto parts = split(values, windows.active, windows.reference, 1);
  if (!parts) return std::nullopt;
  const double active = mean(parts->active);
  const double reference = mean(parts->reference);
  if (reference == 0) return active == 0 ? 0.0 : 1.0;
  return std::abs(active - reference) / reference;
}

std::optional<double> fence_score(std::span<const double> values, const AnomalyzerWindows& windows, double upper_bound,
                                  std::optional<double> lower_bound) {
  const auto parts = split(values, windows.active, windows.reference, 0);
  if (!parts) return std::nullopt;
  const double active = mean(parts->active);
  double distance = active / upper_bound;
  if (lower_bound) {
    const double half = (upper_bound - *lower_bound) / 2;
    distance = std::abs(active - (*lower_bound + half)) / half;
  }
  return (std::pow(10.0, std::clamp(distance, 0.0, 1.0)) - 1) / 9;
}

std::optional<double> cdf_score(std::span<const double> values, const AnomalyzerWindows& windows) {
  std::vector<double> differences;
  for (std::size_t i = 1; i < values.size(); ++i) differences.push_back(std::abs(values[i] - values[i - 1]));
  const auto parts = split(differences, windows.active, windows.reference - 1, windows.active);
  if (!parts) return std::nullopt;
  const double share = distribution(sorted(parts->reference), mean(parts->active) - mean(parts->reference));
  return std::abs(2 * share - 1);
}

std::optional<double> ks_statistic(std::span<const double> values, const AnomalyzerWindows& windows) {
  const auto parts = split(values, windows.active, windows.reference, windows.active);
  if (!parts || parts->reference.size() % parts->active.size() != 0) return std::nullopt;
  const auto active = sorted(parts->active);
  const auto reference = sorted(parts->reference);
  const std::size_t points = active.size() + reference.size();
  const double lowest = std::min(active.front(), reference.front());
  const double step = (std::max(active.back(), reference.back()) - lowest) / static_cast<double>(points - 1);
  double largest = 0;
  double at = lowest;
  for (std::size_t i = 0; i < points; ++i, at += step) {  // adds up, as there, so that ties fall on the same side
    largest = std::max(largest, std::abs(distribution(active, at) - distribution(reference, at)));
  }
  return largest;
}

std::optional<double> high_rank_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                      std::size_t permutations, PermutationSource& source) {
  return rank_score(values, windows, permutations, source, [](double permuted, double observed) { return permuted < observed; });
}

std::optional<double> low_rank_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                     std::size_t permutations, PermutationSource& source) {
  return rank_score(values, windows, permutations, source, [](double permuted, double observed) { return permuted > observed; });
}

std::optional<double> diff_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                 std::size_t permutations, PermutationSource& source) {
  const auto differences = relative_differences(values);
  if (!split(differences, windows.active, windows.reference - 1, windows.active) || permutations == 0) return std::nullopt;
  const double observed = active_rank_sum(differences, windows.active);
  return permuted_share(values, permutations, source, [&](std::span<const double> permuted) {
    return active_rank_sum(relative_differences(permuted), windows.active) < observed;
  });
}

std::optional<double> bootstrap_ks_score(std::span<const double> values, const AnomalyzerWindows& windows,
                                         std::size_t permutations, PermutationSource& source) {
  const auto observed = ks_statistic(values, windows);
  if (!observed || permutations == 0) return std::nullopt;
  return permuted_share(values, permutations, source, [&](std::span<const double> permuted) {
    return ks_statistic(permuted, windows).value_or(0) < *observed;
  });
}

}  // namespace charon::agent
