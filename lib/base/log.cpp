#include "lib/base/log.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace charon {

Log::Log()
    : Log([](std::string_view line) { std::fwrite(fmt::format("{}\n", line).data(), 1, line.size() + 1, stderr); }, wall_now) {}

Log::Log(Sink sink, std::function<Time()> clock) : sink_(std::move(sink)), clock_(std::move(clock)) {}

void Log::write(Level level, std::string_view message) const {
  if (level < threshold_) return;
  constexpr std::string_view names[] = {"DEBUG", "INFO ", "WARN ", "ERROR"};
  std::string line = fmt::format("{} {} ", format_time(clock_()), names[static_cast<int>(level)]);
  for (const char c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      line += c;
  }
  sink_(line);
}

}  // namespace charon
