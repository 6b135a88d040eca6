#pragma once
/// `charonctl replay`: judges recorded metrics by the agent's own code (docs/replay.md).
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace charon::ctl {

/// Exit status of replay.
enum ReplayStatus { replay_pass = 0, replay_fail = 1, replay_inconclusive = 2, replay_bad_input = 3 };

/// `arguments` are those after "replay". Reads files, prints the verdict to standard output and what is wrong with the
/// input to standard error, writes the plot. Returns a ReplayStatus.
int replay_command(const std::vector<std::string>& arguments);

}  // namespace charon::ctl
