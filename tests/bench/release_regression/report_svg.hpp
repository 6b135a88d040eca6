#pragma once
/// The results as pictures: complete SVG documents.
#include "tests/bench/release_regression/results.hpp"

namespace charon::bench {

/// Median (mark) to p90 (line) of the delay for every fault and size in layout A with history, phi 0.5, 100 requests per
/// second; one panel for each onset and number of devices. Of a rival its calibrated copy where that ran: delays of a
/// judge that alarms anyway say nothing.
std::string delay_svg(const Results& results);

/// Share of false rollbacks by world with exact 95% intervals; the model in layout A by phi, the rest pooled over it.
std::string false_rollbacks_svg(const Results& results);

}  // namespace charon::bench
