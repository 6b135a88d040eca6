#pragma once
/// Sees that the wall clock was set, or that the machine slept, by a clock that does neither.
#include "lib/base/clock.hpp"

#include <chrono>
#include <optional>

namespace charon::agent {

class ClockSteps {
 public:
  /// How far the wall clock moved, beyond what passed since the last look; negative: back. Less than 5 s is no step: clocks
  /// are kept right by small ones.
  std::optional<Duration> look(Time wall, std::chrono::steady_clock::time_point steady) {
    const Duration offset = wall.time_since_epoch() - std::chrono::duration_cast<Duration>(steady.time_since_epoch());
    const Duration step = offset - last_.value_or(offset);
    last_ = offset;
    if (std::chrono::abs(step) < std::chrono::seconds{5}) return std::nullopt;
    return step;
  }

 private:
  std::optional<Duration> last_;
};

}  // namespace charon::agent
