#pragma once
/// From a gauge's values, correlated from scrape to scrape and with outliers now and then, to observations that
/// `ShiftEvidence` may take as independent: AR(1) whitening of bounded residuals.
///
/// A value d (difference to the control) is predicted by its running level and the last one: m + phi^k (d' - m), k scrapes
/// later. Its residual is clipped at 2.5 robust deviations, doubled for each clipped residual of the same sign in a row:
/// one spike moves nothing much, while a real shift, however large, is through after a few scrapes. The first three values
/// are held back, and the first is bounded by what their median makes likely, since nothing else could tell an outlier there.
/// Out comes y = (d' - phi^k d'_last) / (1 - phi^k) with precision ((1 - phi^k) / s_k)^2: its mean is that of d, so level
/// shifts keep their size. The first has the precision of one value, which for strong correlation is worth many later ones.
#include <array>
#include <cstddef>

namespace charon::detection {

class LevelFilter {
 public:
  /// `phi` in [0, 1): lag-one correlation; `noise` > 0: standard deviation of the innovation of d.
  LevelFilter(double phi, double noise) : phi_(phi), noise_(noise) {}

  struct Observation { double y = 0, precision = 0, residual = 0; };
  struct Observations {
    std::array<Observation, 3> list{};
    std::size_t size = 0;
    const Observation* begin() const { return list.data(); }
    const Observation* end() const { return list.data() + size; }
  };
  /// A value `scrapes` >= 1 after the last one. Nothing comes out for the first two; the third releases all three.
  Observations pass(double d, double scrapes = 1);
  /// The level that holds now.
  double level() const { return level_; }

 private:
  Observation take(double d, double scrapes);

  double phi_, noise_;
  std::array<double, 3> first_{};
  std::size_t held_ = 0;
  bool started_ = false;
  double last_ = 0, level_ = 0, taken_ = 0;
  int in_a_row_ = 0;  // clipped residuals of one sign; negative for the lower side
};

}  // namespace charon::detection
