#include "tests/bench/release_regression/report_svg.hpp"

#include "tests/bench/release_regression/report_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace charon::bench {
namespace {

// Told apart without red against green (Okabe and Ito 2008), then greys.
constexpr std::array<std::string_view, 10> colours = {"#0072b2", "#000000", "#888888", "#e69f00", "#009e73",
                                                      "#cc79a7", "#56b4e9", "#d55e00", "#b8a000", "#c0c0c0"};
constexpr double left = 70, right = 20, panel_width = 1220;  // pixels
constexpr double width = left + panel_width + right;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

std::size_t index_of(std::vector<std::string>& known, const std::string& name) {
  const auto found = std::find(known.begin(), known.end(), name);
  if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
  known.push_back(name);
  return known.size() - 1;
}

struct Mark {
  std::string_view colour;
  bool square;
};

/// A column and its calibrated copy share a colour, in every picture of these results.
Mark mark_of(const std::string& name, const Results& results) {
  std::vector<std::string> originals;
  for (const std::string& column : ordered_columns(results)) index_of(originals, std::string(original_of(column)));
  const std::string original(original_of(name));
  return {colours[index_of(originals, original) % colours.size()], name != original};
}

/// An SVG document that grows downwards.
class Drawing {
 public:
  void line(double x1, double y1, double x2, double y2, std::string_view colour, double thickness = 1) {
    body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{:g}\"/>\n", x1, y1, x2, y2, colour, thickness);
  }
  /// A dot; of a calibrated copy a square.
  void mark(double x, double y, const Mark& mark, bool filled = true) {
    const std::string style = fmt::format("stroke=\"{}\" fill=\"{}\"", mark.colour, filled ? mark.colour : "white");
    body_ += mark.square ? fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"5\" height=\"5\" {}/>\n", x - 2.5, y - 2.5, style)
                         : fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" {}/>\n", x, y, style);
  }
  void text(double x, double y, std::string_view words, std::string_view anchor = "start", int size = 11, double turned = 0) {
    body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, size, anchor,
                         turned == 0 ? "" : fmt::format(" transform=\"rotate({:g} {:.1f} {:.1f})\"", turned, x, y), escaped(words));
  }
  void band(double x, double y, double w, double h, std::string_view colour) {
    body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", x, y, w, h, colour);
  }
  /// Names with their colours, several a line; gives the y below them.
  double legend(double y, const std::vector<std::string>& names, const Results& results) {
    double x = left;
    for (const std::string& name : names) {
      const double needed = 24 + 7 * static_cast<double>(name.size());
      if (x + needed > width - right) {
        x = left;
        y += 18;
      }
      mark(x + 5, y - 4, mark_of(name, results));
      text(x + 14, y, name);
      x += needed;
    }
    return y + 14;
  }
  std::string document(double height) const {
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" font-family=\"sans-serif\">\n"
                       "<rect width=\"{0:g}\" height=\"{1:g}\" fill=\"white\"/>\n{2}</svg>\n", width, height, body_);
  }

 private:
  std::string body_;
};

/// A logarithmic axis that points up.
struct Axis {
  double lowest, highest, top, bottom;
  double y(double value) const {
    const double share = std::log(std::clamp(value, lowest, highest) / lowest) / std::log(highest / lowest);
    return bottom - share * (bottom - top);
  }
};

struct Groups {
  std::size_t count, members;
  double step() const { return panel_width / static_cast<double>(count); }
  double middle(std::size_t group) const { return left + (static_cast<double>(group) + 0.5) * step(); }
  double at(std::size_t group, std::size_t member) const {
    const double offset = (static_cast<double>(member) + 0.5) / static_cast<double>(members) - 0.5;
    return middle(group) + 0.8 * step() * offset;
  }
};

/// Charon, the oracle, and of each rival the calibrated copy if it ran.
std::vector<std::string> compared(const Results& results) {
  std::vector<std::string> names;
  for (const std::string& name : ordered_columns(results)) {
    if (results.columns.at(name).faults.empty() || name == "oracle_told" || name == "oracle_pass") continue;
    if (results.columns.count(name + std::string(calibrated_suffix)) == 0) names.push_back(name);
  }
  return names;
}

std::string group_of(const HealthyResult& r) {
  if (r.requests_per_second != 100) return fmt::format("model A, {:g}/s", r.requests_per_second);
  if (r.world == "model" && r.layout == "A" && r.history) return fmt::format("model A, phi {:g}", r.phi);
  return fmt::format("{} {}{}", r.world, r.layout, r.history ? "" : ", no history");
}

}  // namespace

