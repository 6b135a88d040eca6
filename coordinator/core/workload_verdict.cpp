#include "coordinator/core/culprit_text.hpp"
#include "coordinator/core/events.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

constexpr Duration start_phase = std::chrono::minutes{1};        ///< or 12 scrapes: "at once from its start"
constexpr Duration same_time = std::chrono::minutes{5};          ///< others that turned bad within it did so at that time
constexpr Duration agent_restart_grace = std::chrono::minutes{2};
constexpr std::size_t most_nodes_kept = 64;                      ///< in the ledger

/// What the agent says, as the API and Events show it.
std::string words_of(const AgentRecord& a, const std::string& culprit) {
  std::string out = fmt::format("pod {} on node {}", a.pod, a.node);
  if (!culprit.empty()) out += ": " + culprit;
  if (a.classic_threshold > 0) return out + fmt::format(", score {:.2f} of {:.2f} by the classic engine", -std::expm1(-a.last.log_evidence), a.classic_threshold);
  return out + fmt::format(", evidence {:.3g} of {:.3g}", std::exp(std::min(a.last.log_evidence, 700.0)), 1 / a.share);
}

}  // namespace

/// By whose evidence the release fails: the pod's own, or that of all pods together; in numbers where the pod shows any.
std::string Workload::culprit(const AgentRecord& a) const {
  const auto& shown = a.last.culprits;
  const bool named = !shown.empty() && shown.front().named;
  if (named && (a.fails() || together_.of_pooled < 1)) return culprit_text(shown.front());
  if (const auto together = pooled_.culprits(ledger_.current()->budget.alpha); !together.empty()) {
    const PooledEvidence::Key& first = together.front();
    const auto here = std::find_if(shown.begin(), shown.end(), [&](const wire::Culprit& c) { return c.metric == first.first && c.kind == first.second; });
    return here == shown.end() ? metric_text(first.first, first.second) : culprit_text(*here);
  }
  return shown.empty() ? std::string() : (named ? "" : "mostly ") + culprit_text(shown.front());
}

std::string Workload::words(const AgentRecord& a) const {
  const std::string what = culprit(a);
  if (a.fails()) return words_of(a, what);
  if (together_.of_pooled >= 1) return words_of(a, what) + fmt::format("; of all pods together {:.3g} of {:.3g}", std::exp(pooled_.log_evidence()), 1 / ledger_.current()->budget.share_together());
  return words_of(a, what) + fmt::format("; of all pods, each by what it needs, {:.2g} of 1", together_.sum);
}

NodeSituation Workload::node_situation(const std::string& node, const Surroundings& around, Time now) const {
  const ReleaseRecord& r = *ledger_.current();
  const ReleaseRecord* target = rollback_target(ledger_, r);
  NodeSituation out;
  out.node = node;
  out.stable_ran_before = !r.target() && baseline_.ran_on(node);
  std::optional<Time> started;
  const bool by_counts = std::any_of(agents_.begin(), agents_.end(), [&](const auto& entry) {
    const AgentRecord& a = entry.second;
    return a.node == node && a.release == r.id && a.fresh(policy_.agent.report_interval, now) && fails(a) && !rests_on_levels(a.last, together_);
  });
  for (const auto& [uid, a] : agents_) {
    if (a.node != node || !a.fresh(policy_.agent.report_interval, now)) continue;
    if (a.release == r.id && fails(a)) {
      const Time since = a.last.degraded_since.value_or(a.received);
      // An agent that was restarted calls its own start the start; the pod's is what counts.
      Time start = a.last.started;
      if (const PodView* pod = cluster_.pod(uid))
        if (const auto app = pod->app_started()) start = std::min(start, *app + agent_restart_grace);
      if (!out.fails || since < out.since) out.since = since;
      if (!started || start < *started) started = start;
      out.at_once = out.at_once || since - start <= std::max(start_phase, 12 * std::max(policy_.agent.scrape_interval, a.last.scrape_interval));
      out.fails = true;
    } else if (target && a.release == target->id) {
      if (!by_counts && BaselineStore::young_again(a.restarted, now)) {
        out.stable_began_again = true;
        continue;
      }
      out.stable_runs = true;
      out.stable_degraded = out.stable_degraded || a.in_trouble();
      out.stable_in_doubt = out.stable_in_doubt || (a.classic_threshold <= 0 && a.last.log_evidence >= log_doubt);
    }
  }
  if (!out.fails) return out;
  for (const auto* kind : {&around.trouble, &around.crashes}) {
    const auto others = kind->find(node);
    if (others == kind->end()) continue;
    for (const auto& other : others->second) {
      if (other.workload == key_) continue;
      if (other.since <= out.since + same_time) out.others_suffer = true;
      if (started && other.since < *started) out.others_suffered_before = true;
    }
  }
  if (const auto n = cluster_.nodes.find(node); n != cluster_.nodes.end()) {
    const auto lately = [&](const std::optional<Time>& since) { return !since || *since >= out.since - same_time; };
    for (const auto& [type, since] : n->second.pressures)
      if (lately(since)) out.condition = type;
    if (!n->second.ready && lately(n->second.ready_changed)) out.condition = "NotReady";
  }
  return out;
}

