#include "lib/detection/count_evidence.hpp"

#include "lib/detection/pass.hpp"

namespace charon::detection {
namespace {

constexpr double least_share = 1e-7;  // where logarithms are finite
constexpr double most_share = 0.95;   // of an alternative, if the null leaves room

/// log of the likelihood ratio of the shares p1 to p0, relative variance V of both.
double log_ratio(const Trials& seen, double p1, double p0, double relative_variance) {
  const double k = 1 / relative_variance, m1 = seen.total * p1, m0 = seen.total * p0;
  return seen.bad * std::log(p1 / p0) - (k + seen.bad) * std::log((k + m1) / (k + m0));
}

}  // namespace

void CountEvidence::restart() {
  worse_.restart();
  preview_ = shared_preview_ = shared_sums_ = {};
  began_ = {};
  log_pass_ = 0;
}

CountEvidence::Ratios CountEvidence::log_ratios(const Trials& seen, double scrapes, const KnownShare& stable, double cap) const {
  const double usual = settings_.slope * std::max(stable.mean, least_share);
  const double p0 = std::min(usual + settings_.tolerance, 1.0);
  const double part = usual / p0;
  const double variance = settings_.dispersion * settings_.dispersion / scrapes + part * part * stable.relative_variance;
  Ratios ratios{};
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    const double p1 = std::min(usual + effect_multiples[i] * settings_.effect, std::max(most_share, (1 + p0) / 2));
    if (p1 > p0) ratios[i] = std::min(log_ratio(seen, p1, p0, variance), cap);
  }
  return ratios;
}

void CountEvidence::preview(const Trials& seen, double scrapes, const StableShare& stable) {
  preview_ = shared_preview_ = {};
  if (seen.total <= 0) return;
  preview_ = log_ratios(seen, scrapes, stable.most, settings_.cap);
  shared_preview_ = log_ratios(seen, scrapes, {stable.bound, 0}, settings_.cap);
}

void CountEvidence::observe(const Trials& seen, double scrapes, const StableShare& stable, std::optional<Time> at) {
  preview_ = shared_preview_ = {};
  if (seen.total <= 0) return;
  // Several scrapes at once may add more than one, but less than two: they may hold only one bad one.
  const double cap = scrapes > 1 ? 1.5 * settings_.cap : settings_.cap;
  worse_.multiply(log_ratios(seen, scrapes, stable.most, cap), at);
  const Ratios shared = log_ratios(seen, scrapes, {stable.bound, 0}, cap);
  for (std::size_t i = 0; i < shared.size(); ++i) shared_sums_[i] += shared[i];

  const double healthy = std::max(stable.likely.mean, least_share);
  const double matters = std::min(stable.least + settings_.effect, 1.0);
  if (healthy >= matters) return;
  const double part = healthy / matters;
  const double variance = settings_.dispersion * settings_.dispersion / scrapes + part * part * stable.likely.relative_variance;
  log_pass_ = std::min(log_pass_ + std::min(log_ratio(seen, healthy, matters, variance), log_pass_needed / 3), log_pass_most);
}

}  // namespace charon::detection
