#include "coordinator/core/release_or_node.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace charon::coordinator {
namespace {

/// What one failing node says by itself.
struct NodeVerdict {
  Cause cause;
  bool confident;
  std::string reason;
};

NodeVerdict judge(const NodeSituation& n, const Situation& all, Time now) {
  if (n.stable_runs && !n.stable_degraded && n.stable_in_doubt && now - all.failing_since < all.confirmation)
    return {Cause::undecided, false, fmt::format("waiting for what the stable release shows on node {}", n.node)};
  if (n.stable_runs && !n.stable_degraded) return {Cause::release, true, fmt::format("the stable release runs well on node {} at the same time", n.node)};
  if (n.stable_runs) return {Cause::node, true, fmt::format("the stable release degrades on node {} too", n.node)};
  const std::string company = !n.condition.empty() ? fmt::format("node {} reports {}", n.node, n.condition)
                              : n.others_suffer || n.others_suffered_before ? fmt::format("other workloads on node {} degrade at the same time", n.node) : std::string();
  if (n.at_once) {
    // Trouble that was there before the pod started is not of its making, however early the pod feels it.
    if (n.others_suffered_before) return {Cause::node, true, fmt::format("other workloads on node {} degraded before this release started there", n.node)};
    if (n.stable_ran_before) return {Cause::release, true, fmt::format("it degrades on node {} from its start, where the stable release ran well", n.node)};
    return {Cause::ambiguous, true, fmt::format("the stable release never ran on node {}", n.node)};
  }
  if (!company.empty()) return {Cause::node, true, company};
  if (!n.stable_ran_before) return {Cause::ambiguous, true, fmt::format("the stable release never ran on node {}", n.node)};
  if (now - all.failing_since < all.confirmation) return {Cause::undecided, false, fmt::format("waiting for what else happens on node {}", n.node)};
  return {Cause::ambiguous, true, fmt::format("it degrades on node {} a while after its start, where {}", n.node,
                                            n.stable_began_again ? "the stable pod began again too lately to compare with" : "no stable pod is left to compare with")};
}

}  // namespace

Attribution release_or_node(const Situation& s, Time now) {
  std::vector<std::pair<const NodeSituation*, NodeVerdict>> failing;
  for (const NodeSituation& n : s.nodes)
    if (n.fails) failing.emplace_back(&n, judge(n, s, now));
  if (failing.empty()) return {};

  const auto those = [&](Cause cause) {
    Attribution out{cause, {}, true, {}, Suspect::none};
    for (const auto& [n, verdict] : failing)
      if (verdict.cause == cause) {
        out.nodes.push_back(n->node);
        if (out.reason.empty()) out.reason = verdict.reason;
        out.confident = out.confident && verdict.confident;
      }
    return out;
  };
  const auto count = [&](Cause cause) { return std::count_if(failing.begin(), failing.end(), [&](const auto& f) { return f.second.cause == cause; }); };
  const bool most = failing.size() >= 2 && failing.size() * 2 > s.nodes.size();
  const bool late = std::none_of(failing.begin(), failing.end(), [](const auto& f) { return f.first->at_once; });

  if (late && !s.stable_runs_somewhere && s.load_unusual) {
    Attribution out{Cause::inconclusive, {}, true, "the load is outside what the baseline knows, and no pod of the stable release is left to compare with", Suspect::load};
    for (const auto& f : failing) out.nodes.push_back(f.first->node);
    return out;
  }
  if (auto sure = those(Cause::release); !sure.nodes.empty() && sure.confident) return sure;
  // One node can explain itself; most nodes at once can not, unless everything on them suffers.
  if (most && static_cast<std::size_t>(count(Cause::node)) * 2 < failing.size()) {
    Attribution out{Cause::release, {}, true, {}, Suspect::none};
    for (const auto& f : failing) out.nodes.push_back(f.first->node);
    out.reason = fmt::format("it degrades on {} of {} nodes", failing.size(), s.nodes.size());
    if (late && count(Cause::undecided) > 0 && now - s.failing_since < s.confirmation) {
      out.cause = Cause::undecided;
      out.reason = "waiting for what else happens on these nodes";
    } else if (late && !s.stable_runs_somewhere) {
      // At the same time on most nodes, and none of it from the start: so does what the release depends on, or is asked.
      out.cause = Cause::ambiguous;
      out.suspect = Suspect::requests;
      out.reason += " a while after its start, and no pod of the stable release is left to compare with: the release, its requests or what it depends on";
    }
    return out;
  }
  if (most && count(Cause::node) > 0) {
    Attribution out = those(Cause::node);
    if (out.nodes.size() > 1) {
      out.cause = Cause::inconclusive;
      out.suspect = Suspect::environment;
      out.reason = fmt::format("{} of {} nodes degrade with all that runs on them: an outage rather than a release", failing.size(), s.nodes.size());
      return out;
    }
  }
  if (auto waiting = those(Cause::undecided); !waiting.nodes.empty()) return waiting;
  if (auto unknown = those(Cause::ambiguous); !unknown.nodes.empty()) {
    unknown.reason += ": a bad release, or the node";
    unknown.suspect = Suspect::node;
    return unknown;
  }
  return those(Cause::node);
}

}  // namespace charon::coordinator
