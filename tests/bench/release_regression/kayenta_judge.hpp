#pragma once
/// Kayenta's NetflixACAJudge, from its source and documentation, with its defaults: a metric is High or Low where the 98%
/// Mann-Whitney interval of the shift lies beyond 0.25 of |estimate|, after removal of NaN (strategy "remove") and of
/// IQR-3 outliers; a group scores the share of its metrics that pass, the release the weighted sum of its groups.
///
/// What stays its own: groups without data keep their weight and add nothing; the bound is a share of the estimate, not of
/// the metric, so that with many scrapes any lasting difference however small is High. Its `effectSize.allowedIncrease`
/// (the ratio of means from which High counts; 1 by default) is what the calibrated copy is tuned by.
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace charon::bench {

enum class KayentaDirection { increase, decrease };

struct KayentaSettings {
  double confidence = 0.98;
  double tolerance = 0.25;
  double allowed_change = 0;  ///< 0.2: High from a ratio of means of 1.2, Low up to 1 / 1.2; 0: Kayenta's default of 1
  double pass = 75;           ///< score from which the release passes at the last judgement
  double marginal = 50;       ///< score below which it fails at any
};

/// Of one metric.
struct KayentaFinding {
  bool data = false;
  /// Where the interval lies beyond its bound in the bad direction: by how much the ratio of means is off, 0.2 for 1.2 or
  /// 1 / 1.2; infinite where the control's mean is 0. Else minus infinity.
  double change = -std::numeric_limits<double>::infinity();

  bool fails(double allowed_change) const { return change >= allowed_change; }
};

/// Samples in any order, NaN allowed; both are sorted and cleaned in place.
KayentaFinding kayenta_compare(std::vector<double>& control, std::vector<double>& experiment, KayentaDirection direction,
                               const KayentaSettings& settings);

struct KayentaMetric {
  std::size_t group = 0;
  KayentaFinding finding;
};

/// 0 to 100. `weights`: percent, one a group.
double kayenta_score(std::span<const KayentaMetric> metrics, std::span<const double> weights, double allowed_change);

/// The largest allowed change at which the score is still below `limit`; minus infinity if there is none.
double largest_failing_change(std::span<const KayentaMetric> metrics, std::span<const double> weights, double limit);

}  // namespace charon::bench
