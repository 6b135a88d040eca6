#pragma once
/// The results for people: plain text of at most about 160 columns a line.
#include "tests/bench/release_regression/results.hpp"

namespace charon::bench {

/// False rollbacks per 1,000, passes, traps, delays, unidentifiable cells, for all columns side by side.
std::string report_table(const Results& results);

/// What the benchmark asks of `column`, cell by cell where it is missed: errors on healthy releases and traps, delays
/// against the column "oracle", wrong passes. Empty if it did not run.
std::string report_targets(const Results& results, const std::string& column);

}  // namespace charon::bench
