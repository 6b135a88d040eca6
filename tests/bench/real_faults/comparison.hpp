#pragma once
/// How well judges order faults above controls, and which differences between them the data can show.
#include <cstdint>
#include <string>
#include <vector>

namespace charon::bench {

/// One window under all judges.
struct Scored {
  std::string service;
  bool fault = false;
  std::vector<double> scores;  ///< by judge; higher the worse, may be infinite
};

/// How many controls may alarm: one, or a share of them (rounded down).
struct AllowedAlarms {
  double share = 0;   ///< 0: one alarm
  std::size_t of(std::size_t controls) const {
    return share > 0 ? static_cast<std::size_t>(share * static_cast<double>(controls)) : 1;
  }
};

/// Share of faults whose score is above the threshold at which at most the allowed number of controls alarm. 0 without
/// faults; NaN-free scores.
double detection(const std::vector<const Scored*>& windows, std::size_t judge, const AllowedAlarms& allowed);

/// Shares of faults and of controls whose score is `threshold` or above; 0 where there are none.
struct Alarms {
  double faults = 0, controls = 0;
};
Alarms alarms(const std::vector<const Scored*>& windows, std::size_t judge, double threshold);

/// Difference in detection between two judges, with a 95% interval by bootstrap over services: whole services are drawn
/// with replacement, faults and controls together, thresholds set anew. Pairs: both judges see the same draws.
struct Difference {
  double observed = 0, lower = 0, upper = 0;
  /// "ahead", "behind", or "not shown" where the interval holds 0.
  const char* verdict() const { return lower > 0 ? "ahead" : upper < 0 ? "behind" : "not shown"; }
};
Difference compare(const std::vector<Scored>& windows, std::size_t judge, std::size_t other, const AllowedAlarms& allowed,
                   std::uint64_t seed, int draws = 2000);

}  // namespace charon::bench
