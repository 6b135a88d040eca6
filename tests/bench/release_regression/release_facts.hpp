#pragma once
/// What pod and Deployment status say against the candidate, read from raw objects by the coordinator's own readers.
///
/// Joined as in Workload::look_for_facts (coordinator/core/workload_facts.cpp), which is private to a whole coordinator: a
/// failed pull is excused where several workloads cannot pull from that registry, and with it a progress deadline that
/// passed meanwhile. Nodes are never suspect here, since no simulated container crashes.
#include "coordinator/core/facts.hpp"
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

/// Of the candidate's phase.
coordinator::Facts look_for_facts(const FleetScrape& fleet, Time now);

}  // namespace charon::bench
