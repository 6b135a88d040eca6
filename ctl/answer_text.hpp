#pragma once
/// The coordinator's answers as people read them.
#include "ctl/command_line.hpp"

#include <string>

namespace charon::ctl {

/// workloads: a table. explain: the fields, indented, lists of alike objects as tables. Commands: one sentence. Refusals
/// (application/problem+json): title and detail. --output json: the body as it is. Ends in a newline.
std::string answer_text(const CommandLine& command, const HttpResponse& response);

}  // namespace charon::ctl
