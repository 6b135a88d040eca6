#pragma once
/// `charon-agent check-metrics [--format auto|prometheus|openmetrics] [FILE]`: says what is wrong with an exposition.
#include <string>
#include <vector>

namespace charon::agent {

/// Findings go to standard output, one a line, as FILE:LINE:COLUMN: message (columns count bytes, standard input is
/// <stdin>). `arguments` are those after the subcommand. Returns the exit status: 0 valid, 1 invalid, 2 unreadable or
/// called wrongly.
int check_metrics(const std::vector<std::string>& arguments);

}  // namespace charon::agent
