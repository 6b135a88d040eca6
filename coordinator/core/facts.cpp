#include "coordinator/core/facts.hpp"

#include "coordinator/core/image_reference.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::coordinator {
namespace {

bool failed(const std::optional<ContainerView::Termination>& t) { return t && t->exit_code != 0; }

bool crash_loops(const ContainerView& c, Time now) {
  if (c.waiting == "CrashLoopBackOff") return true;  // whatever the exit code: a service that ends is none
  if (!failed(c.last) && !failed(c.terminated)) return false;
  const auto& latest = failed(c.terminated) ? c.terminated : c.last;
  return c.restarts >= crash_loop_restarts && (!latest->finished || now - *latest->finished <= crash_loop_window);
}

/// By a signal that a node short of memory sends too, outside the container's own limit: the kubelet then says Error.
bool was_killed(const ContainerView& c, Time now) {
  const auto killed = [&](const auto& t) { return t && t->exit_code == 137 && (!t->finished || now - *t->finished <= crash_loop_window); };
  return killed(c.terminated) || killed(c.last);
}

bool out_of_memory(const ContainerView& c, Time now) {
  const auto killed = [&](const auto& t) { return t && t->reason == "OOMKilled" && (!t->finished || now - *t->finished <= crash_loop_window); };
  return killed(c.terminated) || killed(c.last);
}

bool crashes(const ContainerView& c, Time now) { return c.name != agent_container && (out_of_memory(c, now) || crash_loops(c, now) || was_killed(c, now)); }

std::optional<FactKind> complaint(const ContainerView& c, Time now) {
  if (out_of_memory(c, now)) return FactKind::out_of_memory;
  if (crash_loops(c, now)) return FactKind::crash_loop;
  if (cannot_pull(c)) return FactKind::image_pull;
  return std::nullopt;
}

/// Whether pods of the stable release fail with the same container in any of these ways, on that node or, where it has
/// none there, on any.
bool stable_fails_likewise(const FactsInput& input, const std::string& node, const std::string& container, FactKind kind, Time now) {
  const bool there = std::any_of(input.stable.begin(), input.stable.end(), [&](const PodView* p) { return p->node == node; });
  for (const PodView* pod : input.stable) {
    if (there && pod->node != node) continue;
    for (const ContainerView& c : pod->containers) {
      if (c.name != container) continue;
      const auto same = complaint(c, now);
      if (same && (*same == kind || (*same != FactKind::image_pull && kind != FactKind::image_pull))) return true;
    }
  }
  return false;
}

std::string sentence(FactKind kind, const PodView& pod, const ContainerView& c) {
  switch (kind) {
    case FactKind::crash_loop: {
      const auto& last = c.last ? c.last : c.terminated;
      return fmt::format("container {} of pod {} on node {} crashes again and again: {} restarts, last exit code {}", c.name, pod.name, pod.node,
                         c.restarts, last ? last->exit_code : 0);
    }
    case FactKind::out_of_memory: return fmt::format("container {} of pod {} on node {} was OOMKilled", c.name, pod.name, pod.node);
    case FactKind::image_pull: return fmt::format("image {} of pod {} cannot be pulled on node {}: {}", c.image, pod.name, pod.node, c.waiting);
    case FactKind::progress_deadline: break;
  }
  return {};
}

void read_progress(const FactsInput& input, Facts& out) {
  const DeploymentView* d = input.deployment;
  if (!d || d->observed_generation < d->generation) return;
  const auto progressing = d->conditions.find("Progressing");
  if (progressing == d->conditions.end() || progressing->second.status || progressing->second.reason != "ProgressDeadlineExceeded") return;
  const PodView* waiting = nullptr;
  bool unscheduled = false, agent = false, node = false;
  for (const PodView* pod : input.candidate) {
    if (pod->deleting || pod->ready) continue;
    if (!pod->scheduled) {
      unscheduled = true;
      continue;
    }
    const bool agents_fault = std::any_of(pod->containers.begin(), pod->containers.end(), [](const ContainerView& c) {
      return c.name == agent_container && (cannot_pull(c) || c.waiting == "CreateContainerConfigError" || c.waiting == "CreateContainerError" || c.waiting == "CrashLoopBackOff");
    });
    if (agents_fault) agent = true;
    else if (input.suspects.contains(pod->node)) node = true;
    else waiting = pod;
  }
  if (waiting && !input.changed.empty()) {
    out.against_release.push_back({FactKind::progress_deadline, waiting->name, waiting->node, {},
                                   fmt::format("the rollout passed its progress deadline of {}: pod {} on node {} does not become ready",
                                               format_duration(d->progress_deadline), waiting->name, waiting->node)});
  } else if (unscheduled) {
    out.notices.push_back("the rollout passed its progress deadline because pods cannot be scheduled: not the release's fault");
  } else if (node) {
    out.notices.push_back("the rollout passed its progress deadline on a node that is suspect itself: not the release's fault");
  } else if (agent) {
    out.notices.push_back("the rollout passed its progress deadline because Charon's agent does not start: not the release's fault");
  } else {
    out.notices.push_back("the rollout passed its progress deadline without a pod to blame (a quota, an admission policy): not the release's fault");
  }
}

}  // namespace

bool crashes(const PodView& pod, Time now) {
  return std::any_of(pod.containers.begin(), pod.containers.end(), [&](const ContainerView& c) { return crashes(c, now); });
}

Time crashes_since(const PodView& pod, Time now) {
  Time since = now;
  for (const ContainerView& c : pod.containers) {
    if (!crashes(c, now)) continue;
    for (const auto* t : {&c.terminated, &c.last})
      if (failed(*t) && (*t)->finished) {
        since = std::min(since, *(*t)->finished);
        break;
      }
    if (pod.created && c.restarts >= crash_loop_restarts && since - *pod.created <= c.restarts * crash_loop_window) since = std::min(since, *pod.created);
  }
  return since;
}

bool cannot_pull(const ContainerView& c) {
  return c.waiting == "ErrImagePull" || c.waiting == "ImagePullBackOff" || c.waiting == "InvalidImageName" || c.waiting == "ErrImageNeverPull";
}

std::set<std::string> failing_registries(const std::vector<const PodView*>& pods) {
  std::set<std::string> out;
  for (const PodView* pod : pods)
    for (const ContainerView& c : pod->containers)
      if (c.name != agent_container && cannot_pull(c)) out.insert(parse_image(c.image).domain);
  return out;
}

Facts read_facts(const FactsInput& input, Time now) {
  Facts out;
  for (const PodView* pod : input.candidate) {
    if (pod->deleting) continue;
    for (const ContainerView& c : pod->containers) {
      if (c.name == agent_container) continue;
      const auto kind = complaint(c, now);
      if (!kind) continue;
      const std::string text = sentence(*kind, *pod, c);
      if (!input.changed.contains(c.name)) out.notices.push_back(text + ", which this release did not change");
      else if (stable_fails_likewise(input, pod->node, c.name, *kind, now)) out.notices.push_back(text + ", and the stable release fails likewise");
      else if (const auto why = input.suspects.find(pod->node); *kind != FactKind::image_pull && why != input.suspects.end())
        out.against_node.push_back({*kind, pod->name, pod->node, c.name, text + ", and " + why->second});
      else out.against_release.push_back({*kind, pod->name, pod->node, c.name, text});
    }
  }
  read_progress(input, out);
  return out;
}

}  // namespace charon::coordinator
