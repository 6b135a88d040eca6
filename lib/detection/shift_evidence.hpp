#pragma once
/// Evidence that a pod's metric stands worse than the stable release's by more than a tolerance, growing from scrape to
/// scrape and valid at every look.
///
/// Model. After `LevelFilter` a scrape yields y = B + D h + noise of precision g (inverse variance, known):
///  - B, the standing difference of a healthy pod to its control: spread between pods and nodes, and what is uncertain of
///    the baseline. B ~ N(0, X v), v the estimate of that variance from `degrees` of freedom, hence 1/X ~ chi^2 / degrees:
///    B is Student's t, here on a grid of X (variance_prior.hpp). It is integrated out, under both hypotheses, which is what keeps a pod that
///    merely stands a little high from being held guilty, however long one looks.
///  - D, the release's effect since its onset; h = 1 (a level) or the time since the onset (a trend).
///  - null: D <= tolerance. Alternatives: D = tolerance times 2, 4, 8 ... (`sizes`), evenly mixed, since nobody knows the
///    size; the loss against knowing it is a logarithm of their number.
/// With the sums G = sum g, Gh = sum g h, Ghh = sum g h^2, S = sum g y, Sh = sum g h y the marginal likelihood of D at one X
/// is, but for what no D changes, exp(D Sh - D^2 Ghh / 2 + (S - D Gh)^2 / (2 P)) / sqrt(1 + X v G), P = G + 1 / (X v). The
/// evidence is a ratio of two such predictive densities of the same filtration, hence an e-process for D = D0; for D < D0
/// its expectation is smaller, as it grows with every y where h > 0 weighs (save far out, where Student's tails level).
///
/// Onsets. Half the weight starts with the first scrape; half is spread evenly over a grid of every 6 scrapes up to the
/// horizon and is held as cash until its turn, so the sum stays an e-process. A late part knows B from the pod's own past:
/// its prior is what is known then, but never surer than `wander`, the variance by which five-minute means of a healthy
/// pod move beyond what AR(1) noise explains (jobs, garbage collection). Where v is assumed the past counts alone, and from
/// 24 scrapes on: an assumed v would have a pod that stands far off from its start come back a little, and what is left of it
/// look like an effect. What may grow as much as is tolerated did so in its
/// past too: that much, from the middle of the past to the onset, is taken off every later y. Growth is uncertain by
/// 2 wander / T^2, T the scrapes that were observed against the same control.
///
/// Where other pods become the control, B moves once by N(0, w) (`control_changed`). The past is a Gaussian likelihood of B
/// given D, with the sums as above: convolved with the step its precision G becomes r G, r = 1 / (1 + w G), and the sums
/// follow, so that what was learned of D stays. Without this a step of one noise looks like growth that has just begun.
///
/// A late part whose best ratio falls below e^-7 is given up, which only lowers the sum: nothing began there.
///
/// No scrape decides: what is given out rises by `cap` a scrape at most and is never more than the mixture, so that it takes
/// several scrapes in a row, each of which leaves the mixture high.
///
/// Assumptions: noise Gaussian after clipping (bounded residuals make heavier tails lighter), precision and v not too
/// small. What breaks them: a healthy release that changes its level for minutes while its control does not.
/// Sources: mixtures and e-processes: A. Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference",
/// Statist. Sci. 38, 2023; invariance by integration of nuisances: P. Grünwald, R. de Heide, W. Koolen, "Safe testing",
/// JRSS B 86, 2024. Here B's prior is proper and part of the null, so no group invariance is needed.
#include "lib/detection/variance_prior.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace charon::detection {

inline constexpr std::size_t grid_scrapes = 6;      ///< between late onsets
inline constexpr std::size_t horizon_scrapes = 360; ///< the monitored life; later there are no new onsets
inline constexpr std::size_t late_onsets = horizon_scrapes / grid_scrapes;
inline constexpr std::size_t effect_sizes = 4;

