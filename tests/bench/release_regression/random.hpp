#pragma once
/// Random numbers, fast and the same on every machine.
///
/// xoshiro256++ (Blackman, Vigna, ACM TOMS 47, 2021), seeded by splitmix64. Normals by the ziggurat with 128 layers
/// (Marsaglia, Tsang 2000, in Doornik's double-precision form 2005: exact). Gamma: Marsaglia, Tsang, ACM TOMS 26, 2000
/// (exact). Poisson and binomial: inversion (exact) up to a mean of 40, beyond that round(mean + sd z + skew (z^2 - 1) / 6),
/// the normal approximation with the Cornish-Fisher term of third order, whose quantiles are off by less than 0.1 counts
/// within 4 sd.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace charon::bench {

inline std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed = 0) {
    for (std::uint64_t& word : state_) word = splitmix(seed);
  }

  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0], t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// In (0, 1).
  double uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
  double normal();
  /// Mean 1 and this coefficient of variation, at most 1.
  double gamma(double cv);
  double exponential(double mean) { return -mean * std::log(uniform()); }
  double poisson(double mean);
  double binomial(double trials, double probability);

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace charon::bench
