#pragma once
/// The best that can be done: columns that know the model's parameters and stop at a likelihood ratio of 1,000.
///
/// `oracle` and `oracle_told` know phi, all variances, over-dispersion, spread, load and start-up; not the means nor the
/// realised effects of pods and nodes, which they integrate over the scrapes seen (oracle_levels.hpp, oracle_counts.hpp).
/// `oracle` mixes the likelihood ratios of faults uniformly over the 20 metrics, within one evenly over the benchmark's
/// kinds and sizes that fit it, half on all devices and half on one, half at the start and half evenly over a grid of 6
/// scrapes. A mean of likelihood ratios is one, so by Ville's inequality at most 1 of 1,000 healthy releases of the model
/// reaches 1,000 (J. Ville, Etude critique de la notion de collectif, 1939). `oracle_told` knows metric, kind, size, device
/// and onset too; on releases without a fault of the benchmark it never alarms.
///
/// `oracle_tolerance` is `oracle` with the null that Charon has to keep: instead of health, the fault of the same metric, onset
/// and devices that is just tolerable (errors +0.5%, latency x1.1, half of what matters of each level, in an hour of growth
/// as much, 1.4 times the variance, one restart in two hours); of levels health, that shift or that growth, there or on all
/// devices, whichever fits best. What it takes longer is the price of not condemning a release
/// for a harmless change, whoever judges.
///
/// `oracle_pass` passes a release as soon as, for errors, each latency and restarts and each candidate pod, the likelihood
/// ratio of "no effect" against the effect that matters (errors +1%, latency x1.2, restarts each 5 minutes) from the start
/// stands at 100 or above. It never rolls back.
#include "tests/bench/release_regression/column.hpp"

namespace charon::bench {

std::unique_ptr<Column> make_oracle();
std::unique_ptr<Column> make_oracle_tolerance();
std::unique_ptr<Column> make_oracle_told();
std::unique_ptr<Column> make_oracle_pass();

}  // namespace charon::bench
