#pragma once
/// Recorded samples from text: OpenMetrics or Prometheus text with a timestamp on every sample, such as
/// `promtool tsdb dump-openmetrics` writes (series by series, no # TYPE) or an exporter that stamps its samples.
#include "ctl/replay_recording.hpp"

namespace charon::ctl {

/// Errors: "FILE:LINE:COLUMN: what was expected" (invalid_input, too_large).
Result<void> read_recorded_text(std::string_view text, const std::string& file, Recording& recording);

}  // namespace charon::ctl
