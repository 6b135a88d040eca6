#pragma once
/// /debug/evidence: what the agent knows now, as JSON. For people; not a contract between programs.
#include "agent/core/evidence.hpp"

#include <string>

namespace charon::agent {

std::string evidence_page(const Evidence& evidence, wire::Role role);

}  // namespace charon::agent
