#pragma once
/// Whether a gauge is more restless than the stable release's: variance of its innovations.
///
/// An innovation is what a value differs by from what the two before predict: e = (v - m) - phi (v_before - m), m the median
/// of the three values before, so that a level which moved once and for all - load, a control that lags - looks restless
/// for two scrapes and no longer. In units of the noise that is usual, beyond `clip` only that it lies beyond counts: the
/// ratio of Gaussian likelihoods of variance R to R0, censored there, is bounded. R0 is the variance at which a Gaussian has
/// the baseline's activity (the mean of clipped squares), and not below that of the noise, times the tolerance: heavier tails than
/// Gaussian ones are thereby usual where the stable release has them too, and what mostly stands still may move at times.
/// Source of censoring: J. Tobin, Econometrica 26, 1958; of prequential ratios: A. Dawid, JRSS A 147, 1984.
#include "lib/detection/onset_mixture.hpp"

#include <optional>

namespace charon::detection {

/// One after the other the innovations of a gauge.
class Innovations {
 public:
  /// `value` NaN: the scrape was lost, the next one has no predecessor. Nothing until three values were seen.
  std::optional<double> pass(double value, double phi);

 private:
  std::array<double, 3> before_{};
  std::size_t seen_ = 0;
  double last_ = 0;
  bool has_last_ = false;
};

/// `innovation` squared in units of `noise` squared, clipped.
double activity(double innovation, double noise);

class Restlessness {
 public:
  /// `noise` > 0 of the gauge's innovations, `phi` their correlation, `usual` the stable release's mean activity.
  Restlessness(double phi, double noise, double usual);
  /// A scrape; NaN: lost. `steady` false: it is expected to move (a process that has just started): not judged.
  void scrape(double value, bool steady);
  double log_evidence() const { return mixture_.log_evidence(); }
  /// Scrapes since the likeliest onset.
  std::size_t scrapes_since_onset() const;

 private:
  static constexpr std::size_t sizes = 3;
  /// Log ratio of an innovation z: slope z^2 - offset, beyond the clip `beyond`.
  struct Ratio { double slope = 0, offset = 0, beyond = 0; };
  double phi_, noise_;
  std::array<Ratio, sizes> ratios_{};
  Innovations innovations_;
  OnsetMixture<sizes> mixture_;
  std::int64_t scrapes_ = 0;
};

}  // namespace charon::detection
