#include "lib/detection/level_summary.hpp"

#include "lib/detection/level_filter.hpp"
#include "lib/detection/restlessness.hpp"

#include <boost/math/interpolators/pchip.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace charon::detection {
namespace {

constexpr double mad_to_sigma = 1.482602218505602;  // 1 / quantile of the normal distribution at 3/4
constexpr double clip = 2.5;
constexpr double least_young = 0.5;  // deviations of a single value: less is the day's drift, not the process' youth

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Robust standard deviation; where more than half of the values agree, what the others add counts.
double spread(const std::vector<double>& values, double centre, std::vector<double>& scratch) {
  scratch.clear();
  for (const double v : values) scratch.push_back(std::abs(v - centre));
  const double mad = mad_to_sigma * median(scratch);
  // Beyond the median stands what is larger already.
  const auto middle = scratch.begin() + static_cast<std::ptrdiff_t>(scratch.size() / 2);
  const auto high = scratch.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(scratch.size()) * 0.95);
  std::nth_element(middle, high, scratch.end());
  const double most = *high;  // a tail up to here counts, a rare spike does not
  double square = 0;
  for (const double v : values) square += std::pow(std::min(std::abs(v - centre), most), 2);
  return std::max(mad, std::sqrt(square / static_cast<double>(values.size())));
}

/// Variance of means over one to ten minutes beyond what phi and noise explain, seen through the filter that the judge
/// uses; of the scales the largest, less its own standard error. From differences of successive means, so that the time of
/// day, which a control shows as well, is none of it (J. von Neumann, Ann. Math. Statist. 12, 1941: variance 3/n).
double wander(std::span<const float> values, const LevelSummary& summary) {
  LevelFilter filter(summary.phi, summary.noise, phi_error(summary));
  std::vector<LevelFilter::Observation> passed;
  double since = 1;
  for (const float v : values) {
    if (std::isnan(v)) {
      since += 1;
      continue;
    }
    const bool first = !filter.started();  // of another precision than the rest
    const auto observation = filter.pass(static_cast<double>(v) - summary.level, 0, since);
    if (!first) passed.push_back(observation);
    since = 1;
  }
  const double single = std::pow(summary.noise / (1 - std::min(summary.phi + phi_error(summary), 0.995)), 2);
  double most = 0;
  for (const std::size_t scale : wander_scales) {
    const std::size_t blocks = passed.size() / scale;
    if (blocks < 4) continue;
    double squares = 0, before = 0;
    for (std::size_t block = 0; block < blocks; ++block) {
      double sum = 0, precision = 0;
      for (const auto& seen : std::span(passed).subspan(block * scale, scale)) {
        sum += seen.precision * seen.y;
        precision += seen.precision;
      }
      const double mean = sum / precision;
      if (block > 0) squares += std::pow(mean - before, 2) / 2;
      before = mean;
    }
    const double n = static_cast<double>(blocks - 1), expected = single / static_cast<double>(scale);
    most = std::max(most, squares / n - expected * (1 + std::sqrt(3 / n)));
  }
  return most;
}

struct Step { double before, now; };  // two values in a row, from the level

/// Lag-one correlation: least squares, reweighted so that an innovation beyond `clip` robust deviations has bounded influence
/// even where it starts from a spike (P. Holland, R. Welsch, Commun. Statist. A6, 1977): a shock that the process remembers
/// tells of it, one that is gone at once does not.
double correlation(std::span<const Step> steps, double resolution, std::vector<double>& scratch) {
  double phi = 0.5;
  for (int round = 0; round < 4; ++round) {
    scratch.clear();
    for (const Step& step : steps) scratch.push_back(std::abs(step.now - phi * step.before));
    const double most = clip * std::max(mad_to_sigma * median(scratch), resolution);
    double squares = 0, products = 0;
    for (const Step& step : steps) {
      const double weight = std::pow(most / std::max(std::abs(step.now - phi * step.before), most), 2);
      squares += weight * step.before * step.before;
      products += weight * step.before * step.now;
    }
    phi = squares > 0 ? std::clamp(products / squares, 0.0, 0.99) : 0;
  }
  return phi;
}

}  // namespace

double phi_error(const LevelSummary& s) { return s.scrapes > 0 ? std::sqrt((1 - s.phi * s.phi) / static_cast<double>(s.scrapes)) : 1; }

