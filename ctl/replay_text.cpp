#include "ctl/replay_text.hpp"

#include "agent/core/exposition_parser.hpp"

#include <fmt/format.h>

namespace charon::ctl {

Result<void> read_recorded_text(std::string_view text, const std::string& file, Recording& recording) {
  using agent::ExpositionItem;
  agent::ExpositionLimits limits;
  limits.bytes = text.size() + 1;  // the caller bounds the file
  limits.samples = recording.limits().points + 1;
  agent::ExpositionParser parser(limits);
  parser.start(text, agent::dialect_of_text(text));
  for (;;) {
    switch (parser.next()) {
      case ExpositionItem::sample: {
        const agent::ExpositionSample& sample = parser.sample();
        const auto here = [&](Errc code, std::string_view what) { return fail(code, fmt::format("{}:{}: {}", file, parser.line(), what)); };
        if (!sample.timestamp) return here(Errc::invalid_input, fmt::format("{} has no timestamp; a recording needs one on every sample", sample.name));
        const auto time = recorded_time(*sample.timestamp);
        if (!time) return here(Errc::invalid_input, fmt::format("timestamp {} is not between 1970 and 9999", sample.timestamp_text));
        const auto series = recording.series(sample.family, sample.name, sample.type, sample.labels);
        if (!series) return here(Errc::too_large, series.error().context);
        if (auto ok = recording.add(*series, *time, sample.value); !ok) return here(Errc::too_large, ok.error().context);
        break;
      }
      case ExpositionItem::error:
        return fail(parser.error().code, fmt::format("{}:{}:{}: {}", file, parser.error().line, parser.error().column, parser.error().message));
      case ExpositionItem::end: return {};
      case ExpositionItem::type:
      case ExpositionItem::help:
      case ExpositionItem::unit: break;
    }
  }
}

}  // namespace charon::ctl
