#pragma once
/// Judges of real faults: a score per window, higher the worse. Verdicts follow by a threshold that the controls set, alike
/// for every judge, so a judge is compared by how it orders windows and not by its default.
#include "tests/bench/real_faults/windows.hpp"

#include <span>

namespace charon::bench {

struct RowJudge {
  std::string_view name;
  double (*score)(const Window& window);
  double own_threshold;  ///< from which the judge itself acts, by its defaults
};

/// charon: charon_judge.hpp; by itself it acts from log 1000 on.
/// anomalyzer: the highest weighted mean of any metric in the 8 rows, fed with the baseline rows in the order of time.
/// kayenta: the allowed change at which the score reaches 75, groups as in the other benchmark (latencies 35; workload,
/// which stands in for the missing success rate, 35; everything else 30).
/// kayenta_critical: the same with every metric critical, so that one that fails is enough.
/// threshold: fifth highest of the rows' server p99 / 500 ms. threshold_ratio: the same by 2 x the baseline's median.
std::span<const RowJudge> row_judges();

}  // namespace charon::bench
