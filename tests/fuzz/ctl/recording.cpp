/// Any bytes as a recording, as text or as Prometheus' JSON; what is read is in order and within its bounds, and judges
/// without harm, as a recording that is split in its middle.
#include "ctl/replay_judge.hpp"
#include "ctl/replay_json.hpp"
#include "ctl/replay_plot.hpp"
#include "ctl/replay_report.hpp"
#include "ctl/replay_text.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace charon;
using namespace charon::ctl;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RecordingLimits limits;
  limits.series = 50;
  limits.points = 2'000;
  limits.scrapes = 500;
  Recording recording(limits);
  const auto read = text.starts_with('{') ? read_recorded_json(text, "f", recording) : read_recorded_text(text, "f", recording);
  if (read.has_error()) require(read.error().context.starts_with("f:"));
  recording.finish();
  std::size_t series = 0, points = 0;
  Time first = Time::max(), last{};
  for (const RecordedTarget& target : recording.targets()) {
    require(!target.name.empty());
    for (const RecordedSeries& each : target.series) {
      ++series;
      points += each.points.size();
      for (std::size_t i = 0; i < each.points.size(); ++i) {
        require(!std::isnan(each.points[i].value) && (i == 0 || each.points[i - 1].time < each.points[i].time));
        first = std::min(first, each.points[i].time);
        last = std::max(last, each.points[i].time);
      }
    }
  }
  require(series <= limits.series && points <= limits.points);
  if (points == 0) return 0;
  const auto result = replay(recording, recording, first + (last - first) / 2, {});
  if (!result) return 0;
  require(!replay_text(*result).empty() && replay_svg(*result).ends_with("</svg>\n") && replay_json(*result).contains("verdict"));
  return 0;
}
