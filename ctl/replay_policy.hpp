#pragma once
/// The RollbackPolicy that `charonctl replay --policy` judges by, read as the coordinator reads it.
#include "coordinator/core/rollback_policy.hpp"

namespace charon::ctl {

inline constexpr std::size_t max_policy_bytes = std::size_t{1} << 20;  ///< no larger object is in a cluster

/// `text`: the object as `kubectl get rollbackpolicy NAME -o json` prints it; `file` is for messages. Errors: invalid_input
/// or too_large that names file and field: "policy.json: spec.alpha: more than 0, at most 0.1".
Result<coordinator::RollbackPolicy> read_policy_file(std::string_view text, const std::string& file);

}  // namespace charon::ctl
