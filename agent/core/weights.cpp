#include "agent/core/weights.hpp"

#include "lib/detection/log_sum.hpp"
#include "lib/detection/pass.hpp"

#include <array>
#include <cmath>

namespace charon::agent {
namespace {

// Half for what callers see and for restarts, half for the rest. The endpoint's own (failed scrapes, restarts) rest on priors
// instead of a baseline, so they weigh little.
constexpr double share_of_failures = 0.1;  // of the first half
constexpr double share_of_restarts = 0.15;
constexpr double share_of_rest = 0.5;
constexpr double share_of_critical = 0.5;  // of all, where the policy calls metrics critical

constexpr std::size_t kinds_of_parts = 5;
std::size_t at(PartOf part) { return static_cast<std::size_t>(part); }

}  // namespace

bool Weights::share_out() {
  shares_.clear();
  std::array<double, kinds_of_parts> sums{};
  for (const Part& part : parts_) sums[at(part.of)] += part.weight;
  const double errors = sums[at(PartOf::errors)], latency = sums[at(PartOf::latency)], rest = sums[at(PartOf::rest)];
  if (errors + latency + rest <= 0) return false;
  const double callers = rest > 0 ? 1 - share_of_rest : 1;
  const double served = (1 - share_of_failures - share_of_restarts) * callers / ((errors > 0 ? 1 : 0) + (latency > 0 ? 1 : 0));
  std::array<double, kinds_of_parts> shares{};
  shares[at(PartOf::errors)] = shares[at(PartOf::latency)] = served;
  shares[at(PartOf::rest)] = share_of_rest;
  shares[at(PartOf::scrape_failures)] = share_of_failures * callers;
  shares[at(PartOf::process_restarts)] = share_of_restarts * callers;
  for (const Part& part : parts_) shares_.push_back(part.weight > 0 ? part.weight * shares[at(part.of)] / sums[at(part.of)] : 0);
  raise_critical();
  return true;
}

/// Half to what the policy calls critical, by its weights; the other half stays with all as it was.
void Weights::raise_critical() {
  const auto critical = [](const Part& part) { return part.critical ? part.weight : 0; };
  double sum = 0;
  for (const Part& part : parts_) sum += critical(part);
  if (sum <= 0) return;
  for (std::size_t i = 0; i < parts_.size(); ++i) shares_[i] = (1 - share_of_critical) * shares_[i] + share_of_critical * critical(parts_[i]) / sum;
}

bool Weights::lacks_pass(std::size_t metric, const MetricEvidence& evidence) const {
  if (metric >= parts_.size() || !parts_[metric].decides) return false;
  return parts_[metric].owes_pass || (shares_[metric] > 0 && evidence.log_pass_evidence < detection::log_pass_needed);
}

Weights::Combined Weights::combine(std::span<const MetricEvidence> metrics) {
  Combined out;
  double strongest = std::numeric_limits<double>::lowest(), most_assumed = strongest;
  bool short_of_pass = false;
  logs_.clear();
  assumed_.clear();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const MetricEvidence& metric = metrics[i];
    logs_.push_back(metric.log_evidence);
    const bool assumes = metric.kind == wire::MetricKind::level && metric.log_evidence_assumed > metric.log_evidence;
    assumed_.push_back(assumes ? metric.log_evidence_assumed : metric.log_evidence);
    if (parts_[i].owes_pass) {
      out.log_pass_evidence = std::min(out.log_pass_evidence.value_or(0), 0.0);
      short_of_pass = true;
    }
    if (shares_[i] <= 0) continue;
    if (const double part = std::log(shares_[i]) + metric.log_evidence; part > strongest) {
      strongest = part;
      out.since = metric.since;
    }
    if (const double part = std::log(shares_[i]) + assumed_.back(); assumes && part > most_assumed) {
      most_assumed = part;
      out.assumption = i;
    }
    if (!parts_[i].decides) continue;
    out.log_pass_evidence = std::min(out.log_pass_evidence.value_or(metric.log_pass_evidence), metric.log_pass_evidence);
    if (lacks_pass(i, metric)) (metric.requests > 0 ? out.pass_waits_for_load : short_of_pass) = true;
  }
  out.pass_waits_for_load = out.pass_waits_for_load && !short_of_pass;
  out.log_evidence = detection::log_sum(shares_, logs_);
  out.log_evidence_assumed = out.assumption ? detection::log_sum(shares_, assumed_) : out.log_evidence;
  return out;
}

}  // namespace charon::agent
