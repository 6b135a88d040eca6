#pragma once
/// Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
#include "lib/base/clock.hpp"

#include <algorithm>
#include <random>

namespace charon {

class Backoff {
 public:
  /// `longest` below `first` counts as `first`.
  Backoff(Duration first, Duration longest) : first_(first), longest_(std::max(first, longest)), ceiling_(first) {}

  /// The next wait: uniform in [first/2, ceiling]; the ceiling doubles up to `longest`.
  template <class Random>
  Duration next(Random& random) {
    std::uniform_int_distribution<Duration::rep> wait(first_.count() / 2, ceiling_.count());
    ceiling_ = std::min(ceiling_ * 2, longest_);
    return Duration{wait(random)};
  }
  void reset() { ceiling_ = first_; }

 private:
  Duration first_, longest_, ceiling_;
};

}  // namespace charon
