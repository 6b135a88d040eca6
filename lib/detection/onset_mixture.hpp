#pragma once
/// Evidence of a fault of unknown onset and unknown size, growing from scrape to scrape and valid at every look.
///
/// Fed with the log likelihood ratios of one scrape, one for each of `Sizes` alternatives of equal weight. A fault that
/// begins with scrape j has the product of the ratios from j on; the evidence is the mean of these products by the onsets'
/// weights, and what has not begun yet is held as cash. Each product has an expectation of at most 1 under the null, so the
/// mean has too, at every stopping time (Ville's inequality). Weights: half on the first scrape, since releases mostly fail
/// from their start; 45% evenly on the scrapes of the monitored life; 5% on all later ones, falling as 1/(t (t - 1)), so a
/// fault after days is found too and pays for it by its logarithm.
///
/// Nothing but a sum is kept: with W the weighted products of what has begun, W' = (W + weight of this scrape) ratio (the
/// recursion of Shiryaev and Roberts: A. Shiryaev, Theory Probab. Appl. 8, 1963, here with a proper prior). Every scrape is
/// an onset, therefore: a grid of every sixth would save log 6 nats and lose the scrapes up to the next grid point.
///
/// A size's wealth is bounded: what passes it is given up, which lowers the sum, so that a fault that ended fades soon.
#include "lib/base/clock.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace charon::detection {

/// The share of the evidence that an onset with scrape number `scrape` (0, 1, ...) has. Over all of them: 1.
constexpr double onset_weight(std::uint64_t scrape) {
  constexpr double at_start = 0.5, in_life = 0.45, later = 0.05, life = 360;
  const double t = static_cast<double>(scrape);
  return scrape == 0 ? at_start : t <= life ? in_life / life : later * life / (t * (t - 1));
}

template <std::size_t Sizes>
class OnsetMixture {
 public:
  static constexpr double most = 50;  ///< nats that one size's wealth may reach

  void restart() { *this = OnsetMixture(); }

  /// A scrape begins, with data to come or not: from here on it is an onset. Call before its `multiply`.
  void tick(Time now) {
    const double weight = onset_weight(age_++);
    cash_ = std::max(cash_ - weight, 0.0);
    for (Size& size : sizes_) {
      size.wealth += weight / static_cast<double>(Sizes);
      if (size.begins) size.onset = now;
      size.begins = false;
    }
  }

  /// One log ratio a size; what several scrapes showed may come at once, after their ticks. `at`: the scrape's time, or the
  /// first one's, where it comes late: nothing but `since` asks for it.
  void multiply(const std::array<double, Sizes>& log_ratios, std::optional<Time> at = {}) {
    for (std::size_t i = 0; i < Sizes; ++i) {
      Size& size = sizes_[i];
      if (at && size.rise <= 0 && log_ratios[i] > 0) size.onset = *at;
      size.wealth = bounded(size.wealth, log_ratios[i]);
      size.rise = std::max(size.rise, 0.0) + log_ratios[i];
      size.begins = size.rise <= 0;
    }
  }

  /// log of the mixture, as it were with these ratios too; 0 before any data.
  double log_evidence(const std::array<double, Sizes>& more = {}) const {
    double sum = cash_;
    for (std::size_t i = 0; i < Sizes; ++i) sum += bounded(sizes_[i].wealth, more[i]);
    return std::log(sum);
  }

  /// The likeliest onset of the size that contributes most: where its products stood lowest (E. Page's cumulative sum,
  /// Biometrika 41, 1954).
  Time since() const {
    return std::max_element(sizes_.begin(), sizes_.end(), [](const Size& a, const Size& b) { return a.wealth < b.wealth; })->onset;
  }

 private:
  struct Size {
    double wealth = 0;           ///< W
    double rise = 0;             ///< of the logarithm of the products since `onset`
    bool begins = true;          ///< the next scrape may be the onset
    Time onset{};
  };
  inline static const double largest = std::exp(most);
  static double bounded(double wealth, double log_ratio) { return std::min(wealth * std::exp(log_ratio), largest); }

  std::array<Size, Sizes> sizes_{};
  std::uint64_t age_ = 0;
  double cash_ = 1;
};

}  // namespace charon::detection
