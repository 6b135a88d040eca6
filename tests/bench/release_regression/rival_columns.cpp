#include "tests/bench/release_regression/rival_columns.hpp"

#include "tests/bench/release_regression/anomalyzer_column.hpp"
#include "tests/bench/release_regression/kayenta_column.hpp"
#include "tests/bench/release_regression/threshold_column.hpp"

#include <array>

namespace charon::bench {

std::span<const NamedColumn> rival_columns() {
  static constexpr std::array<NamedColumn, 12> rivals{{
      {"anomalyzer", anomalyzer_ancestor, true},
      {"anomalyzer_calibrated", anomalyzer_ancestor_calibrated, true},
      {"kayenta", kayenta_at_the_end, true},
      {"kayenta_calibrated", kayenta_at_the_end_calibrated, true},
      {"kayenta_5m", kayenta_every_five_minutes, true},
      {"kayenta_5m_calibrated", kayenta_every_five_minutes_calibrated, true},
      {"kayenta_1m_misused", kayenta_each_minute_misused, true},
      {"kayenta_1m_misused_calibrated", kayenta_each_minute_misused_calibrated, true},
      {"threshold", threshold_documented, true},
      {"threshold_calibrated", threshold_documented_calibrated, true},
      {"threshold_ratio", threshold_ratio, true},
      {"threshold_ratio_calibrated", threshold_ratio_calibrated, true},
  }};
  return rivals;
}

}  // namespace charon::bench
