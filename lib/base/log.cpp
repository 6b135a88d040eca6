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
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto byte = static_cast<unsigned char>(message[i]);
    const auto next = i + 1 < message.size() ? static_cast<unsigned char>(message[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      line += fmt::format("\\u00{:02x}", next);  // C1 in UTF-8: some terminals read these as line breaks and escapes too
      ++i;
    } else {
      line += message[i];
    }
  }
  sink_(line);
}

}  // namespace charon
