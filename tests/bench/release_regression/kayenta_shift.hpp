#pragma once
/// The Mann-Whitney confidence interval of the Hodges-Lehmann shift between two samples, as Kayenta asks for it (its
/// MannWhitney class follows R's wilcox.test, asymptotic, with continuity correction).
///
/// R and Kayenta search the shift mu at which the rank statistic of (experiment - mu) against control crosses a normal
/// quantile, with a tolerance of 1e-4 in the metric's unit. That statistic counts pairwise differences above mu, so the
/// crossing is an order statistic of them: it is taken exactly here, without building all n * m differences. The tie
/// correction uses ties within the samples; ties between them occur at single shifts only.
#include <span>
#include <vector>

namespace charon::bench {

/// Of experiment minus control, in the metric's unit.
struct Shift {
  double lower = 0, estimate = 0, upper = 0;
};

/// Both samples sorted, not empty, not all values of both equal. O((n + m) log) for each of the three.
Shift mann_whitney_shift(std::span<const double> control, std::span<const double> experiment, double confidence);

/// Whether the interval's lower end lies above 0: one count, much cheaper than the interval. Swapped samples ask whether the
/// upper end lies below 0.
bool shift_is_positive(std::span<const double> control, std::span<const double> experiment, double confidence);

/// The k-th smallest (from 0) of all x - y, x of `experiment` and y of `control`, both sorted. A bisection over values with
/// counts by two pointers, until no more differences remain than the samples have values.
double kth_difference(std::span<const double> control, std::span<const double> experiment, std::size_t k);

/// Kayenta's IQRDetector with factor 3 and reduced sensitivity: sorts, and keeps what lies within the wider of
/// [Q1 - 3 IQR, Q3 + 3 IQR] and [1st, 99th percentile]; percentiles as in Commons Math (position p (n + 1)).
void remove_outliers(std::vector<double>& values);

}  // namespace charon::bench
