#pragma once
/// Rounds of reports of a release's pods, for the tests of what they show together.
#include "coordinator/core/alpha_budget.hpp"
#include "tests/unit/coordinator/world.hpp"

#include <cmath>

namespace charon::coordinator::test {

constexpr Duration round = 5s;
inline const double half_of_needed = std::log(1 / AlphaBudget{}.share_together()) / 2;

/// Each pod shows a bit: log evidence, and log ratios that grow by `each` a round of two reports.
inline void show_a_bit(World& w, App& app, std::vector<double> log_evidence, double each, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    std::size_t n = 0;
    for (auto& [uid, pod] : app.pods) {
      pod.agent.log_evidence = log_evidence[n++ % log_evidence.size()];
      pod.agent.since = pod.started;
      pod.agent.log_ratios += each;
    }
    w.run(10s);
  }
}

}  // namespace charon::coordinator::test
