#pragma once
/// Which text a target sends: Prometheus text format 0.0.4 or OpenMetrics 1.0, agreed by HTTP content negotiation.
#include <string_view>

namespace charon::agent {

enum class Dialect { prometheus, openmetrics };

/// The Accept header of a scrape, as Prometheus 2.49 and later sends it for the protocols that are understood here.
inline constexpr std::string_view exposition_accept =
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/// The dialect of a response: OpenMetrics only for application/openmetrics-text (media types are compared without case,
/// RFC 9110, 8.3.1), else the Prometheus text format, which is also what a missing header means to Prometheus.
Dialect dialect_of_content_type(std::string_view content_type);

/// For text without a Content-Type (a file): OpenMetrics where its last line is `# EOF`, which OpenMetrics requires and
/// the Prometheus text format knows only as a comment.
Dialect dialect_of_text(std::string_view text);

}  // namespace charon::agent