std::string delay_svg(const Results& results) {
  const auto shown = [](const FaultResult& r) { return has_target(r) && r.phi == 0.5 && r.requests_per_second == 100; };
  const std::vector<std::string> names = compared(results);
  std::vector<std::string> faults;
  for (const std::string& name : names) {
    for (const FaultResult& r : results.columns.at(name).faults) {
      if (shown(r)) index_of(faults, r.name + ' ' + r.size);
    }
  }
  Drawing drawing;
  drawing.text(left, 24, "Delay of the rollback in scrapes after the fault's onset: median (dot) to 90th percentile (line)", "start", 16);
  double y = drawing.legend(46, names, results) + 10;
  if (faults.empty()) return drawing.document(y);
  const Groups groups{faults.size(), names.size()};
  struct Panel {
    int onset;
    std::string_view devices, title;
  };
  for (const Panel& panel : {Panel{0, "all", "from the start, on all devices"}, {0, "one", "from the start, on one device"},
                             {120, "all", "after 10 minutes, on all devices"}, {120, "one", "after 10 minutes, on one device"}}) {
    const Axis axis{1, 360, y + 40, y + 210};
    const double undetected = y + 24;
    drawing.text(left, y + 8, panel.title, "start", 13);
    drawing.band(left, y + 14, panel_width, 20, "#f3e3e3");
    drawing.text(left - 6, undetected + 4, "undetected", "end", 10);
    for (const int tick : {1, 3, 10, 30, 100, 360}) {
      drawing.line(left, axis.y(tick), left + panel_width, axis.y(tick), "#e0e0e0");
      drawing.text(left - 6, axis.y(tick) + 4, std::to_string(tick), "end", 10);
    }
    for (std::size_t fault = 0; fault <= faults.size(); ++fault) {
      const double x = left + static_cast<double>(fault) * groups.step();
      drawing.line(x, y + 14, x, axis.bottom, "#e8e8e8");
    }
    for (std::size_t member = 0; member < names.size(); ++member) {
      const Mark mark = mark_of(names[member], results);
      for (const FaultResult& r : results.columns.at(names[member]).faults) {
        if (!shown(r) || r.onset != panel.onset || r.devices != panel.devices) continue;
        const double x = groups.at(index_of(faults, r.name + ' ' + r.size), member);
        const bool half_found = std::isfinite(r.median);
        if (half_found) drawing.line(x, axis.y(r.median), x, std::isfinite(r.p90) ? axis.y(r.p90) : undetected, mark.colour, 1.5);
        drawing.mark(x, half_found ? axis.y(r.median) : undetected, mark, half_found);
      }
    }
    for (std::size_t fault = 0; fault < faults.size(); ++fault) {
      drawing.text(groups.middle(fault) + 4, axis.bottom + 12, faults[fault], "end", 10, -40);
    }
    y = axis.bottom + 86;
  }
  return drawing.document(y);
}

std::string false_rollbacks_svg(const Results& results) {
  std::vector<std::string> names, worlds;
  std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::int64_t>> counts;  // events, trials
  for (const std::string& name : ordered_columns(results)) {
    const ColumnResults& column = results.columns.at(name);
    if (column.healthy.empty() || name == "oracle_pass") continue;
    names.push_back(name);
    for (const HealthyResult& r : column.healthy) {
      const std::string world = group_of(r);
      index_of(worlds, world);
      auto& [events, trials] = counts[{name, world}];
      events += r.false_rollbacks;
      trials += r.releases;
    }
  }
  Drawing drawing;
  drawing.text(left, 24, "Share of healthy releases rolled back, with 95% intervals (Clopper and Pearson)", "start", 16);
  double y = drawing.legend(46, names, results) + 10;
  if (worlds.empty()) return drawing.document(y);
  constexpr std::size_t worlds_a_panel = 12;
  for (std::size_t first = 0; first < worlds.size(); first += worlds_a_panel) {
    const Axis axis{1e-5, 1, y + 10, y + 240};
    const double none = axis.bottom + 16;
    const Groups groups{worlds_a_panel, names.size()};
    const double end = left + static_cast<double>(std::min(worlds_a_panel, worlds.size() - first)) * groups.step();
    for (const auto& [tick, label] : {std::pair{1.0, "1"}, {.1, "0.1"}, {.01, "0.01"}, {1e-3, "0.001"}, {1e-4, "0.0001"}, {1e-5, "0.00001"}}) {
      drawing.line(left, axis.y(tick), end, axis.y(tick), tick == 1e-3 ? "#d55e00" : "#e0e0e0");
      drawing.text(left - 6, axis.y(tick) + 4, label, "end", 10);
    }
    drawing.text(left - 6, none + 4, "none", "end", 10);
    for (std::size_t world = first; world < std::min(first + worlds_a_panel, worlds.size()); ++world) {
      const std::size_t group = world - first;
      drawing.line(left + static_cast<double>(group) * groups.step(), axis.top, left + static_cast<double>(group) * groups.step(), none + 6, "#e0e0e0");
      const std::size_t space = worlds[world].find(' ');
      drawing.text(groups.middle(group), none + 20, worlds[world].substr(0, space), "middle", 10);
      if (space != std::string::npos) drawing.text(groups.middle(group), none + 32, worlds[world].substr(space + 1), "middle", 10);
      for (std::size_t member = 0; member < names.size(); ++member) {
        const auto counted = counts.find({names[member], worlds[world]});
        if (counted == counts.end()) continue;
        const Rate rate = clopper_pearson(counted->second.first, counted->second.second);
        const bool any = counted->second.first > 0;
        const double x = groups.at(group, member);
        const Mark mark = mark_of(names[member], results);
        drawing.line(x, any ? axis.y(rate.lower) : none, x, axis.y(rate.upper), mark.colour, 1.5);
        drawing.mark(x, any ? axis.y(rate.share) : none, mark, any);
      }
    }
    y = none + 48;
  }
  return drawing.document(y);
}

}  // namespace charon::bench
