#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

/// What was known of nodes stays, for those that are in `now_there`; others are forgotten.
template <class Crashes>
void keep(std::map<std::string, Crashes>& known, const std::map<std::string, Time>& now_there, Time now) {
  std::erase_if(known, [&](const auto& entry) { return !now_there.contains(entry.first); });
  for (const auto& [node, since] : now_there) known.try_emplace(node, Crashes{since, now});
}

std::set<std::string> nodes_of(const std::vector<Fact>& facts) {
  std::set<std::string> out;
  for (const Fact& fact : facts) out.insert(fact.node);
  return out;
}

Finding finding(Cause cause, const std::vector<Fact>& facts, std::string evidence) {
  const auto nodes = nodes_of(facts);
  return {cause, std::move(evidence), {nodes.begin(), nodes.end()}};
}

}  // namespace

std::set<std::string> Workload::nodes_of_release(std::string_view id) const {
  std::set<std::string> out;
  for (const PodView* pod : pods_of_release(id)) out.insert(pod->node);
  return out;
}

void Workload::watch_crashes(Time now) {
  std::map<std::string, Time> candidate, proven;
  const auto add = [now](std::map<std::string, Time>& to, const PodView& pod) {
    Time& since = to.try_emplace(pod.node, now).first->second;
    since = std::min(since, crashes_since(pod, now));
  };
  for (const PodView* pod : pods()) {
    if (!crashes(*pod, now)) continue;
    const ReleaseRecord* r = release_of(*pod);
    // A release without a verdict says nothing about a node: it may be the next bad one.
    if (r && r->target()) add(proven, *pod);
    else if (r && r->id == ledger_.current_id) add(candidate, *pod);
  }
  keep(crashing_, candidate, now);
  keep(proven_crashing_, proven, now);
  std::erase_if(suspects_, [&](const auto& s) { return !crashing_.contains(s.first) || now - s.second.seen > crash_loop_window; });
}

void Workload::suspect_by_company(const Surroundings& around, Time now) {
  // Crashes and pressure may be the release's own doing, what depends on it included; on most of its nodes at once they are.
  if (crashing_.size() > 1 && crashing_.size() * 2 > nodes_of_release(ledger_.current_id).size()) return suspects_.clear();
  for (const auto& [node, crashes] : crashing_) {
    const auto at_that_time = [since = crashes.since](Time other) { return std::chrono::abs(other - since) <= crash_loop_window; };
    if (const auto others = around.crashes.find(node); others != around.crashes.end())
      for (const auto& other : others->second)
        if (other.workload != key_ && at_that_time(other.since))
          suspects_[node] = {fmt::format("containers of {} fail on node {} at the same time", other.workload.text(), node), now};
    const auto view = cluster_.nodes.find(node);
    if (view == cluster_.nodes.end()) continue;
    for (const auto& [type, began] : view->second.pressures)
      if (!began || at_that_time(*began)) suspects_[node] = {fmt::format("node {} reports {}", node, type), now};
  }
}

/// Statuses of one node's pods arrive in any order. A rollout under way is decided at once, which stops it; of a release
/// that had come up everywhere, what crashes on the lesser part of its nodes waits for what else crashes there.
bool Workload::may_be_the_node(const std::vector<Fact>& facts, Time now) const {
  const auto progressing = deployment_->conditions.find("Progressing");
  const bool came_up = progressing != deployment_->conditions.end() && progressing->second.reason == "NewReplicaSetAvailable";
  const std::size_t failing = nodes_of(facts).size(), all = nodes_of_release(ledger_.current_id).size();
  if (!came_up || (failing > 1 && failing * 2 > all)) return false;
  return std::all_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    const auto since = crashing_.find(fact.node);
    return (fact.kind == FactKind::out_of_memory || fact.kind == FactKind::crash_loop) && since != crashing_.end() && now - since->second.seen < policy_.confirmation;
  });
}

Finding Workload::look_for_facts(const Surroundings& around, Time now) {
  const ReleaseRecord& r = *ledger_.current();
  const ReleaseRecord* target = rollback_target(ledger_, r);
  FactsInput input;
  input.deployment = deployment_;
  input.candidate = pods_of_release(r.id);
  if (target) input.stable = pods_of_release(target->id);
  if (target && target->pod_template && r.pod_template) {
    input.changed = difference(*target->pod_template, *r.pod_template).containers;
    for (const auto& [container, digest] : r.digests)  // a tag that was pushed again
      if (const auto before = target->digests.find(container); before != target->digests.end() && before->second != digest) input.changed.insert(container);
  } else {
    for (const auto& [container, image] : r.images) input.changed.insert(container);
  }
  suspect_by_company(around, now);
  for (const auto& [node, suspicion] : suspects_) input.suspects[node] = suspicion.why;
  Facts facts = read_facts(input, now);
  std::erase_if(facts.against_release, [&](const Fact& fact) {
    if (fact.kind != FactKind::image_pull) return false;
    const auto image = r.images.find(fact.container);
    const bool everyone = image != r.images.end() && around.failing_registries.contains(parse_image(image->second).domain);
    if (everyone) facts.notices.push_back(fact.text + "; other workloads cannot pull from that registry either: not the release's fault");
    return everyone;
  });
  // What is behind the passed deadline, if it is nobody's fault but the registry's, is not the release's either.
  const bool registry = std::any_of(facts.notices.begin(), facts.notices.end(), [](const std::string& n) { return n.find("registry") != n.npos; });
  if (registry) std::erase_if(facts.against_release, [](const Fact& f) { return f.kind == FactKind::progress_deadline; });
  for (const std::string& notice : facts.notices) tell("notice " + r.id + notice.substr(0, 60), "Warning", "NotTheRelease", notice, now);
  if (!facts.against_release.empty()) {
    const bool wait = may_be_the_node(facts.against_release, now);
    const std::string& text = facts.against_release.front().text;
    return finding(wait ? Cause::undecided : Cause::release, facts.against_release, wait ? text + "; waiting for what else happens there" : text);
  }
  if (!facts.against_node.empty()) {
    // Company at the start says less the longer it lasts: what depends on a bad release fails with it for as long as it runs.
    const bool lasts = std::any_of(facts.against_node.begin(), facts.against_node.end(), [&](const Fact& fact) {
      const auto crashes = crashing_.find(fact.node);
      return crashes != crashing_.end() && now - crashes->second.since > crash_loop_window;
    });
    const std::string& text = facts.against_node.front().text;
    return finding(lasts ? Cause::ambiguous : Cause::node, facts.against_node, lasts ? text + "; it lasts, so it may be the release that others depend on" : text);
  }
  if (!facts.notices.empty()) note_ = facts.notices.front();
  return {};
}

}  // namespace charon::coordinator
