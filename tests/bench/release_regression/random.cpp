#include "tests/bench/release_regression/random.hpp"

#include <algorithm>

namespace charon::bench {
namespace {

constexpr int layers = 128;
constexpr double tail = 3.442619855899;         // where the tail begins
constexpr double area = 9.91256303526217e-3;    // of each layer
constexpr double exact_up_to = 40;              // mean

struct Ziggurat {
  std::array<double, layers + 1> x{};
  std::array<double, layers> ratio{};
  Ziggurat() {
    double f = std::exp(-0.5 * tail * tail);
    x[0] = area / f;
    x[1] = tail;
    x[layers] = 0;
    for (std::size_t i = 2; i < layers; ++i) {
      x[i] = std::sqrt(-2 * std::log(area / x[i - 1] + f));
      f = std::exp(-0.5 * x[i] * x[i]);
    }
    for (std::size_t i = 0; i < layers; ++i) ratio[i] = x[i + 1] / x[i];
  }
};
const Ziggurat ziggurat;

}  // namespace

double Random::normal() {
  for (;;) {
    const std::uint64_t random = bits();
    const std::size_t i = random & (layers - 1);
    const double u = (static_cast<double>(random >> 12) + 0.5) * 0x1p-51 - 1;
    if (std::abs(u) < ziggurat.ratio[i]) return u * ziggurat.x[i];
    if (i == 0) {
      double x = 0, y = 0;
      do {
        x = std::log(uniform()) / tail;
        y = std::log(uniform());
      } while (-2 * y < x * x);
      return u < 0 ? x - tail : tail - x;
    }
    const double x = u * ziggurat.x[i];
    const double f0 = std::exp(-0.5 * (ziggurat.x[i] * ziggurat.x[i] - x * x));
    const double f1 = std::exp(-0.5 * (ziggurat.x[i + 1] * ziggurat.x[i + 1] - x * x));
    if (f1 + uniform() * (f0 - f1) < 1) return x;
  }
}

double Random::gamma(double cv) {
  const double shape = 1 / (cv * cv), d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    double v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    const double u = uniform(), x2 = x * x;
    if (u < 1 - 0.0331 * x2 * x2 || std::log(u) < 0.5 * x2 + d * (1 - v + std::log(v))) return d * v / shape;
  }
}

double Random::poisson(double mean) {
  if (mean > exact_up_to) {
    const double z = normal();
    return std::max(0.0, std::round(mean + std::sqrt(mean) * z + (z * z - 1) / 6));
  }
  double u = uniform();
  if (1 - u >= mean) return 0;  // P(X >= 1) < mean: saves the exponential where the mean is small
  double p = std::exp(-mean), x = 0;
  while (u > p && x < 1000) {
    u -= p;
    p *= mean / ++x;
  }
  return x;
}

double Random::binomial(double trials, double probability) {
  if (trials <= 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomial(trials, 1 - probability);
  const double mean = trials * probability;
  if (mean > exact_up_to) {
    const double z = normal();
    const double x = mean + std::sqrt(mean * (1 - probability)) * z + (1 - 2 * probability) * (z * z - 1) / 6;
    return std::clamp(std::round(x), 0.0, trials);
  }
  double u = uniform();
  if (1 - u >= mean) return 0;
  const double odds = probability / (1 - probability);
  double p = std::exp(trials * std::log1p(-probability)), x = 0;
  while (u > p && x < trials) {
    u -= p;
    p *= odds * (trials - x) / (x + 1);
    ++x;
  }
  return x;
}

}  // namespace charon::bench
