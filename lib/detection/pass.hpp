#pragma once
/// How sure a Pass is: evidence that the effect that matters is excluded.
#include <cmath>

namespace charon::detection {

inline const double log_pass_needed = std::log(1 / 0.01);
/// More is given up, so that a late fault takes the pass back soon.
inline const double log_pass_most = 3 * log_pass_needed;

}  // namespace charon::detection
