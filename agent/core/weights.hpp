#pragma once
/// What each metric counts in the verdict, and what comes of all of them together: the weighted mean of e-values, which is an
/// e-value however they depend on each other (V. Vovk, R. Wang, Ann. Statist. 49, 2021). The weights are fixed by what there
/// is to judge, never by what it shows.
#include "agent/core/evidence.hpp"

#include <span>

namespace charon::agent {

/// What a metric is a part of; each has its share of the evidence, and what is not there leaves its share to the others.
enum class PartOf { errors, latency, rest, scrape_failures, process_restarts };

struct Part {
  PartOf of = PartOf::rest;
  double weight = 0;  ///< relative to others of the same; 0: none
  bool critical = false, decides = false;
  bool owes_pass = false;  ///< it decides, the stable release showed it, and it cannot be judged: no Pass without it
};

class Weights {
 public:
  void clear() { parts_.clear(); }
  /// In the order of Evidence::metrics; what comes there after the last one has no part.
  void add(const Part& part) { parts_.push_back(part); }
  /// Divides the evidence among all that was added. False: nothing is there to compare with.
  bool share_out();
  /// Of all evidence, after a share_out; 0: no part.
  double share(std::size_t metric) const { return metric < shares_.size() ? shares_[metric] : 0; }

  struct Combined {
    double log_evidence = 0;
    std::optional<double> log_pass_evidence;  ///< the least of those that decide, if any does
    bool pass_waits_for_load = false;         ///< of those that decide only levels that are not judged now are short of a pass
    std::optional<Time> since;                ///< of the strongest
    double log_evidence_assumed = 0;          ///< with what documented spreads say
    std::optional<std::size_t> assumption;    ///< the level that gains most by them, if any does
  };
  /// Whether a metric decides and lacks evidence for a Pass.
  bool lacks_pass(std::size_t metric, const MetricEvidence& evidence) const;
  /// `metrics`: at least as many as were added. Call after a share_out that returned true.
  Combined combine(std::span<const MetricEvidence> metrics);

 private:
  void raise_critical();

  std::vector<Part> parts_;
  std::vector<double> shares_, logs_, assumed_;  // as parts_
};

}  // namespace charon::agent
