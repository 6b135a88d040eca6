#pragma once
/// Whether a gauge is more restless than the stable release's: variance of its innovations.
///
/// An innovation is what a value differs by from what the two before predict: e = (v - m) - phi (v_before - m), m the median
/// of the three values before, so that a level which moved once and for all - load, a control that lags - looks restless
/// for two scrapes and no longer. A shock far outside of what is usual counts once, remembered or not: what follows a value
/// that lies five deviations and more from the running level may also be its decay towards that level, or the return to
/// where it was without the shock, and what fits best is taken. (The median lags behind a decay: without this the ten
/// scrapes after one shock of thirty deviations, as heavy tails bring them, look like a tenfold variance.) What a wrong
/// phi does grows with how far the decay has to go, and adds to the noise.
///
/// In units of the noise that is usual, beyond `clip` only that it lies beyond counts: the
/// ratio of Gaussian likelihoods of variance R to R0, censored there, is bounded. R0 is the variance at which a Gaussian has
/// the baseline's activity (the mean of clipped squares), and not below that of the noise, two
/// standard errors of it more, times the tolerance: heavier tails than
/// Gaussian ones are thereby usual where the stable release has them too, and what mostly stands still may move at times.
/// Source of censoring: J. Tobin, Econometrica 26, 1958; of prequential ratios: A. Dawid, JRSS A 147, 1984; of shocks that
/// are remembered and such that are not: A. Fox, "Outliers in time series", JRSS B 34, 1972.
#include "lib/base/wire.hpp"
#include "lib/detection/onset_mixture.hpp"

#include <optional>

namespace charon::detection {

/// One after the other the innovations of a gauge.
class Innovations {
 public:
  /// `moves`: level, phi, noise (> 0) and their number of scrapes count; the level may have changed since.
  explicit Innovations(const wire::LevelSummary& moves);
  /// In units of the noise. NaN: the scrape was lost, the next one has no predecessor. Nothing until three values were seen.
  std::optional<double> pass(double value);

 private:
  double smallest_after_shock(double value, double innovation) const;

  double phi_, phi_error_, noise_, far_, level_;
  std::array<double, 3> before_{};
  std::size_t seen_ = 0;
  double last_ = 0;
  bool has_last_ = false;
};

/// An innovation squared, clipped.
double activity(double innovation);

class Restlessness {
 public:
  /// `moves`: how the stable release's does, with its mean activity.
  explicit Restlessness(const wire::LevelSummary& moves);
  /// A scrape; NaN: lost. `steady` false: it is expected to move (a process that has just started): not judged.
  void scrape(double value, bool steady);
  double log_evidence() const { return mixture_.log_evidence(); }
  /// Scrapes since the likeliest onset.
  std::size_t scrapes_since_onset() const;

 private:
  static constexpr std::size_t sizes = 3;
  /// Log ratio of an innovation z: slope z^2 - offset, beyond the clip `beyond`.
  struct Ratio { double slope = 0, offset = 0, beyond = 0; };
  std::array<Ratio, sizes> ratios_{};
  Innovations innovations_;
  OnsetMixture<sizes> mixture_;
  std::int64_t scrapes_ = 0;
};

}  // namespace charon::detection
