#pragma once
/// The command line of `charonctl replay`.
#include "ctl/replay_judge.hpp"
#include "ctl/replay_policy.hpp"

namespace charon::ctl {

struct ReplayOptions {
  std::vector<std::string> baseline, candidate;  ///< files; with split: baseline only
  std::optional<Time> split;
  bool json = false;
  std::string plot, policy;                      ///< files; empty: none
  struct Given {
    std::optional<double> alpha, error_ratio_effect, latency_effect, tolerance;
    std::vector<std::string> ignore;
  };
  Given given;                                   ///< outranks the policy

  /// By `policy`, save what was given; what is to be ignored is what either says.
  ReplaySettings settings(const coordinator::RollbackPolicy& policy = {}) const;
};

/// Empty: help was asked for; `text` holds it. Errors: invalid_input with what is wrong.
Result<std::optional<ReplayOptions>> read_replay_options(const std::vector<std::string>& arguments, std::string& text);

}  // namespace charon::ctl
