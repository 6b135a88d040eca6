#pragma once
/// What is run: cells of (scenario, layout, history, phi, requests per second) and how many releases each gets.
#include "tests/bench/release_regression/column.hpp"
#include "tests/bench/release_regression/scenario.hpp"

#include <regex>
#include <vector>

namespace charon::bench {

enum class CellKind { healthy, trap, fault, ambiguous };

struct Cell {
  CellKind kind = CellKind::healthy;
  Scenario scenario;
  Layout layout = Layout::canary;
  bool history = true;
  std::vector<double> phis;          ///< releases take them in turn
  double requests_per_second = 100;
  int releases = 0;
  std::string name;                  ///< "fault/latency/x1.5/120/one/A/history/phi0.5/rps100": seeds and --cells

  double phi(int release) const { return phis[static_cast<std::size_t>(release) % phis.size()]; }
};

struct CellOptions {
  bool quick = false;
  int releases = 0;                  ///< of every cell, if positive
  std::string only;                  ///< regular expression; empty: all
};

/// Throws std::invalid_argument where `only` finds none: a misspelt name must not look like a run without a failure.
/// Throws std::regex_error where it is no expression.
std::vector<Cell> make_cells(const CellOptions& options);

std::string_view letter(Layout layout);  ///< "A", "B", "C"

}  // namespace charon::bench
