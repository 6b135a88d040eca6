#include "agent/core/anomalyzer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace charon::agent {
namespace {

/// Magnitude and fence count tenfold once they are nearly sure; everything else always counts the same.
double moving_weight(double score) { return score > 0.8 ? 5.0 : 0.5; }
constexpr double weight = 0.5;

class WeightedMean {
 public:
  void add(double score, double its_weight) {
    sum_ += score * its_weight;
    weights_ += its_weight;
  }
  double value() const { return weights_ > 0 ? sum_ / weights_ : 0; }

 private:
  double sum_ = 0;
  double weights_ = 0;
};

}  // namespace

Result<Anomalyzer> Anomalyzer::create(AnomalyzerSettings settings) {
  if (settings.methods.empty()) return fail(Errc::invalid_input, "anomalyzer: no methods");
  if (settings.active_size < 1) return fail(Errc::invalid_input, "anomalyzer: activeSize must be at least 1");
  if (settings.active_size > max_anomalyzer_values || settings.n_seasons > max_anomalyzer_values ||
      settings.active_size * (1 + settings.n_seasons) > max_anomalyzer_values) {
    return fail(Errc::too_large, "anomalyzer: activeSize and nSeasons make windows that are too long");
  }
  if (settings.active_size * settings.n_seasons < 4) {
    return fail(Errc::invalid_input, "anomalyzer: activeSize times nSeasons must be at least 4");
  }
  if (settings.perm_count < 1) return fail(Errc::invalid_input, "anomalyzer: permCount must be at least 1");
  if (settings.perm_count > max_anomalyzer_permutations) return fail(Errc::too_large, "anomalyzer: permCount");
  if (!(settings.sensitivity >= 0 && settings.sensitivity <= 1)) {
    return fail(Errc::invalid_input, "anomalyzer: sensitivity must be from 0 to 1");
  }
  Anomalyzer result(std::move(settings));
  if (result.has(AnomalyzerMethod::fence)) {
    const auto& upper = result.settings_.upper_bound;
    const double lower = result.settings_.lower_bound.value_or(0);
    if (!upper || !std::isfinite(*upper) || !std::isfinite(lower)) {
      return fail(Errc::invalid_input, "anomalyzer: fence needs a finite upperBound");
    }
    if (*upper <= lower) return fail(Errc::invalid_input, "anomalyzer: upperBound must lie above lowerBound (0 without one)");
  }
  return result;
}

Anomalyzer::Anomalyzer(AnomalyzerSettings settings)
    : settings_(std::move(settings)), windows_{settings_.active_size, settings_.active_size * settings_.n_seasons} {
  values_.reserve(windows_.active + windows_.reference + 1);
}

bool Anomalyzer::has(AnomalyzerMethod method) const {
  return std::find(settings_.methods.begin(), settings_.methods.end(), method) != settings_.methods.end();
}

void Anomalyzer::push(double value) {
  if (!std::isfinite(value)) return;
  values_.push_back(value);
  if (values_.size() > windows_.active + windows_.reference) values_.erase(values_.begin());
}

template <class PermutationScore>
double Anomalyzer::weighted_mean(PermutationScore permutation_score) const {
  if (settings_.delay && values_.size() < windows_.active + windows_.reference) return 0;
  WeightedMean mean;
  if (has(AnomalyzerMethod::magnitude)) {
    if (const auto magnitude = magnitude_score(values_, windows_)) {
      const double score = std::clamp(*magnitude, 0.0, 1.0);
      if (score < settings_.sensitivity) return 0;
      mean.add(score, moving_weight(score));
    }
  }
  if (has(AnomalyzerMethod::fence)) {
    if (const auto fence = fence_score(values_, windows_, *settings_.upper_bound, settings_.lower_bound)) {
      mean.add(*fence, moving_weight(*fence));
    }
  }
  if (has(AnomalyzerMethod::cdf)) {
    if (const auto cdf = cdf_score(values_, windows_)) mean.add(*cdf, weight);
  }
  if (has(AnomalyzerMethod::diff)) {
    if (const auto diff = permutation_score(AnomalyzerMethod::diff)) mean.add(*diff, weight);
  }
  if (has(AnomalyzerMethod::ks)) {
    if (const auto ks = permutation_score(AnomalyzerMethod::ks)) mean.add(*ks, weight);
  }
  // Both rank tests count once, by the higher of the two.
  std::optional<double> rank;
  for (const auto method : {AnomalyzerMethod::highrank, AnomalyzerMethod::lowrank}) {
    if (!has(method)) continue;
    if (const auto score = permutation_score(method)) rank = std::max(rank.value_or(0), *score);
  }
  if (rank) mean.add(*rank, weight);
  return mean.value();
}

double Anomalyzer::score(PermutationSource& source) const {
  return weighted_mean([&](AnomalyzerMethod method) -> std::optional<double> {
    switch (method) {
      case AnomalyzerMethod::diff: return diff_score(values_, windows_, settings_.perm_count, source);
      case AnomalyzerMethod::ks: return bootstrap_ks_score(values_, windows_, settings_.perm_count, source);
      case AnomalyzerMethod::highrank: return high_rank_score(values_, windows_, settings_.perm_count, source);
      default: return low_rank_score(values_, windows_, settings_.perm_count, source);
    }
  });
}

std::optional<double> Anomalyzer::score_above(double threshold, PermutationSource& source) const {
  // Each permutation test adds at most a score of 1, or nothing where it has too few values; adding 1 to a mean of
  // scores up to 1 never lowers it, so this is an upper bound of the mean.
  const double highest = weighted_mean([](AnomalyzerMethod) -> std::optional<double> { return 1.0; });
  if (highest <= threshold) return std::nullopt;
  const double exact = score(source);
  return exact > threshold ? std::optional(exact) : std::nullopt;
}

std::optional<double> Anomalyzer::reference_mean() const {
  if (values_.size() <= windows_.active) return std::nullopt;
  const auto end = values_.end() - static_cast<std::ptrdiff_t>(windows_.active);
  return std::accumulate(values_.begin(), end, 0.0) / static_cast<double>(end - values_.begin());
}

}  // namespace charon::agent
