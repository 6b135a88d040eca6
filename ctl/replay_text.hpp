#pragma once
/// Recorded samples from text: OpenMetrics or Prometheus text with a timestamp on every sample, such as
/// `promtool tsdb dump-openmetrics` writes (series by series, no # TYPE) or an exporter that stamps its samples.
///
/// What a # EOF ends is OpenMetrics, whose times are seconds; several such dumps may follow each other. What none ends is
/// Prometheus text, whose times are milliseconds; seconds there are refused, since OpenMetrics without its end has lost
/// something. Lines may end in CR LF, and blank lines may stand between dumps.
#include "ctl/replay_recording.hpp"

namespace charon::ctl {

/// Errors: "FILE:LINE:COLUMN: what was expected" (invalid_input, too_large).
Result<void> read_recorded_text(std::string_view text, const std::string& file, Recording& recording);

}  // namespace charon::ctl