LevelSummary summarise(std::span<const float> values, std::size_t first_age, double resolution) {
  LevelSummary out;
  std::vector<double> settled, scratch;  // beyond the first minutes, where there are enough of those
  const std::size_t youth = first_age < *std::rbegin(young_scrapes) ? *std::rbegin(young_scrapes) - first_age : 0;
  const std::size_t from = values.size() >= youth + least_scrapes * 2 ? youth : 0;
  for (const float v : values.subspan(from))
    if (!std::isnan(v)) settled.push_back(static_cast<double>(v));
  if (settled.size() < least_scrapes) return out;
  const double n = static_cast<double>(settled.size());
  out.scrapes = settled.size();
  scratch = settled;
  const double middle = median(scratch);
  const double scale = std::max(spread(settled, middle, scratch), resolution);
  const auto bounded = [&](float v) { return std::clamp((static_cast<double>(v) - middle) / scale, -clip, clip); };
  double sum = 0;
  for (const float v : values.subspan(from))
    if (!std::isnan(v)) sum += bounded(v);
  const double centre = sum / n;
  out.level = middle + scale * centre;

  std::vector<Step> steps;
  for (std::size_t i = from + 1; i < values.size(); ++i)
    if (!std::isnan(values[i]) && !std::isnan(values[i - 1])) steps.push_back({static_cast<double>(values[i - 1]) - out.level, static_cast<double>(values[i]) - out.level});
  if (steps.size() < least_scrapes / 2) return {};
  const double raw = correlation(steps, resolution, scratch);
  // Bias of the lag-one correlation: M. Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41, 1954.
  out.phi = std::min(raw + (1 + 3 * raw) / n, 0.99);

  std::vector<double> innovations;
  for (const Step& step : steps) innovations.push_back(step.now - raw * step.before);
  out.noise = std::max(spread(innovations, 0, scratch), resolution);
  Innovations around(out);
  double active = 0;
  for (std::size_t i = from; i < values.size(); ++i)
    if (const auto e = around.pass(static_cast<double>(values[i]))) {
      out.activity += activity(*e);
      ++active;
    }
  if (active > 0) out.activity /= active;

  out.wander = wander(values.subspan(from), out);

  if (first_age >= young_scrapes.front()) return out;  // its first minutes were not seen
  std::size_t begin = 0;
  for (const std::size_t end : young_scrapes) {
    double difference = 0, seen = 0;
    const std::size_t from_value = std::min(std::max(begin, first_age) - first_age, values.size()), to_value = std::min(end - first_age, values.size());
    for (const float v : values.subspan(from_value, to_value - from_value))
      if (!std::isnan(v)) {
        difference += static_cast<double>(v) - out.level;
        seen += 1;
      }
    out.young.push_back(seen > 0 ? difference / seen : 0);
    begin = end;
  }
  return out;
}

double deviation(const LevelSummary& s) { return s.noise / std::sqrt(std::max(1 - s.phi * s.phi, 1e-9)); }


LevelSummary mean_of(std::span<const LevelSummary> pods) {
  LevelSummary out;
  double weights = 0, young_pods = 0;
  for (const LevelSummary& pod : pods) {
    if (pod.scrapes == 0) continue;
    const double weight = static_cast<double>(std::min<std::uint64_t>(pod.scrapes, 720));
    out.metric = pod.metric;
    out.scrapes += pod.scrapes;
    out.level += weight * pod.level;
    out.phi += weight * pod.phi;
    out.noise += weight * pod.noise * pod.noise;
    out.wander += weight * pod.wander;
    out.activity += weight * pod.activity;
    weights += weight;
    if (pod.young.empty()) continue;
    out.young.resize(wire::young_stretches);
    for (std::size_t i = 0; i < out.young.size() && i < pod.young.size(); ++i) out.young[i] += pod.young[i];
    young_pods += 1;
  }
  if (weights <= 0) return {};
  out.level /= weights;
  out.phi = std::min(out.phi / weights, 0.99);  // rounding must not make it what no reader takes
  out.noise = std::sqrt(out.noise / weights);
  out.wander /= weights;
  out.activity /= weights;
  for (double& difference : out.young) difference /= young_pods;
  return out;
}

std::vector<float> young_differences(const LevelSummary& summary) {
  if (summary.young.size() != young_scrapes.size()) return {};
  const double correlated = (1 + summary.phi) / (1 - summary.phi);
  std::vector<double> middles, differences;
  std::size_t known = 0;
  double begin = 0;
  for (std::size_t i = 0; i < young_scrapes.size(); ++i) {
    const double end = static_cast<double>(young_scrapes[i]);
    const double error = deviation(summary) / std::sqrt(std::max((end - begin) / correlated, 1.0));
    middles.push_back((begin + end) / 2);
    differences.push_back(summary.young[i]);
    if (std::abs(summary.young[i]) > std::max(2 * error, least_young * deviation(summary))) known = i + 1;
    begin = end;
  }
  if (known == 0) return {};
  // What follows the last difference beyond its error is noise; from there it fades to nothing within a stretch.
  const double last = static_cast<double>(young_scrapes[known - 1]), after = last + (last - middles[known - 1]);
  middles.resize(known);
  differences.resize(known);
  for (const double at : {after, after * 1.25, after * 1.5}) {
    middles.push_back(at);
    differences.push_back(0);
  }
  // A smooth curve without overshoot: a kink would look like the onset of a trend.
  const double first = middles.front();
  const boost::math::interpolators::pchip<std::vector<double>> curve(std::move(middles), std::move(differences));
  std::vector<float> out;
  for (std::size_t age = 0; static_cast<double>(age) + 0.5 < after; ++age)
    out.push_back(static_cast<float>(curve(std::max(static_cast<double>(age) + 0.5, first))));
  return out;
}

}  // namespace charon::detection
