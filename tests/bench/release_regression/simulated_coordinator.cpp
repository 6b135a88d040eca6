#include "tests/bench/release_regression/simulated_coordinator.hpp"

#include "tests/bench/release_regression/release_facts.hpp"
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

void SimulatedCoordinator::begin() {
  store_ = {};
  budget_ = {};
  pooled_ = {};
  together_ = {};
  others_suffer_since_ = {};
  failing_since_.reset();
  complete_since_.reset();
  passing_since_.reset();
  judging_ = false;
}

void SimulatedCoordinator::candidate_appeared(std::uint32_t replicas) {
  judging_ = true;
  budget_.expected = replicas;
}

/// Workload::report.
void SimulatedCoordinator::showed(SimulatedAgent& a, bool counts_as_stable, Time now) {
  coordinator::AgentRecord& known = a.known;
  const auto more = coordinator::BaselineStore::shown(known.reported ? &a.before : nullptr, known.last);
  if (more.restarted) known.restarted = now;
  if (judging_ && is_candidate(a)) pooled_.showed(known.pod_uid, known.node, known.reported ? &a.before : nullptr, known.last, now);
  if (!is_candidate(a) && more.restarted) pooled_.stable_began_again(now);
  known.reported = true;
  if (counts_as_stable) store_.stable_showed(known.pod_uid, known.node, more, !known.in_trouble(), now);
  else store_.candidate_showed(known.pod_uid, known.node, more);
}

/// Workload::report.
wire::Control SimulatedCoordinator::control(const SimulatedAgent& a, Time now) const {
  wire::Control out;
  const bool candidate = is_candidate(a);
  if (candidate) {
    std::uint32_t all = 0, here = 0;
    for (const auto& [key, other] : agents_)
      if (!is_candidate(other) && fresh(other, now)) {
        ++all;
        if (other.known.node == a.known.node) ++here;
      }
    out = store_.control(a.known.node, all, here);
  }
  store_.add_levels(out, a.known.node, now - coordinator::BaselineStore::fresh_for(policy_.report_interval), policy_.scrape_interval);
  if (!candidate) out.same_node_levels.clear();
  return out;
}

/// Workload::fails.
bool SimulatedCoordinator::fails(const SimulatedAgent& a) const {
  return a.known.fails() || (together_.fails() && a.known.share > 0 && a.known.last.log_evidence >= together_.suspected_from);
}

/// Workload::trouble of the other workloads.
void SimulatedCoordinator::note_others(const FleetScrape& fleet, Time now) {
  for (std::size_t node = 0; node < fleet.nodes.size(); ++node) {
    auto& since = others_suffer_since_[node];
    if (!fleet.nodes[node].others_degraded) since.reset();
    else if (!since) since = now;
  }
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
    return {};
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

/// Workload::watch_passing and consider_promotion, but for one thing: the product promotes a release only when a Pass has
/// lasted for the settle time, which no release of 30 minutes can show. Here it passes when the settle time since its rollout
/// is over and the Pass stands then.
void SimulatedCoordinator::consider_pass(const FleetScrape& fleet, Decision& decision, Time now) {
  const coordinator::RollbackPolicy defaults;
  const bool waits = std::any_of(fleet.pods.begin(), fleet.pods.end(), [](const PodScrape& pod) { return pod.release == 1 && pod.image_pull_failed; });
  if (waits) complete_since_.reset();
  else if (!complete_since_) complete_since_ = Time{Duration{static_cast<std::int64_t>((fleet.time - scrape_seconds) * 1000)}};
  std::size_t reporting = 0, passing = 0, pods = 0;
  bool lost = false, restarted = false, in_trouble = pooled_.log_evidence() >= coordinator::log_suspicion;
  for (const auto& [key, a] : agents_) {
    if (!is_candidate(a)) continue;
    ++pods;
    if (!fresh(a, now)) continue;
    ++reporting;
    const bool passes = a.known.last.verdict == wire::Verdict::pass;
    restarted = restarted || (a.known.restarted && now - *a.known.restarted < defaults.settle_time);
    in_trouble = in_trouble || a.known.in_trouble();
    if (passes) ++passing;
    else lost = lost || a.known.passed;
  }
  const bool covered = reporting > 0 && static_cast<double>(reporting) >= defaults.minimum_coverage * static_cast<double>(pods);
  if (lost || in_trouble || !covered || decision.verdict != Verdict::none) passing_since_.reset();
  else if (!passing_since_ && passing == reporting) passing_since_ = now;
  decision.evidence_passes = passing_since_ && passing == reporting;
  if (decision.evidence_passes && !restarted && complete_since_ && now - *complete_since_ >= defaults.settle_time) decision.verdict = Verdict::pass;
}

/// Workload::judge.
Decision SimulatedCoordinator::decide(const FleetScrape& fleet, Time now) {
  note_others(fleet, now);
  if (!look_for_facts(fleet, now).against_release.empty()) return decision(Verdict::rollback);
  Decision out = look_for_evidence(fleet, now);
  consider_pass(fleet, out, now);
  return out;
}

}  // namespace charon::bench
