#pragma once
/// Finds the thresholds of calibrated.hpp: for each rival the value of its knob at which one healthy release in 1,000 is
/// still rolled back. Every release is run once; a column tells afterwards what its knob would have had to be.
#include <cstdint>
#include <string>
#include <vector>

namespace charon::bench {

struct Calibration {
  std::string column;
  std::int64_t releases = 0;
  double value = 0;    ///< of the knob; infinite: no value reaches the rate
  double middle = 0;   ///< what half of the releases would have needed
};

/// `releases` of each phi of the healthy model, layout A with history, 100 requests per second. On two threads.
std::vector<Calibration> calibrate(std::uint64_t seed, int releases);

}  // namespace charon::bench
