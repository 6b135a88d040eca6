#pragma once
/// Recorded samples from Prometheus' HTTP API: the answer of /api/v1/query_range, or of /api/v1/query to a range selector
/// (`x[1h]`, the samples as they were scraped), result type matrix (prometheus.io/docs/prometheus/latest/querying/api):
///   {"status": "success", "data": {"resultType": "matrix", "result": [
///     {"metric": {"__name__": "http_requests_total", "pod": "a", ...}, "values": [[1435781430.781, "1"], ...]}, ...]}}
/// Values are strings, since JSON has no NaN; staleness never shows, a series that ended just has no more values. The API
/// tells no types: they are guessed from names. Native histograms ("histograms") are left out.
#include "ctl/replay_recording.hpp"

namespace charon::ctl {

/// One pass, nothing but the samples is kept. Errors: "FILE: data.result[3].values[7]: what was expected".
Result<void> read_recorded_json(std::string_view text, const std::string& file, Recording& recording);

}  // namespace charon::ctl
