#pragma once
/// `charon-agent parse [--format auto|prometheus|openmetrics] [FILE]`: one JSON object a sample, as the agent reads it.
#include "agent/core/exposition_parser.hpp"

#include <string>
#include <vector>

namespace charon::agent {

/// {"family":"a","type":"counter","name":"a_total","labels":{"b":"c"},"value":1,"timestamp":2.5,
///  "exemplar":{"labels":{"d":"e"},"value":3,"timestamp":4}} without a newline. `timestamp` (seconds) and `exemplar` are
/// left out where there is none; NaN and the infinities, which JSON has not, are the strings "NaN", "+Inf" and "-Inf".
std::string sample_to_json(const ExpositionSample& sample);

/// Prints samples to standard output, the first error to standard error. Returns the exit status: 0 parsed, 1 malformed,
/// 2 unreadable or called wrongly. `arguments` are those after the subcommand.
int parse_command(const std::vector<std::string>& arguments);

}  // namespace charon::agent
