#include "lib/detection/restlessness.hpp"

#include "lib/detection/level_filter.hpp"
#include "lib/detection/level_summary.hpp"

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>

namespace charon::detection {
namespace {

constexpr double clip = 2.5;
constexpr double shock = 5;            // deviations from the running level: few values lie there even if the variance is tenfold
constexpr double level_memory = 40;    // scrapes that the running level averages over
constexpr double errors_of_activity = 2;  // standard errors of a variance that are allowed for, as of so many independent values
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

Innovations::Innovations(const wire::LevelSummary& moves)
    : phi_(moves.phi), phi_error_(phi_error(moves)), noise_(moves.noise), far_(shock * deviation(moves)), level_(moves.level) {}

/// The least of `innovation` and what it is if the value before was a shock: one that decays to the running level, or one
/// that is gone at once, so that the value before it predicts.
double Innovations::smallest_after_shock(double value, double innovation) const {
  const double shocked = last_ - level_, before = before_[(seen_ + 1) % before_.size()] - level_;
  const double decays = (value - level_ - phi_ * shocked) / std::hypot(noise_, errors_of_phi * phi_error_ * shocked);
  const double gone = (value - level_ - phi_ * phi_ * before) / (noise_ * std::sqrt(1 + phi_ * phi_));
  return std::min({innovation, decays, gone}, [](double a, double b) { return std::abs(a) < std::abs(b); });
}

std::optional<double> Innovations::pass(double value) {
  if (std::isnan(value)) {
    has_last_ = false;
    return std::nullopt;
  }
  std::optional<double> out;
  if (has_last_ && seen_ >= before_.size()) {
    const auto [a, b, c] = before_;
    const double middle = std::max(std::min(a, b), std::min(std::max(a, b), c));
    out = ((value - middle) - phi_ * (last_ - middle)) / noise_;
    if (std::abs(last_ - level_) > far_) out = smallest_after_shock(value, *out);
  }
  level_ += std::clamp(value - level_, -far_, far_) / level_memory;
  before_[seen_++ % before_.size()] = value;
  last_ = value;
  has_last_ = true;
  return out;
}

double activity(double innovation) { return std::pow(std::clamp(innovation, -clip, clip), 2); }

Restlessness::Restlessness(const wire::LevelSummary& moves) : innovations_(moves) {
  const double error = errors_of_activity * std::sqrt(2 / std::max<double>(static_cast<double>(moves.scrapes), 1));
  const double known = std::max(variance_of(moves.activity), 1.0) * (1 + error), null = known * tolerance;
  for (std::size_t i = 0; i < sizes; ++i) {
    const double variance = known * variances[i];
    ratios_[i] = {.slope = (1 / null - 1 / variance) / 2, .offset = std::log(variance / null) / 2, .beyond = std::log(tails(variance) / tails(null))};
  }
}

void Restlessness::scrape(double value, bool steady) {
  ++scrapes_;
  const auto innovation = innovations_.pass(value);
  mixture_.tick(Time{Duration{scrapes_}});
  if (!innovation || !steady) return;
  const double z = *innovation;
  std::array<double, sizes> logs{};
  for (std::size_t i = 0; i < sizes; ++i) logs[i] = std::abs(z) < clip ? ratios_[i].slope * z * z - ratios_[i].offset : ratios_[i].beyond;
  mixture_.multiply(logs);
}

std::size_t Restlessness::scrapes_since_onset() const { return static_cast<std::size_t>(scrapes_ - mixture_.since().time_since_epoch().count()); }

}  // namespace charon::detection
