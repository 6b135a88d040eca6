#pragma once
/// The results for people: plain text of at most about 160 columns a line.
#include "tests/bench/release_regression/results.hpp"

namespace charon::bench {

/// False rollbacks per 1,000, passes, traps, delays, wrong passes, unidentifiable cells, for all columns side by side.
std::string report_table(const Results& results);

/// What the benchmark asks of `column`, cell by cell where it is missed: errors on healthy releases and traps, passes against
/// the column "oracle_pass" and wrong ones, delays against the column "oracle". Empty if it did not run.
std::string report_targets(const Results& results, const std::string& column);

}  // namespace charon::bench
