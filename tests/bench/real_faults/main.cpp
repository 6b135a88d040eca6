/// real_faults [--data DIR] [--seed N]: detection of Nezha's injected faults by every judge, at equal false alarms.
#include "tests/bench/real_faults/comparison.hpp"
#include "tests/bench/real_faults/judges.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace {

using namespace charon::bench;
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// How far each date's tail wanders: medians of its first and last hour, the most changed metrics of all pods; and how far
/// it lies from the phase of the faults, by the nodes' metrics, which a fault in a pod moves least.
void print_drift(const std::string& date, const std::vector<Window>& windows) {
  constexpr std::size_t hour = 60 / candidate_rows;
  std::map<std::string, std::vector<const Window*>> by_service, faults;
  for (const Window& window : windows) (window.fault.empty() ? by_service : faults)[window.service].push_back(&window);
  struct Change {
    double ratio;
    std::string text;
  };
  std::vector<Change> changes, phases;
  for (const auto& [service, controls] : by_service) {
    if (controls.size() < 2 * hour) continue;
    for (std::size_t metric = 0; metric < controls.front()->metrics.size(); ++metric) {
      std::vector<double> first, last;
      for (std::size_t i = 0; i < hour; ++i) {
        const auto& early = controls[i]->candidate[metric];
        const auto& late = controls[controls.size() - 1 - i]->candidate[metric];
        first.insert(first.end(), early.begin(), early.end());
        last.insert(last.end(), late.begin(), late.end());
      }
      const double from = median(first), to = median(last);
      if (!(from > 0) || !(to > 0)) continue;
      std::vector<double> during;
      for (const Window* window : faults[service]) {
        during.insert(during.end(), window->candidate[metric].begin(), window->candidate[metric].end());
      }
      if (const double then = median(during); then > 0 && controls.front()->metrics[metric].starts_with("Node")) {
        phases.push_back({std::abs(std::log(from / then)), fmt::format("  {} {}: {:.4g} during faults, {:.4g}\n", service, controls.front()->metrics[metric], then, from)});
      }
      changes.push_back({std::abs(std::log(to / from)), fmt::format("  {} {}: {:.4g} to {:.4g}\n", service, controls.front()->metrics[metric], from, to)});
    }
  }
  const auto print = [&](std::vector<Change>& of, std::size_t most) {
    std::sort(of.begin(), of.end(), [](const Change& a, const Change& b) { return a.ratio > b.ratio; });
    for (std::size_t i = 0; i < std::min(most, of.size()); ++i) fmt::print("{}", of[i].text);
  };
  fmt::print("{}: drift of the tail, first to last hour, the five largest of {}\n", date, changes.size());
  print(changes, 5);
  fmt::print("and from the faults' phase to the tail's first hour, nodes, the three largest\n");
  print(phases, 3);
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  std::string data = "../shared/data/nezha";
  std::uint64_t seed = 1;
  po::options_description options("real_faults: detection of real faults at equal false alarms");
  options.add_options()("help", "this text")("data", po::value(&data)->default_value(data), "folder of the two dates")(
      "seed", po::value(&seed)->default_value(seed), "of the bootstrap");
  try {
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, options), given);
    po::notify(given);
    if (given.count("help") > 0) {
      std::cout << options;
      return 0;
    }
  } catch (const po::error& error) {
    std::cerr << "real_faults: " << error.what() << '\n';
    return 2;
  }
  if (!fs::is_directory(data)) {
    fmt::print("SKIPPED: no folder {}\n", data);
    return 0;
  }
  std::vector<Scored> scored;
  std::vector<double> fault_distances, control_distances;
  std::size_t with_later_rows = 0, faults_listed = 0;
  for (const std::string date : {"2022-08-22", "2022-08-23"}) {
    const auto faults = parse_faults(read(fs::path(data) / date / "fault_list.json"));
    if (!faults) {
      std::cerr << date << ": " << faults.error().message() << '\n';
      return 1;
    }
    faults_listed += faults->size();
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(data) / date / "metric")) {
      if (entry.path().filename().string().ends_with("_metric.csv")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<Window> windows;
    for (const fs::path& file : files) {
      const auto table = parse_pod_table(read(file));
      if (!table) {
        std::cerr << file.string() << ": " << table.error().message() << '\n';
        return 1;
      }
      for (Window& window : windows_of(*table, *faults)) windows.push_back(std::move(window));
    }
    print_drift(date, windows);
    for (const Window& window : windows) {
      const bool fault = !window.fault.empty();
      (fault ? fault_distances : control_distances).push_back(static_cast<double>(window.distance));
      if (fault && window.rows_after) ++with_later_rows;
      Scored row{window.service, fault, {}};
      for (const RowJudge& judge : row_judges()) row.scores.push_back(judge.score(window));
      scored.push_back(std::move(row));
    }
  }
  fmt::print("{} of {} faults and {} controls of 8 rows; baselines {:.0f} minutes away (median), controls' {:.0f}; {} faults have "
             "later rows in theirs\n\n", fault_distances.size(), faults_listed, control_distances.size(), median(fault_distances) / 60,
             median(control_distances) / 60, with_later_rows);
  const std::vector<std::pair<std::string, AllowedAlarms>> levels = {
      {fmt::format("1 of {}", control_distances.size()), {0}}, {"5%", {0.05}}, {"10%", {0.10}}};
  std::vector<const Scored*> all;
  for (const Scored& row : scored) all.push_back(&row);
  fmt::print("{:<18}", "detected at");
  for (const auto& [name, allowed] : levels) fmt::print("{:>12}", name);
  fmt::print("{:>12}{:>14}\n", "by itself", "false alarms");
  const auto judges = row_judges();
  for (std::size_t judge = 0; judge < judges.size(); ++judge) {
    fmt::print("{:<18}", judges[judge].name);
    for (const auto& [name, allowed] : levels) fmt::print("{:>11.0f}%", 100 * detection(all, judge, allowed));
    const Alarms own = alarms(all, judge, judges[judge].own_threshold);
    fmt::print("{:>11.0f}%{:>13.1f}%\n", 100 * own.faults, 100 * own.controls);
  }
  fmt::print("\nFirst of each pair against the second: difference in detection, 95% interval by bootstrap over services\n");
  for (std::size_t judge = 0; judge < judges.size(); ++judge) {
    for (std::size_t other = judge + 1; other < judges.size(); ++other) {
      for (const auto& [name, allowed] : levels) {
        const Difference difference = compare(scored, judge, other, allowed, seed);
        fmt::print("{:<18} {:<18} at {:<10} {:+.2f} [{:+.2f}, {:+.2f}] {}\n", judges[judge].name, judges[other].name, name,
                   difference.observed, difference.lower, difference.upper, difference.verdict());
      }
    }
  }
  return 0;
}
