#pragma once
/// What check-metrics and parse read: a file or standard input, and in which dialect.
#include "agent/core/exposition_format.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace charon::agent {

struct ExpositionInput {
  std::string name;  ///< as given, or "<stdin>"
  std::string text;
  Dialect dialect = Dialect::prometheus;
};

/// `[--format auto|prometheus|openmetrics] [FILE]`; no FILE or "-" is standard input. `auto` takes OpenMetrics where the
/// last line is # EOF. Errors: invalid_input (arguments), unavailable (unreadable), too_large; `context` says it all.
Result<ExpositionInput> read_exposition_input(const std::string& command, const std::vector<std::string>& arguments);

}  // namespace charon::agent
