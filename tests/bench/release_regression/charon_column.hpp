#pragma once
/// Charon as it is: an agent for each pod (simulated_agent.hpp) and the coordinator's parts (simulated_coordinator.hpp), with
/// the default policy. Only transport, watches and the ledger are left out. Agents report and are answered as often as the
/// product's are, so that a control is five seconds old or so; the coordinator looks once between two scrapes.
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

std::unique_ptr<Column> make_charon();

}  // namespace charon::bench
