/// From agents' evidence to a finding, as coordinator/core/workload_verdict.cpp does it for a release without a verdict.
#include "tests/bench/release_regression/simulated_coordinator.hpp"
#include "tests/bench/release_regression/world.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace charon::bench {
namespace {

constexpr Duration start_phase = std::chrono::minutes{1}, same_time = std::chrono::minutes{5};  // as workload_verdict.cpp has them

Decision decision(Verdict verdict, std::string_view cause = {}) {
  Decision out;
  out.verdict = verdict;
  out.cause = cause;
  return out;
}

std::string_view word_of(coordinator::Suspect suspect) {
  switch (suspect) {
    case coordinator::Suspect::node: return "node";
    case coordinator::Suspect::load: return "load";
    case coordinator::Suspect::requests: return "mix";
    case coordinator::Suspect::environment: return "environment";
    case coordinator::Suspect::none: break;
  }
  return "ambiguous";
}

/// Index of the benchmark's metric that a culprit speaks of, -1 where there is none of that name.
int metric_of(const std::string& name, wire::MetricKind kind) {
  if (name == wire::process_restarts_metric) return restarts;
  for (const SeriesDescription& series : ordinary_schema()) {
    if (!name.starts_with(series.family)) continue;
    return series.metric == requests && kind == wire::MetricKind::error_ratio ? errors : series.metric;
  }
  return -1;
}

}  // namespace

/// Workload::fails.
bool SimulatedCoordinator::fails(const SimulatedAgent& a) const {
  return a.known.fails() || (together_.fails() && a.known.share > 0 && a.known.last.log_evidence >= together_.suspected_from);
}

void SimulatedCoordinator::weigh_together(Time now) {
  const double share = budget_.share_together();
  pooled_.tick(policy_.report_interval, std::log(1 / share) / 2, now);
  std::vector<coordinator::PodEvidence> pods;
  bool lost = false;
  for (const auto& [key, a] : agents_) {
    if (!is_candidate(a)) continue;
    if (fresh(a, now)) pods.push_back({a.known.share, a.known.last.log_evidence});
    else lost = lost || (a.known.reported && a.known.in_trouble());
  }
  together_ = pooled_.with(pods, lost ? 0 : share);
}

coordinator::NodeSituation SimulatedCoordinator::node_situation(const std::string& node, const NodeFacts& facts, Time now) const {
  coordinator::NodeSituation out;
  out.node = node;
  out.stable_ran_before = store_.ran_on(node);
  std::optional<Time> started;
  const bool by_counts = std::any_of(agents_.begin(), agents_.end(), [&](const auto& entry) {
    const SimulatedAgent& a = entry.second;
    return a.known.node == node && is_candidate(a) && fresh(a, now) && fails(a) && !coordinator::rests_on_levels(a.known.last, together_);
  });
  for (const auto& [key, a] : agents_) {
    if (a.known.node != node || !fresh(a, now)) continue;
    if (!is_candidate(a)) {
      if (!by_counts && coordinator::BaselineStore::young_again(a.known.restarted, now)) {
        out.stable_began_again = true;
        continue;
      }
      out.stable_runs = true;
      out.stable_degraded = out.stable_degraded || a.known.in_trouble();
      out.stable_in_doubt = out.stable_in_doubt || a.known.last.log_evidence >= coordinator::log_doubt;
    } else if (fails(a)) {
      const Time since = a.known.last.degraded_since.value_or(a.known.received), start = a.known.last.started;
      if (!out.fails || since < out.since) out.since = since;
      if (!started || start < *started) started = start;
      out.at_once = out.at_once || since - start <= std::max(start_phase, 12 * policy_.scrape_interval);
      out.fails = true;
    }
  }
  if (!out.fails) return out;
  if (const auto& others = others_suffer_since_[static_cast<std::size_t>(node[0] - 'a')]) {
    out.others_suffer = *others <= out.since + same_time;
    out.others_suffered_before = *others < *started;
  }
  if (facts.pressure) out.condition = "MemoryPressure";
  if (!facts.ready) out.condition = "NotReady";
  return out;
}

Decision SimulatedCoordinator::look_for_evidence(const FleetScrape& fleet, Time now) {
  weigh_together(now);
  coordinator::Situation situation;
  situation.load_unusual = store_.load_unusual();
  const SimulatedAgent* strongest = nullptr;
  int strongest_pod = -1;
  std::set<std::string> nodes;
  for (const auto& [key, a] : agents_) {
    if (!fresh(a, now)) continue;
    if (!is_candidate(a)) {
      situation.stable_runs_somewhere = true;
      continue;
    }
    nodes.insert(a.known.node);
    if (!fails(a) || (strongest && a.known.last.log_evidence <= strongest->known.last.log_evidence)) continue;
    strongest = &a;
    strongest_pod = key.second;
  }
  if (!strongest) {
    failing_since_.reset();
    // What `charonctl explain` then says of a pod's Pass.
    const bool waits = std::any_of(agents_.begin(), agents_.end(), [&](const auto& entry) {
      const SimulatedAgent& a = entry.second;
      return is_candidate(a) && fresh(a, now) && a.known.last.suspended && a.known.last.suspended->pass_waits;
    });
    return decision(Verdict::none, waits ? word_of(coordinator::Suspect::load) : std::string_view{});
  }
  if (!failing_since_) failing_since_ = now;
  situation.failing_since = *failing_since_;
  for (const std::string& node : nodes) situation.nodes.push_back(node_situation(node, fleet.nodes[static_cast<std::size_t>(node[0] - 'a')], now));
  const coordinator::Attribution found = coordinator::release_or_node(situation, now);
  Decision out;
  switch (found.cause) {
    case coordinator::Cause::none:
    case coordinator::Cause::undecided: break;
    case coordinator::Cause::release: out = decision(Verdict::rollback); break;
    case coordinator::Cause::node: out = decision(Verdict::hold, "node"); break;
    case coordinator::Cause::ambiguous:
    case coordinator::Cause::inconclusive: out = decision(Verdict::hold, word_of(found.suspect)); break;
  }
  out.metric = culprit(*strongest);
  out.pod = strongest_pod;
  return out;
}

/// Workload::culprit.
int SimulatedCoordinator::culprit(const SimulatedAgent& a) const {
  const auto& shown = a.known.last.culprits;
  const bool named = !shown.empty() && shown.front().named;
  if (named && (a.known.fails() || together_.of_pooled < 1)) return metric_of(shown.front().metric, shown.front().kind);
  if (const auto together = pooled_.culprits(budget_.alpha); !together.empty()) return metric_of(together.front().first, together.front().second);
  return shown.empty() ? -1 : metric_of(shown.front().metric, shown.front().kind);
}

}  // namespace charon::bench
