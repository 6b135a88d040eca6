#pragma once
/// What a healthy pod's gauge does: where it stands, how it moves from scrape to scrape and over minutes. Read once a
/// minute from the values of the last hour, in a robust way, so that an incident within them weighs little.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace charon::detection {

inline constexpr std::size_t wander_scales[] = {12, 30, 60, 120};  ///< scrapes: one to ten minutes at the default interval
inline constexpr std::size_t least_scrapes = 36;    ///< below which a summary says nothing
/// Ends of the first stretches of a pod's life, in scrapes, in which it may behave as no older pod does.
inline constexpr std::size_t young_scrapes[] = {6, 12, 24, 60, 120};

struct LevelSummary {
  std::uint64_t scrapes = 0;  ///< values that it rests on
  double level = 0;           ///< location, on the metric's scale (natural log for ratios)
  double phi = 0;             ///< lag-one correlation, within [0, 0.99], corrected for its bias and raised by its standard error
  double noise = 0;           ///< standard deviation of the AR(1) innovation, robust
  double wander = 0;          ///< variance of means over minutes beyond what phi and noise explain
  double activity = 0;        ///< mean square of clipped innovations in units of noise (about 0.95 for Gaussian noise)
  /// Mean difference to `level` in the stretches of young_scrapes; 0 where the pod was not seen so young.
  std::vector<double> young;
  std::vector<std::uint64_t> young_scrapes_seen;
};

/// `values` by scrape, NaN where one was lost; `first_age`: how many scrapes the pod was old at the first. `resolution`:
/// least noise on this scale (> 0). An empty summary (scrapes 0) below least_scrapes values.
LevelSummary summarise(std::span<const float> values, std::size_t first_age, double resolution);

/// Standard deviation of a single value around the level.
double deviation(const LevelSummary& summary);

}  // namespace charon::detection
