#include "lib/base/log_level.hpp"

namespace charon {

std::optional<Level> parse_log_level(std::string_view name) {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  for (int i = 0; i < 4; ++i)
    if (names[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

}  // namespace charon
