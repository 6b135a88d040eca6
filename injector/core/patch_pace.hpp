#pragma once
/// How often something that others write too may be written: at once after a quiet time, then each time after twice as
/// long, so that two writers who disagree do not write without end.
#include "lib/base/clock.hpp"

#include <algorithm>
#include <optional>

namespace charon::injector {

using Steady = std::chrono::steady_clock::time_point;

class PatchPace {
 public:
  PatchPace(Duration first, Duration longest) : first_(first), longest_(longest) {}

  /// Until the next write may be; zero: now.
  Duration wait(Steady now) const {
    if (!wrote_) return {};
    return std::max(Duration{}, gap_ - std::chrono::duration_cast<Duration>(now - *wrote_));
  }
  void wrote(Steady now) {
    const bool quiet = !wrote_ || now - *wrote_ >= 2 * longest_;
    gap_ = quiet ? first_ : std::min(2 * gap_, longest_);
    wrote_ = now;
  }

 private:
  Duration first_, longest_, gap_{};
  std::optional<Steady> wrote_;
};

}  // namespace charon::injector
