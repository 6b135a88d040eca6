#pragma once
/// Charon as it is: an agent's Detector for each pod, the coordinator's baseline store, alpha shares and the table that
/// tells a release from a node. Only transport, watches and the ledger are left out. An agent reports after each scrape and
/// judges its next one with the control that this report's answer brought, so the control is one scrape old.
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

std::unique_ptr<Column> make_charon();

}  // namespace charon::bench
