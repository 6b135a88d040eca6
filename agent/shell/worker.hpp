#pragma once
/// The agent proper: scraper, detector and reporter in one io_context, below the supervisor.
#include "agent/shell/settings.hpp"

namespace charon::agent {

/// Runs until SIGTERM or SIGINT. The program's exit status: 0, or 1 where it could not start.
int work(const Settings& settings, const Log& log);

}  // namespace charon::agent
