#include "tests/bench/release_regression/anomalyzer_column.hpp"

#include "tests/bench/release_regression/calibrated.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::bench {
namespace {

constexpr double ancestor_threshold = 0.85;

agent::AnomalyzerSettings ancestor_settings(double upper_bound) {
  using Method = agent::AnomalyzerMethod;
  agent::AnomalyzerSettings settings;
  settings.sensitivity = 0.01;
  settings.upper_bound = upper_bound;
  settings.active_size = 1;
  settings.n_seasons = 4;
  settings.methods = {Method::diff, Method::fence, Method::highrank, Method::lowrank, Method::magnitude};
  return settings;
}

}  // namespace

void AnomalyzerColumn::begin(const Setting&) {
  permutations_ = agent::RandomPermutations(0);
  readings_.begin();
  highest_.fill(0);
  candidates_.clear();
  highest_score_ = 0;
}

Decision AnomalyzerColumn::scrape(const FleetScrape& fleet) {
  Decision decision;
  if (fleet.phase == Phase::earlier) return decision;
  for (const PodScrape& pod : fleet.pods) {
    const RivalReading reading = readings_.read(pod, fleet.time);
    if (pod.release != 1) {
      if (fleet.phase != Phase::stable) continue;
      for (std::size_t i = 0; i < highest_.size(); ++i) {
        if (reading.values[i] > highest_[i]) highest_[i] = reading.values[i];
      }
      continue;
    }
    PodEngines& engines = candidates_[pod.pod];
    for (std::size_t i = 0; i < engines.size(); ++i) {
      if (std::isnan(reading.values[i])) continue;
      if (!engines[i]) {
        engines[i] = agent::Anomalyzer::create(ancestor_settings(highest_[i] > 0 ? 2 * highest_[i] : 1)).value();
      }
      engines[i]->push(reading.values[i]);
      const auto score = engines[i]->score_above(std::max(look_from_, highest_score_), permutations_);
      if (!score) continue;
      highest_score_ = *score;
      if (*score <= threshold_) continue;
      decision.verdict = Verdict::rollback;
      decision.metric = static_cast<int>(i);
      decision.pod = pod.pod;
    }
  }
  return decision;
}

std::unique_ptr<Column> anomalyzer_ancestor() { return std::make_unique<AnomalyzerColumn>(ancestor_threshold); }
std::unique_ptr<Column> anomalyzer_ancestor_calibrated() {
  return std::make_unique<AnomalyzerColumn>(calibrated::anomalyzer_threshold);
}

}  // namespace charon::bench
