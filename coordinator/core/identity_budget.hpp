#pragma once
/// How many unknown tokens the API server is asked about: a token bucket that only refusals empty, so that a client
/// with made-up tokens cannot make Charon flood the API server, and agents that start all at once are not held up.
#include "lib/base/clock.hpp"

#include <algorithm>

namespace charon::coordinator {

class IdentityBudget {
 public:
  /// At most `burst` refusals at once, then `per_second`.
  IdentityBudget(double burst, double per_second) : burst_(burst), per_second_(per_second), left_(burst) {}

  /// True if another unknown token may be asked about.
  bool open(Time now) {
    refill(now);
    return left_ >= 1;
  }
  void refused(Time now) {
    refill(now);
    left_ = std::max(0.0, left_ - 1);
  }

 private:
  void refill(Time now) {
    if (last_ != Time{} && now > last_)
      left_ = std::min(burst_, left_ + per_second_ * std::chrono::duration<double>(now - last_).count());
    last_ = std::max(now, last_);
  }

  double burst_, per_second_, left_;
  Time last_{};
};

}  // namespace charon::coordinator
