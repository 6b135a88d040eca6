#include "tests/bench/release_regression/report_json.hpp"
#include "tests/bench/release_regression/report_svg.hpp"
#include "tests/bench/release_regression/report_table.hpp"
#include "tests/bench/release_regression/runner.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace charon::bench;

/// False: a name that no column has.
bool choose(const std::string& names, std::vector<NamedColumn>& out) {
  const auto all = all_columns();
  if (names.empty()) {
    out.assign(all.begin(), all.end());
    return true;
  }
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const NamedColumn& c) { return c.name == name; });
    if (found == all.end()) return false;
    out.push_back(*found);
  }
  return true;
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::cerr << "cannot write " << path << "\n";
  return static_cast<bool>(file);
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description description("release_regression: how often judges of releases are wrong, and how late they are right");
  CellOptions cells;
  RunOptions run_options;
  std::string json, svg, columns;
  bool quiet = false;
  description.add_options()("help", "this text")
      ("quick", po::bool_switch(&cells.quick), "a sample of the cells, few releases: within 90 s on two cores")
      ("seed", po::value(&run_options.seed)->default_value(1), "decides everything")
      ("releases", po::value(&cells.releases), "of every cell, instead of its own number")
      ("cells", po::value(&cells.only), "only cells whose name this regular expression finds, as fault/latency/.*/A/")
      ("columns", po::value(&columns), "names, by commas; all by default")
      ("slow-releases", po::value(&run_options.slow_releases)->default_value(run_options.slow_releases), "at most, of slow columns")
      ("threads", po::value(&run_options.threads)->default_value(run_options.threads), "")
      ("json", po::value(&json), "write the results to this file")
      ("svg", po::value(&svg), "write plots into this directory")
      ("list", "print the cells and columns, run nothing")
      ("quiet", po::bool_switch(&quiet), "no progress");
  po::variables_map given;
  std::vector<Cell> chosen;
  try {
    po::store(po::parse_command_line(argc, argv, description), given);
    po::notify(given);
    chosen = make_cells(cells);
  } catch (const std::exception& error) {  // program_options, regex and make_cells report bad input so
    std::cerr << error.what() << "\n" << description;
    return 2;
  }
  if (given.count("help") > 0) {
    std::cout << description;
    return 0;
  }
  if (!choose(columns, run_options.columns)) {
    std::cerr << "unknown column in " << columns << "\n";
    return 2;
  }
  if (given.count("list") > 0) {
    for (const Cell& cell : chosen) std::cout << cell.name << " " << cell.releases << "\n";
    for (const NamedColumn& column : run_options.columns) std::cout << "column " << column.name << "\n";
    return 0;
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(); };
  if (!quiet)
    run_options.progress = [&](std::size_t done, std::size_t all, const Cell& cell) {
      fmt::print(stderr, "\r\033[K{:.0f} s: {} of {} cells, {}", seconds(), done, all, cell.name);
      if (done == all) fmt::print(stderr, "\n");
    };
  Results results = run(chosen, run_options);
  results.quick = cells.quick;
  results.seconds = seconds();
  fmt::print("{}{}", report_table(results), report_targets(results, "charon"));
  bool written = true;
  if (!json.empty()) written = write(json, report_json(results)) && written;
  if (!svg.empty()) {
    std::error_code ignored;  // what cannot be created cannot be written to either, which is said below
    std::filesystem::create_directories(svg, ignored);
    written = write(svg + "/delay.svg", delay_svg(results)) && written;
    written = write(svg + "/false_rollbacks.svg", false_rollbacks_svg(results)) && written;
  }
  return written ? 0 : 1;
}
