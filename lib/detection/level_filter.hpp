#pragma once
/// From a gauge's values, correlated from scrape to scrape and with outliers now and then, to observations that
/// `ShiftEvidence` may take as independent: AR(1) whitening of bounded residuals.
///
/// A value d (difference to the control) is predicted by its running level m and the last one: m + phi^k (d_last - m), k
/// scrapes later. What lies off by more than a bound of 2.5 robust deviations, doubled for each of the same sign in a row,
/// counts with the weight w = bound / residual: one spike moves nothing much, while a real shift, however large, is through
/// after a few scrapes. Clipped instead, the first scrapes of a large shift would speak for a small one and hold it up. The
/// prediction goes from the last value as it was, so that a shock which the process remembers counts once.
/// Out comes y = (d - phi^k d_last) / (1 - phi^k) with precision (w (1 - phi^k) / s_k)^2: its mean is that of d, so level
/// shifts keep their size; what one scrape may add to the log ratio of two levels is at most bound^2 / 2, as if clipped.
/// The first has the precision of one value, which for strong correlation is worth many later ones, and less where it is
/// unlikely, since nothing tells it from an outlier.
/// Sources: whitening of AR(1) errors: D. Cochrane, G. Orcutt, JASA 44, 1949; bounded residuals: P. Huber, Ann. Math. Statist. 35,
/// 1964, whose weight w is here on the deviation, so that the precision has its square, and whose bound here opens for a shift.
namespace charon::detection {

inline constexpr double errors_of_phi = 2;  ///< standard errors that are allowed for: what a wrong phi does has one sign for many scrapes

class LevelFilter {
 public:
  /// `phi` in [0, 1): lag-one correlation, known to `phi_error` (one standard error); `noise` > 0: standard deviation of the
  /// innovation of d. What a wrong phi does grows with how far d is from its level, and adds to the noise.
  LevelFilter(double phi, double noise, double phi_error = 0) : phi_(phi), noise_(noise), phi_error_(phi_error) {}

  struct Observation { double y = 0, precision = 0; };
  /// A value `scrapes` >= 1 after the last one. `prior_deviation`: by which d's level may differ from 0 in health.
  Observation pass(double d, double prior_deviation, double scrapes = 1);
  bool started() const { return started_; }

 private:
  Observation first(double d, double prior_deviation);

  double phi_, noise_, phi_error_;
  bool started_ = false;
  double last_ = 0, level_ = 0, taken_ = 0;
  int in_a_row_ = 0;  // residuals of one sign beyond 2.5 deviations; negative for the lower side
};

}  // namespace charon::detection
