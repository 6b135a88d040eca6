#pragma once
/// The results for other programs: `columns.NAME.{healthy,traps,faults,ambiguous}[]`.
///
/// healthy: world, layout, history, phi, requests_per_second, releases, false_rollbacks, passed, inconclusive, held,
/// median_to_pass. traps: name, layout, releases, rollbacks, passed, held. faults: name, size, onset, layout, devices,
/// history, phi, requests_per_second, runs, detected, early, wrong_pass, median, p90. ambiguous: name, layout, releases,
/// rollbacks, held, cause_named, passed, inconclusive, inconclusive_named. Delays in scrapes, null where there is none. Beside `columns`: seed,
/// quick, seconds; a column's `note` where there is something to say of it.
#include "tests/bench/release_regression/results.hpp"

namespace charon::bench {

std::string report_json(const Results& results);

}  // namespace charon::bench
