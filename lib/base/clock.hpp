#pragma once
/// Time as the core sees it: a value that is passed in, never read.
#include "lib/base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace charon {

using Duration = std::chrono::milliseconds;
/// Wall-clock UTC, milliseconds since the epoch.
using Time = std::chrono::sys_time<Duration>;

/// The shell's clock.
inline Time wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

/// RFC 3339 in UTC with milliseconds: "2026-11-23T12:00:00.123Z".
std::string format_time(Time time);
/// RFC 3339 as Kubernetes writes it ("2026-11-23T12:00:00Z", fraction and numeric offset allowed).
Result<Time> parse_time(std::string_view text);

/// "250ms", "5s", "30m", "2h", "7d"; a sequence ("1m30s") as Prometheus and Go write it. Not negative.
Result<Duration> parse_duration(std::string_view text);
/// The shortest text that parse_duration reads back: "1m30s".
std::string format_duration(Duration duration);

}  // namespace charon
