#pragma once
/// The command line of `charonctl replay`.
#include "ctl/replay_judge.hpp"

namespace charon::ctl {

struct ReplayOptions {
  std::vector<std::string> baseline, candidate;  ///< files; with split: baseline only
  std::optional<Time> split;
  ReplaySettings settings;
  bool json = false;
  std::string plot;                              ///< file; empty: none
};

/// Empty: help was asked for; `text` holds it. Errors: invalid_input with what is wrong.
Result<std::optional<ReplayOptions>> read_replay_options(const std::vector<std::string>& arguments, std::string& text);

}  // namespace charon::ctl