/// Every agent's evidence and that of all together, each by its share of alpha: an arithmetic mean of e-values.
void Workload::weigh_together(const ReleaseRecord& release, Time now) {
  if (const std::uint64_t version = policy_.agent_policy().version; version != pooled_policy_) {  // what agents judged by before is over
    pooled_.restart();
    pooled_policy_ = version;
  }
  const double share = release.budget.share_together();
  pooled_.tick(policy_.agent.report_interval, std::log(1 / share) / 2, now);
  std::vector<PodEvidence> pods;
  bool lost = false;  // a pod in trouble says nothing any more: what it left behind must not fall on the others
  for (const auto& [uid, a] : agents_) {
    if (a.release != release.id || a.share <= 0 || a.classic_threshold > 0) continue;
    if (a.fresh(policy_.agent.report_interval, now)) pods.push_back({a.share, a.last.log_evidence});
    else lost = lost || (a.reported && a.in_trouble());
  }
  together_ = pooled_.with(pods, lost ? 0 : share);
}

Finding Workload::look_for_evidence(const Surroundings& around, Time now) {
  const ReleaseRecord& r = *ledger_.current();
  Situation situation;
  situation.confirmation = policy_.confirmation;
  situation.load_unusual = baseline_.load_unusual();
  const AgentRecord *strongest = nullptr, *assuming = nullptr;
  std::set<std::string> nodes;
  const ReleaseRecord* target = rollback_target(ledger_, r);
  weigh_together(r, now);
  for (const auto& [uid, a] : agents_) {
    if (!a.fresh(policy_.agent.report_interval, now)) continue;
    if (target && a.release == target->id) situation.stable_runs_somewhere = true;
    if (a.release != r.id) continue;
    nodes.insert(a.node);
    if (!a.last.assumption.empty()) assuming = &a;
    if (fails(a) && (!strongest || a.last.log_evidence > strongest->last.log_evidence)) strongest = &a;
  }
  if (!strongest) {
    failing_since_.reset();
    if (assuming && !r.target())
      tell("assumption " + r.id, "Warning", "Inconclusive", fmt::format("release {}: pod {} on node {} would fail by {} if pods differ no more than documented, which earlier releases have not shown", r.name, assuming->pod, assuming->node, assuming->last.assumption), now);
    return {};
  }
  if (!failing_since_) failing_since_ = now;
  situation.failing_since = *failing_since_;
  for (const std::string& node : nodes) situation.nodes.push_back(node_situation(node, around, now));

  if (r.target()) {
    // The release proved itself, so a node that turns bad is the first thing to think of; all of them are something else.
    const auto failing = static_cast<std::size_t>(std::count_if(situation.nodes.begin(), situation.nodes.end(), [](const auto& n) { return n.fails; }));
    Finding out{failing * 2 > nodes.size() && failing > 1 ? Cause::inconclusive : Cause::node, {}, {}};
    for (const auto& n : situation.nodes)
      if (n.fails) out.nodes.push_back(n.node);
    const bool window = now - r.since < policy_.rollback_window && target;
    if (window) {
      Attribution by_table = release_or_node(situation, now);
      if (by_table.cause == Cause::release) out = {Cause::release, words(*strongest) + "; " + by_table.reason, by_table.nodes};
    }
    if (out.evidence.empty())
      out.evidence = out.cause == Cause::node ? fmt::format("release {} degrades on node {} alone, long after its start ({})", r.name, out.nodes.front(), words(*strongest))
                                              : fmt::format("release {} degrades on {} of {} nodes, long after its start ({})", r.name, failing, nodes.size(), words(*strongest));
    return out;
  }
  Attribution by_table = release_or_node(situation, now);
  if (by_table.cause == Cause::none) return {};
  return {by_table.cause, words(*strongest) + "; " + by_table.reason, std::move(by_table.nodes)};
}

