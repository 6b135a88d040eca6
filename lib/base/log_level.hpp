#pragma once
/// Level names as flags and environment variables give them.
#include "lib/base/log.hpp"

#include <optional>
#include <string_view>

namespace charon {

/// "debug", "info", "warn" or "error"; else empty.
std::optional<Level> parse_log_level(std::string_view name);

}  // namespace charon