inline constexpr double most_of_a_scrape = 8;       ///< nats by which one scrape, or round of reports, may raise what is shown

enum class Shape { level, trend };

/// What a level may stand off by, or a trend grow by a scrape, where `matters` must not be overlooked.
constexpr std::array<double, effect_sizes> sizes_of(Shape shape, double matters) {
  if (shape == Shape::level) return {matters, 2 * matters, 4 * matters, 8 * matters};
  return {2 * matters, 5 * matters, 12 * matters, 30 * matters};
}

struct ShiftSettings {
  double tolerance = 0;        ///< largest D that is no degradation, >= 0, in y's unit (trend: per scrape)
  double matters = 0;          ///< D that must not be overlooked, > tolerance
  std::array<double, effect_sizes> sizes{};  ///< alternatives, each > tolerance: sizes_of
  double prior_variance = 0;   ///< v, > 0
  double degrees = 8;          ///< of freedom that v is worth, > 0
  double wander = 0;           ///< least variance of B for late onsets
  Shape shape = Shape::level;
  bool late = true;            ///< whether late onsets are looked for
  bool assumed = false;        ///< v is documented, too little was learned of it: what rests on it is told apart, and growth knows nothing of B
  double cap = most_of_a_scrape;  ///< most by which the log evidence rises in one scrape
};

class ShiftEvidence {
 public:
  explicit ShiftEvidence(const ShiftSettings& settings);

  /// One scrape went by, with data or without: starts a part where the grid says so. Call before `observe`.
  void tick();
  /// `y` and its precision g > 0. Scrapes without data are not observed.
  void observe(double y, double precision);
  /// Other pods are the control from here on: B moves by N(0, variance).
  void control_changed(double variance);

  /// log of the mixture over onsets and sizes; 0 before any data. Where v is `assumed`, a level that stands off from the
  /// start adds nothing to it: only v tells such a pod from one that merely differs.
  double log_evidence() const { return log_evidence_; }
  /// The same with all that v says, if it is right.
  double log_evidence_assumed() const { return log_evidence_assumed_; }
  /// log of the e-value against "D >= matters from the start", of a third of that: a pod that by itself stands a little high
  /// passes too, and one that stands at 0 an eighth later. Takes v for known: Student's tails would hold every
  /// Pass up for years, and what goes wrong is that a pod which by itself stands far better than others hides an effect.
  double log_pass_evidence() const;
  /// For log_pass_evidence to reach `needed`, if the mean stays: precision times so much; infinite: never, where it stands.
  double pass_takes(double needed) const;
  /// Whether it could for a pod that stands where its control does, however long one looks.
  bool can_pass(double needed) const;
  const ShiftSettings& settings() const { return settings_; }
  struct Mean { double mean = 0, precision = 0; };
  /// Of all observations since the start, their noise alone: for what pods show together (pooled_shift.hpp).
  Mean from_start() const;
  /// Scrapes since the onset that contributes most. Where late ones are not looked for, the start stands for all of them: then
  /// since the evidence that now stands began to rise.
  std::size_t scrapes_since_onset() const { return age_ - (settings_.late ? likeliest_ : std::max(likeliest_, rising_from_)); }

 private:
  struct Part {
    double weight = 0;
    double g = 0, gh = 0, ghh = 0, s = 0, sh = 0;
    double tolerated = 0;  ///< growth from the middle of the past to the start
    std::size_t start = 0, seen = 0;  ///< seen: observations against this control
  };
  class Marginal;
  void judge();

  ShiftSettings settings_;
  std::array<double, variance_factors.size()> weights_;
  std::array<Part, late_onsets + 1> parts_{};
  std::size_t size_ = 0, age_ = 0, likeliest_ = 0, rising_from_ = 0;
  double cash_ = 1, log_evidence_ = 0, log_evidence_assumed_ = 0;
};

}  // namespace charon::detection
