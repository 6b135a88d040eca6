#include "ctl/replay_plot.hpp"

#include "ctl/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

namespace charon::ctl {
namespace {

constexpr double width = 960, height = 480, left = 64, right = 20, top = 44, bottom = 44, legend = 18;
constexpr auto colours = std::to_array<std::string_view>({"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"});  // Okabe, Ito

/// As XML 1.0 takes it: what is read is UTF-8, but of that it knows no U+FFFE and U+FFFF, and no "]]>" in text.
std::string escaped(std::string_view text) {
  const std::string line = printable(std::string(text));
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else if (const auto next = std::string_view(line).substr(i, 3); next == "\xef\xbf\xbe" || next == "\xef\xbf\xbf") i += 2;
    else out += c;
  }
  return out;
}

struct Axes {
  double from, to;        // seconds
  double lowest, highest; // decades

  double x(Time time) const { return left + (static_cast<double>(time.time_since_epoch().count()) / 1000 - from) / (to - from) * (width - left - right); }
  double y(double log_value) const {
    const double decade = std::clamp(log_value * std::numbers::log10e, lowest, highest);
    return top + (highest - decade) / (highest - lowest) * (height - top - bottom);
  }
};

template <class Value>
std::string line(const Axes& axes, const ReplayPod& pod, std::string_view colour, double thickness, Value value) {
  std::string points;
  for (const ReplayMoment& moment : pod.moments) fmt::format_to(std::back_inserter(points), "{:.1f},{:.1f} ", axes.x(moment.time), axes.y(value(moment)));
  return fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" points=\"{}\"/>\n", colour, thickness, points);
}

std::string label(double x, double y, std::string_view text, std::string_view anchor = "start", std::string_view colour = "#333") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", x, y, anchor, colour, escaped(text));
}

double seconds(Time time) { return static_cast<double>(time.time_since_epoch().count()) / 1000; }

}  // namespace

std::string replay_svg(const ReplayResult& result) {
  const ReplayPod& pod = result.pods[result.decisive];
  double most = result.log_needed;
  for (const ReplayPod& each : result.pods)
    for (const ReplayMoment& moment : each.moments) most = std::max(most, moment.log_evidence);
  // Four decades above the threshold tell enough; lines beyond run along the edge.
  const double highest = std::clamp(std::ceil(std::min(most * std::numbers::log10e, result.log_needed * std::numbers::log10e + 4) + 0.5), 4.0, 40.0);
  const Axes axes{seconds(result.candidate.from), std::max(seconds(result.candidate.to), seconds(result.candidate.from) + 1), -2, highest};

  // Of the metrics that have a part in the verdict those that ever had most evidence.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < pod.metrics.size(); ++i)
    if (std::any_of(pod.evidence.metrics.begin(), pod.evidence.metrics.end(), [&](const auto& m) { return m.metric == pod.metrics[i] && m.excluded == agent::Excluded::no; })) order.push_back(i);
  const auto at = [](const ReplayMoment& moment, std::size_t i) { return i < moment.metrics.size() ? moment.metrics[i] : 0.0; };
  const auto peak = [&](std::size_t i) {
    double out = -1e9;
    for (const ReplayMoment& moment : pod.moments) out = std::max(out, at(moment, i));
    return out;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return peak(a) > peak(b); });
  if (order.size() > colours.size()) order.resize(colours.size());

  const double total = height + legend * static_cast<double>(order.size() + 1);
  std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n", width, total);
  out += label(left, 24, fmt::format("Evidence against the candidate, {}: {}{}", pod.name, JsonWriter::write(result.verdict).as_string().c_str(),
                                     result.at ? (result.verdict == wire::Verdict::fail ? " at " : " since ") + format_time(*result.at) + (result.by_together ? " by all pods together" : "") : std::string()));
  const int step = highest > 12 ? 5 : 1;
  for (int decade = -2; decade <= static_cast<int>(highest); decade += 1) {
    if (decade % step != 0) continue;
    const double y = axes.y(decade * std::numbers::ln10);
    out += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", left, width - right, y, y, decade == 0 ? "#999" : "#e4e4e4");
    out += label(left - 8, y + 4, decade == 0 ? "1" : fmt::format("1e{}", decade), "end");
  }
  for (int i = 0; i <= 4; ++i) {
    const Time time{Duration{std::llround((axes.from + (axes.to - axes.from) * i / 4) * 1000)}};
    out += label(axes.x(time), height - bottom + 20, format_time(time).substr(11, 8), i == 0 ? "start" : i == 4 ? "end" : "middle");
  }
  for (std::size_t i = 0; i < result.pods.size(); ++i)
    if (i != result.decisive) out += line(axes, result.pods[i], "#bbb", 1, [](const ReplayMoment& m) { return m.log_evidence; });
  for (std::size_t i = 0; i < order.size(); ++i) out += line(axes, pod, colours[i], 1.5, [&](const ReplayMoment& m) { return at(m, order[i]); });
  out += line(axes, pod, "#000", 2.5, [](const ReplayMoment& m) { return m.log_evidence; });
  const double threshold = axes.y(result.log_needed);
  out += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#c00\" stroke-dasharray=\"6 4\"/>\n", left, width - right, threshold, threshold);
  out += label(width - right, threshold - 5, "fail from here", "end", "#c00");
  if (result.verdict == wire::Verdict::fail)
    out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#c00\" stroke-opacity=\"0.5\"/>\n", axes.x(*result.at), top, height - bottom);

  double y = height;
  const auto entry = [&](std::string_view colour, double thickness, std::string_view text) {
    out += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", left, left + 24, y - 4, y - 4, colour, thickness);
    out += label(left + 32, y, text);
    y += legend;
  };
  entry("#000", 2.5, result.pods.size() > 1 ? "all metrics together (grey: other pods)" : "all metrics together");
  for (std::size_t i = 0; i < order.size(); ++i) entry(colours[i], 1.5, pod.metrics[order[i]]);
  return out + "</svg>\n";
}

}  // namespace charon::ctl
