#pragma once
/// One sample of an exposition, as views: what the parser yields and the detector reads. Nothing here owns memory; the
/// views live as long as the scraped body (and, for unescaped label values, the parser's current line).
#include "lib/detection/metric_meaning.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace charon::agent {

/// What `# TYPE` said of the family; `unknown` where it said nothing (OpenMetrics "unknown", Prometheus "untyped").
using detection::FamilyType;

struct LabelView {
  std::string_view name;
  std::string_view value;  ///< unescaped
};

struct SampleView {
  std::string_view family;              ///< of the `# TYPE` line; the sample's own name where there was none
  std::string_view name;                ///< as written, suffix included: "http_requests_total", "x_seconds_bucket"
  std::span<const LabelView> labels;    ///< in the order of the text
  double value = 0;                     ///< may be NaN or infinite
  FamilyType type = FamilyType::unknown;
  std::optional<double> timestamp;      ///< seconds since the epoch (0.0.4's milliseconds are divided)
};

}  // namespace charon::agent
