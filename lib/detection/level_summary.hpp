#pragma once
/// What a healthy pod's gauge does: where it stands, how it moves from scrape to scrape and over minutes. Read once a
/// minute from the values of the last hour, in a robust way, so that an incident within them weighs little.
#include "lib/base/wire.hpp"

#include <span>

namespace charon::detection {

inline constexpr std::size_t wander_scales[] = {12, 30, 60, 120};  ///< scrapes: one to ten minutes at the default interval
inline constexpr std::size_t least_scrapes = 36;    ///< below which a summary says nothing
/// Ends of the first stretches of a pod's life, in scrapes, in which it may behave as no older pod does.
inline constexpr std::array<std::size_t, wire::young_stretches> young_scrapes = {3, 6, 9, 12, 18, 24, 36, 48, 72, 96, 144, 240, 360};

using wire::LevelSummary;

/// `values` by scrape, NaN where one was lost; `first_age`: how many scrapes the pod was old at the first. `resolution`:
/// least noise on this scale (> 0). `metric` stays empty. An empty summary (scrapes 0) below least_scrapes values.
LevelSummary summarise(std::span<const float> values, std::size_t first_age, double resolution);

/// Standard error of `phi`. M. Bartlett, JRSS Suppl. 8, 1946.
double phi_error(const LevelSummary& summary);
/// Standard deviation of a single value around the level.
double deviation(const LevelSummary& summary);
/// Mean over pods: levels and wander averaged, phi and noise too, weighted by scrapes. Those without scrapes are left out.
LevelSummary mean_of(std::span<const LevelSummary> pods);
/// What is expected of a pod by its age in scrapes beside `level`; empty where that is not known or not beyond its own error,
/// and nothing beyond the last one. Boost.Math: monotone cubic through the stretches' means (F. Fritsch, R. Carlson, SIAM J.
/// Numer. Anal. 17, 1980).
std::vector<float> young_differences(const LevelSummary& summary);

}  // namespace charon::detection
