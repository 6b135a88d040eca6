#include "tests/bench/release_regression/release_facts.hpp"

#include "coordinator/core/image_reference.hpp"
#include "tests/bench/release_regression/pod_status.hpp"

#include <algorithm>

namespace charon::bench {
namespace {

using coordinator::PodView;

std::vector<const PodView*> pointers(const std::vector<PodView>& pods) {
  std::vector<const PodView*> out;
  for (const PodView& pod : pods) out.push_back(&pod);
  return out;
}

/// From which several workloads cannot pull, as Coordinator::State::surroundings counts them.
std::set<std::string> failing_for_several(const std::vector<const PodView*>& own, const FleetScrape& fleet) {
  std::map<std::string, int> workloads;
  for (const std::string& domain : coordinator::failing_registries(own)) ++workloads[domain];
  for (int other = 0; other < fleet.others_pulling; ++other) {
    const PodView pod = coordinator::read_pod(other_pod_object(other, fleet.time));
    for (const std::string& domain : coordinator::failing_registries({&pod})) ++workloads[domain];
  }
  std::set<std::string> out;
  for (const auto& [domain, count] : workloads)
    if (count > 1) out.insert(domain);
  return out;
}

}  // namespace

coordinator::Facts look_for_facts(const FleetScrape& fleet, Time now) {
  const bool waits = std::any_of(fleet.pods.begin(), fleet.pods.end(), [](const PodScrape& pod) { return pod.image_pull_failed; });
  if (!waits) return {};  // every container runs: nothing to read
  std::vector<PodView> candidate, stable;
  for (const PodScrape& pod : fleet.pods) (pod.release == 1 ? candidate : stable).push_back(coordinator::read_pod(pod_object(pod, fleet.time)));
  const auto deployment = coordinator::read_deployment(deployment_object((fleet.index + 1) * scrape_seconds));
  coordinator::FactsInput input;
  input.candidate = pointers(candidate);
  input.stable = pointers(stable);
  input.changed = {"app"};
  input.deployment = &deployment;
  coordinator::Facts facts = coordinator::read_facts(input, now);

  std::vector<const PodView*> own = input.candidate;
  own.insert(own.end(), input.stable.begin(), input.stable.end());
  const auto failing = failing_for_several(own, fleet);
  const std::string domain = coordinator::parse_image(candidate.front().containers.front().image).domain;
  const bool excused = failing.contains(domain);
  std::erase_if(facts.against_release, [&](const coordinator::Fact& fact) {
    const bool pull = fact.kind == coordinator::FactKind::image_pull;
    if (excused && pull) facts.notices.push_back(fact.text + "; other workloads cannot pull from that registry either");
    return excused && (pull || fact.kind == coordinator::FactKind::progress_deadline);
  });
  return facts;
}

}  // namespace charon::bench
