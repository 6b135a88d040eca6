#include "tests/bench/release_regression/rival_calibration.hpp"

#include "tests/bench/release_regression/anomalyzer_column.hpp"
#include "tests/bench/release_regression/kayenta_column.hpp"
#include "tests/bench/release_regression/runner.hpp"
#include "tests/bench/release_regression/threshold_column.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <thread>

namespace charon::bench {
namespace {

constexpr int worker_count = 2;
constexpr std::size_t one_in = 1000;
constexpr double anomalyzer_looks_from = 0.94;  // lower scores cost most of the time and decide nothing: half of the releases reach 0.9

struct Rival {
  std::string name;
  std::unique_ptr<Column> column;
  std::function<double(const Column&)> needed;
  std::vector<double> values = {};
};

/// With knobs at a value that rolls nothing back, since a release ends with its first rollback.
std::vector<Rival> rivals() {
  constexpr double none = std::numeric_limits<double>::infinity();
  std::vector<Rival> all;
  const auto kayenta = [&](const char* name, int minutes) {
    KayentaSettings settings;
    settings.allowed_change = none;
    all.push_back({name, std::make_unique<KayentaColumn>(settings, minutes * 12), [](const Column& column) {
                     return static_cast<const KayentaColumn&>(column).largest_failing_change();
                   }});
  };
  const auto threshold = [&](const char* name, ThresholdSettings settings) {
    settings.factor = none;
    all.push_back({name, std::make_unique<ThresholdColumn>(settings), [](const Column& column) {
                     return static_cast<const ThresholdColumn&>(column).needed_factor();
                   }});
  };
  all.push_back({"anomalyzer", std::make_unique<AnomalyzerColumn>(none, anomalyzer_looks_from), [](const Column& column) {
                   return static_cast<const AnomalyzerColumn&>(column).highest_score();
                 }});
  kayenta("kayenta", 30);
  kayenta("kayenta_5m", 5);
  kayenta("kayenta_1m_misused", 1);
  threshold("threshold", threshold_settings_documented);
  threshold("threshold_ratio", threshold_settings_ratio);
  return all;
}

void run(const std::vector<Cell>& cells, std::uint64_t seed, int first, std::vector<Rival>& all) {
  World world;
  std::vector<Column*> columns;
  for (const Rival& rival : all) columns.push_back(rival.column.get());
  for (const Cell& cell : cells) {
    for (int index = first; index < cell.releases; index += worker_count) {
      run_release(world, cell, index, seed, columns);
      for (Rival& rival : all) rival.values.push_back(rival.needed(*rival.column));
    }
  }
}

}  // namespace

std::vector<Calibration> calibrate(std::uint64_t seed, int releases) {
  CellOptions options;
  options.only = "^healthy/model/A/history/phi0?[.0-9]*/rps100$";
  options.releases = releases;
  auto cells = make_cells(options);
  std::array<std::vector<Rival>, worker_count> parts;
  for (auto& part : parts) part = rivals();
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < worker_count; ++i) {
      workers.emplace_back([&, i] { run(cells, seed, i, parts[static_cast<std::size_t>(i)]); });
    }
  }
  std::vector<Calibration> found;
  for (std::size_t i = 0; i < parts.front().size(); ++i) {
    std::vector<double> values;
    for (auto& part : parts) values.insert(values.end(), part[i].values.begin(), part[i].values.end());
    if (values.empty()) continue;
    std::sort(values.begin(), values.end(), std::greater<>());
    found.push_back({parts.front()[i].name, static_cast<std::int64_t>(values.size()), values[values.size() / one_in],
                     values[values.size() / 2]});
  }
  return found;
}

}  // namespace charon::bench
