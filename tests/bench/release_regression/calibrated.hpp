#pragma once
/// Thresholds of the calibrated copies: tuned to one false alarm per 1,000 healthy releases on development seeds.
///
/// Each rival has one knob of its own that is turned: the mean from which anomalyzer rolls back; the change of a ratio of
/// means that Kayenta allows; the factor on Flagger's limits (success 100% - 1% * factor, p99 500 ms or 2 x stable's, times
/// factor). Not calibrated yet.
#include <string_view>

namespace charon::bench::calibrated {

inline constexpr double anomalyzer_threshold = 0.99;
inline constexpr double kayenta_end_allowed_change = 0.1;
inline constexpr double kayenta_5m_allowed_change = 0.1;
inline constexpr double kayenta_1m_allowed_change = 0.2;
inline constexpr double threshold_factor = 1;
inline constexpr double threshold_ratio_factor = 1;

}  // namespace charon::bench::calibrated
