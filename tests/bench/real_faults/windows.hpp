#pragma once
/// What a judge of real faults is asked: these rows of a pod against those before.
///
/// Candidate: the 8 rows after a fault's start, or, as a control, 8 rows of the tail after the last fault (windows do not
/// overlap). Baseline: 60 rows of the pod outside -1 to +8 minutes of any fault, those before the candidate first, the most
/// recent first; where faults follow one another too closely to leave 20 such rows before, the nearest rows after the
/// candidate fill up to 60. Most faults have none but the tail's: their baseline is hours away. So that controls are no
/// easier, a control's baseline keeps the same distance: rows within `control_distance` of it are left out.
#include "tests/bench/real_faults/nezha.hpp"

namespace charon::bench {

inline constexpr std::size_t candidate_rows = 8, baseline_rows = 60, least_rows_before = 20;
inline constexpr std::int64_t before_fault = 60, after_fault = 480;  ///< seconds around a fault that are nobody's baseline
inline constexpr std::int64_t control_distance = 3600;               ///< seconds

/// [metric][row], rows in order of time.
using Rows = std::vector<std::vector<double>>;

struct Window {
  std::string service;
  std::string fault;             ///< its type; empty: a control
  std::vector<std::string> metrics;
  Rows baseline, candidate;
  std::int64_t distance = 0;     ///< median seconds between the candidate's start and its baseline's rows
  bool rows_after = false;       ///< the baseline holds rows of after the candidate
};

/// Of one pod on one date, in order of time. Faults of other pods shape baselines only. A fault with fewer than 8 rows
/// after it is left out.
std::vector<Window> windows_of(const PodTable& table, const std::vector<InjectedFault>& faults);

}  // namespace charon::bench
