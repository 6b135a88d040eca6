#include "agent/core/stable_share.hpp"

#include <cmath>
#include <numbers>

namespace charon::agent {

ShareBounds stable_share(detection::Trials stable, double error) {
  const double bad = stable.bad;
  const double good = stable.total - stable.bad;
  if (stable.total <= 0) return {};
  // log of B(bad + 1/2, good + 1/2) / B(1/2, 1/2); B(1/2, 1/2) is pi.
  const double mixture = std::lgamma(bad + 0.5) + std::lgamma(good + 0.5) - std::lgamma(stable.total + 1) - std::log(std::numbers::pi);
  const double limit = mixture + std::log(error);  // of the log likelihood that a share needs to stay in
  const auto plausible = [&](double q) {
    const double likelihood = (bad > 0 ? bad * std::log(q) : 0) + (good > 0 ? good * std::log1p(-q) : 0);
    return likelihood > limit;
  };
  const auto search = [&](double in, double out) {  // the likelihood falls monotonically away from the observed share
    for (int i = 0; i < 48; ++i) {
      const double middle = (in + out) / 2;
      (plausible(middle) ? in : out) = middle;
    }
    return out;  // the outer side: rounding never narrows the bounds
  };
  const double share = stable.share();
  return {search(share, 0), search(share, 1)};
}

}  // namespace charon::agent
