#include "ctl/replay_text.hpp"

#include "agent/core/exposition_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::ctl {
namespace {

constexpr double first_milliseconds = 1e8;  ///< seconds since 1970: numbers below 1e11, read as milliseconds, are before March 1973

/// An OpenMetrics text up to its # EOF, or Prometheus text up to the file's end.
struct Part {
  std::string_view text;
  agent::Dialect dialect = agent::Dialect::prometheus;
  std::size_t lines_before = 0;
};

/// Where the line after the first that is "# EOF" begins; 0: there is none. No label value or help text spans lines.
std::size_t after_eof(std::string_view text) {
  constexpr std::string_view eof = "# EOF";
  for (std::size_t at = 0; (at = text.find(eof, at)) != std::string_view::npos; at += eof.size()) {
    const std::size_t end = at + eof.size();
    if (at > 0 && text[at - 1] != '\n') continue;
    if (end == text.size()) return end;
    if (text[end] == '\n') return end + 1;
  }
  return 0;
}

Result<void> read_part(const Part& part, const std::string& file, Recording& recording) {
  using agent::ExpositionItem;
  agent::ExpositionLimits limits;
  limits.bytes = part.text.size() + 1;  // the caller bounds the file
  limits.samples = recording.limits().points + 1;
  agent::ExpositionParser parser(limits);
  parser.start(part.text, part.dialect);
  const bool openmetrics = part.dialect == agent::Dialect::openmetrics;
  for (;;) {
    switch (parser.next()) {
      case ExpositionItem::sample: {
        const agent::ExpositionSample& sample = parser.sample();
        const auto here = [&](Errc code, std::string_view what) { return fail(code, fmt::format("{}:{}: {}", file, part.lines_before + parser.line(), what)); };
        if (!sample.timestamp) return here(Errc::invalid_input, fmt::format("{} has no timestamp; a recording needs one on every sample", sample.name));
        const auto time = recorded_time(*sample.timestamp);
        if (!time) return here(Errc::invalid_input, fmt::format("timestamp {} is not between 1970 and 9999", sample.timestamp_text));
        if (!openmetrics && *sample.timestamp < first_milliseconds)
          return here(Errc::invalid_input, fmt::format("timestamp {} is in seconds, as in OpenMetrics, but no # EOF ends the text: part of it may be missing; if none is, add that line", sample.timestamp_text));
        const auto series = recording.series(sample.family, sample.name, sample.type, sample.labels);
        if (!series) return here(Errc::too_large, series.error().context);
        if (auto ok = recording.add(*series, *time, sample.value); !ok) return here(Errc::too_large, ok.error().context);
        break;
      }
      case ExpositionItem::error: {
        const agent::ExpositionError& error = parser.error();
        return fail(error.code, fmt::format("{}:{}:{}: {}{}", file, part.lines_before + error.line, error.column, error.message,
                                            openmetrics ? "" : "; read as Prometheus text, since no # EOF ends it as OpenMetrics"));
      }
      case ExpositionItem::end: return {};
      case ExpositionItem::type:
      case ExpositionItem::help:
      case ExpositionItem::unit: break;
    }
  }
}

/// Blank lines before the next part, which OpenMetrics does not know.
std::size_t blank_lines(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return text.size();
  return text.substr(0, first).rfind('\n') + 1;  // npos + 1 is 0: none
}

Result<void> read_parts(std::string_view text, const std::string& file, Recording& recording) {
  std::size_t lines = 0;
  const auto skip = [&](std::size_t bytes) {
    lines += static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bytes), '\n'));
    text.remove_prefix(bytes);
  };
  for (;;) {
    skip(blank_lines(text));
    if (text.empty()) return {};
    const std::size_t end = after_eof(text);
    const Part part = end ? Part{text.substr(0, end), agent::Dialect::openmetrics, lines} : Part{text, agent::Dialect::prometheus, lines};
    if (auto ok = read_part(part, file, recording); !ok) return ok;
    skip(part.text.size());
  }
}

}  // namespace

Result<void> read_recorded_text(std::string_view text, const std::string& file, Recording& recording) {
  if (text.find("\r\n") == std::string_view::npos) return read_parts(text, file, recording);
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') lines += text[i];
  return read_parts(lines, file, recording);
}

}  // namespace charon::ctl
