#pragma once
/// Which of several hypotheses to name, given an e-value against each, so that on average at most a given share of the names
/// is wrong: the e-BH procedure of R. Wang, A. Ramdas, "False discovery rate control with e-values", J. R. Stat. Soc. B 84,
/// 2022. It holds however the e-values depend on each other, and at whichever moment one looks, since an e-process stopped
/// there is an e-value.
///
/// Weighted: n hypotheses with weights w that sum to at most 1 have the e-values n w e, whose expectations sum to at most n
/// where all of them are true; the procedure asks no more. The k strongest are rejected for the largest k whose weakest
/// has w e >= 1/(k level). Thus a metric counts for its name what it counts in the verdict, which is the sum of w e.
#include <cmath>
#include <cstddef>
#include <span>

namespace charon::detection {

inline constexpr double false_discovery_rate = 0.05;  ///< of culprits

/// How many of `log_weighted`, each log(w e), strongest first, are rejected.
inline std::size_t e_bh_rejections(std::span<const double> log_weighted, double level) {
  std::size_t rejected = 0;
  for (std::size_t k = 1; k <= log_weighted.size(); ++k)
    if (log_weighted[k - 1] >= -std::log(static_cast<double>(k) * level)) rejected = k;
  return rejected;
}

/// The level at which a verdict of fail names somebody, always: `false_discovery_rate`, save where `alpha` is so large that
/// it could not. Without a rejection each w e lies below 1/(k level), the k-th strongest, and their sum below H/level, H
/// being 1 + 1/2 + ... + 1/`hypotheses`; with level >= alpha H that is below 1/alpha, and no fail. 130 metrics have an H of
/// 5.5: up to an alpha of 0.009 the level is `false_discovery_rate`.
inline double naming_level(double alpha, std::size_t hypotheses) {
  double harmonic = 0;
  for (std::size_t k = 1; k <= hypotheses; ++k) harmonic += 1.0 / static_cast<double>(k);
  return std::fmax(false_discovery_rate, alpha * harmonic);
}

}  // namespace charon::detection
