#include "lib/detection/restlessness.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

constexpr double clip = 2.5;
constexpr double tolerance = 1.4;                              // times the variance: half of twice, on the logarithm
constexpr std::array<double, 3> variances = {2.5, 5, 14};      // alternatives, times the usual

double tails(double variance) { return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), clip / std::sqrt(variance))); }

/// Mean of clipped squares of a Gaussian of this variance.
double mean_activity(double variance) {
  const double at = clip / std::sqrt(variance);
  return variance * (1 - tails(variance) - 2 * at * boost::math::pdf(boost::math::normal(), at)) + clip * clip * tails(variance);
}

double variance_of(double usual) {
  double low = 0.1, high = 30;
  for (int i = 0; i < 40; ++i) {
    const double middle = std::sqrt(low * high);
    (mean_activity(middle) < usual ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::optional<double> Innovations::pass(double value, double phi) {
  if (std::isnan(value)) {
    has_last_ = false;
    return std::nullopt;
  }
  std::optional<double> out;
  if (has_last_ && seen_ >= before_.size()) {
    const auto [a, b, c] = before_;
    const double middle = std::max(std::min(a, b), std::min(std::max(a, b), c));
    out = (value - middle) - phi * (last_ - middle);
  }
  before_[seen_++ % before_.size()] = value;
  last_ = value;
  has_last_ = true;
  return out;
}

double activity(double innovation, double noise) { return std::pow(std::clamp(innovation / noise, -clip, clip), 2); }

Restlessness::Restlessness(double phi, double noise, double usual) : phi_(phi), noise_(noise) {
  const double known = std::max(variance_of(usual), 1.0), null = known * tolerance;
  for (std::size_t i = 0; i < sizes; ++i) {
    const double variance = known * variances[i];
    ratios_[i] = {.slope = (1 / null - 1 / variance) / 2, .offset = std::log(variance / null) / 2, .beyond = std::log(tails(variance) / tails(null))};
  }
}

void Restlessness::scrape(double value, bool steady) {
  ++scrapes_;
  const auto innovation = innovations_.pass(value, phi_);
  mixture_.tick(Time{Duration{scrapes_}});
  if (!innovation || !steady) return;
  const double z = *innovation / noise_;
  std::array<double, sizes> logs{};
  for (std::size_t i = 0; i < sizes; ++i) logs[i] = std::abs(z) < clip ? ratios_[i].slope * z * z - ratios_[i].offset : ratios_[i].beyond;
  mixture_.multiply(logs);
}

std::size_t Restlessness::scrapes_since_onset() const { return static_cast<std::size_t>(scrapes_ - mixture_.since().time_since_epoch().count()); }

}  // namespace charon::detection
