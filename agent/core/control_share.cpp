#include "agent/core/control_share.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

constexpr double fading = 0.9;         // a block
constexpr double prior_scrapes = 2;
constexpr double prior_bad = 1;        // least bad requests that the surer prior is worth
constexpr double prior_of_last = 0.1;  // bad requests
constexpr double deviations = 4;       // of a standard normal: the bound

/// What the share is surely at most. The quantile of a Gamma: E. Wilson, M. Hilferty, PNAS 17, 1931.
double upper(const detection::KnownShare& share) {
  const double variance = share.relative_variance / 9;  // of the cube root
  return share.mean * std::pow(1 - variance + deviations * std::sqrt(variance), 3);
}

}  // namespace

void ControlShare::expect(const detection::Trials& history, double scrapes, double dispersion) {
  share_ = (history.bad + 0.5) / (history.total + 1);
  variance_ = dispersion * dispersion;
  const double each = share_ * history.total / std::max(scrapes, 1.0);
  two_scrapes_ = prior_scrapes * each / (1 + each * variance_);
}

void ControlShare::restart() { faded_ = last_ = {}; }

void ControlShare::add(const detection::Trials& block, double scrapes, std::uint32_t pods) {
  // By what was expected, not by what came, or the bad blocks would count less than the good ones.
  const double expected = likely().mean * block.total / std::max(scrapes, 1.0);
  const double weight = 1 / (1 + expected * variance_);
  const double part = std::min(scrapes / std::max(pods, 1U), 1.0);
  last_ = {(1 - part) * last_.total + weight * block.total, (1 - part) * last_.bad + weight * block.bad};
  const double kept = std::pow(fading, part);
  faded_ = {kept * faded_.total + weight * block.total, kept * faded_.bad + weight * block.bad};
}

detection::KnownShare ControlShare::posterior(double bad) const {
  const double shape = bad + faded_.bad;
  return {shape / (bad / share_ + faded_.total), 1 / shape};
}

detection::KnownShare ControlShare::likely() const { return posterior(std::max(two_scrapes_, prior_bad)); }

detection::KnownShare ControlShare::most() const {
  const auto larger = [](const detection::KnownShare& a, const detection::KnownShare& b) { return a.mean < b.mean ? b : a; };
  const detection::KnownShare likeliest = likely();
  const double shape = prior_of_last + last_.bad;
  const detection::KnownShare last{shape / (prior_of_last / likeliest.mean + last_.total), 1 / shape};
  detection::KnownShare out = larger(larger(likeliest, posterior(two_scrapes_)), last);
  out.mean = std::max(out.mean, std::min(share_, upper(likeliest)));
  return out;
}

double ControlShare::bound() const { return std::max(most().mean, upper(likely())); }

}  // namespace charon::agent