void Workload::suspect_nodes(const Finding& finding, Time now) {
  for (const std::string& node : finding.nodes) {
    const std::string once = "node " + node;
    const auto told = told_.find(once);
    if (told != told_.end() && now - told->second < std::chrono::hours{1}) continue;
    told_[once] = now;
    events::node_suspect(log_, key_, node, finding.evidence);
    const auto view = cluster_.nodes.find(node);
    events_.push_back({"v1", "Node", "", node, view == cluster_.nodes.end() ? "" : view->second.uid, "Warning", "NodeSuspect",
                       fmt::format("{} degrades here and the node is the likely cause: {}", key_.text(), finding.evidence)});
  }
}

void Workload::judge(const Surroundings& around, Time now) {
  const ReleaseRecord* r = ledger_.current();
  if (!r || r->state == ReleaseState::bad || !ledger_.contested_by.empty()) return;
  Finding found;
  if (!r->target()) found = look_for_facts(around, now);
  if (found.cause != Cause::release) {
    Finding by_agents = look_for_evidence(around, now);
    // Crashes that may be the node's do not hide what agents found elsewhere.
    if (found.cause == Cause::none || by_agents.cause == Cause::release) found = std::move(by_agents);
  }
  const bool news = found.cause != finding_.cause;
  finding_ = found;
  if (found.cause == Cause::none) {
    if (news) note_.clear();
    return;
  }
  if (found.cause == Cause::release && news) ++counters_.decisions;
}

void Workload::act(const Surroundings& around, Time now) {
  if (!ledger_.current() || finding_.cause == Cause::none || ledger_.current()->state == ReleaseState::bad || !ledger_.contested_by.empty()) return;
  const Finding finding = finding_;
  const ReleaseRecord r = *ledger_.current();
  note_ = finding.evidence;
  switch (finding.cause) {
    case Cause::none:
    case Cause::undecided: return;
    case Cause::node: return suspect_nodes(finding, now);
    case Cause::inconclusive:
      tell("inconclusive " + r.id, "Warning", "Inconclusive", fmt::format("release {}: {}", r.name, finding.evidence), now);
      return;
    case Cause::ambiguous:
    case Cause::release: break;
  }
  DecisionInput input;
  input.policy = &policy_;
  input.ledger = &ledger_;
  input.judged = &r;
  input.deployment = deployment_;
  input.ambiguous = finding.cause == Cause::ambiguous;
  input.breaker_open = around.breaker_open;
  input.template_judged = r.has_template(deployment_->hash);
  const Decision decision = decide(input, now);

  if (decision.action == PolicyAction::patch) {
    const ReleaseRecord* target = rollback_target(ledger_, r);
    if (const auto possible = plan_rollback(r, *target); !possible) {
      note_ = fmt::format("{}; not rolled back: {}", finding.evidence, possible.error().context);
      tell("no plan " + r.id, "Warning", "RollbackRefused", fmt::format("release {}: {}", r.name, note_), now);
      if (!input.ambiguous && !r.target()) ledger_.condemned(r.id, note_, now), touch();
      return;
    }
    const ReleaseRecord to = *target;
    Intent& intent = condemn_and_roll_back(r, to, finding.evidence, {}, now);
    intent.ambiguous = input.ambiguous;
    if (input.ambiguous) intent.nodes.assign(finding.nodes.begin(), finding.nodes.begin() + static_cast<std::ptrdiff_t>(std::min(finding.nodes.size(), most_nodes_kept)));
    return;
  }
  if (decision.action == PolicyAction::hold) {
    if (held_) return;
    held_ = true;
    ++counters_.held;
    events::holding(log_, key_, finding.evidence);
    tell("hold " + r.id, "Warning", "RolloutHeld", fmt::format("release {} is held: {}", r.name, finding.evidence), now);
    if (!deployment_->complete() && !deployment_->paused) begin(IntentKind::pause, r.id, r.id, finding.evidence, {}, {}, now).ambiguous = input.ambiguous;
    touch();
    return;
  }
  if (!decision.guard.empty()) note_ = fmt::format("{}; not rolled back: {}", finding.evidence, decision.guard);
  const std::string once = "notify " + r.id + decision.guard.substr(0, 40);
  if (!told_.contains(once)) ++counters_.notified;
  tell(once, "Warning", "BadRelease", fmt::format("release {}: {}", r.name, note_), now);
  // Judged for good where a patch will not follow; not the first release, which has nothing better to be compared with.
  if (finding.cause == Cause::release && !decision.passing && !r.target() && rollback_target(ledger_, r)) {
    ledger_.condemned(r.id, finding.evidence, now);
    touch();
  }
}

}  // namespace charon::coordinator
