#pragma once
/// Runs cells on threads: every release is simulated once and shown to every column, scrape by scrape.
///
/// Nothing depends on the number of threads: a release's stream comes from (seed, cell, index), columns keep nothing from
/// one release to the next, and outcomes are stored by index.
#include "tests/bench/release_regression/cells.hpp"
#include "tests/bench/release_regression/results.hpp"

#include <functional>

namespace charon::bench {

struct RunOptions {
  std::uint64_t seed = 1;
  int threads = 2;
  std::vector<NamedColumn> columns;
  int slow_releases = 1000;  ///< at most, for slow columns
  /// Called now and then, from any thread but never from two at once: cells done, all cells, the cell just done.
  std::function<void(std::size_t, std::size_t, const Cell&)> progress;
};

/// Scrapes of the candidate, from 1; 0: never.
struct Outcome {
  int rolled_back = 0, passed = 0, held = 0;
  int evidence_passed = 0;  ///< the first at which the evidence alone sufficed for a pass
  bool cause_named = false;         ///< at any hold
  bool inconclusive_named = false;  ///< the cause, at the last scrape, without a verdict
};

Results run(const std::vector<Cell>& cells, const RunOptions& options);

/// One release shown to these columns; one outcome each. For tests.
std::vector<Outcome> run_release(class World& world, const Cell& cell, int index, std::uint64_t seed,
                                 const std::vector<Column*>& columns);

}  // namespace charon::bench
