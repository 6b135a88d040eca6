/// Facts from whatever a pod's status says: only of containers that the release changed, never of the agent, and on a node
/// that is suspect itself no crash speaks against the release.
#include "coordinator/core/facts.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "lib/base/json_fields.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace charon;
  using namespace charon::coordinator;
  const auto json = parse_json({reinterpret_cast<const char*>(data), size}, 256 * 1024);
  if (!json || !json->is_object()) return 0;
  const auto& objects = json->get_object();  // {candidate: pod, stable: pod, deployment: ...}
  const Time now = *parse_time("2026-11-23T12:00:00Z");
  const PodView candidate = read_pod(object_at(objects, {"candidate"})), stable = read_pod(object_at(objects, {"stable"}));
  const DeploymentView deployment = read_deployment(object_at(objects, {"deployment"}));
  (void)failing_registries({&candidate, &stable});
  (void)crashes(candidate, now);
  const std::set<std::string> changed{"app", "charon-agent"};
  const FactsInput input{{&candidate}, {&stable}, changed, &deployment, {}};
  for (const Fact& fact : read_facts(input, now).against_release)
    if (fact.kind != FactKind::progress_deadline && (fact.container != "app" || fact.text.empty())) std::abort();
  const FactsInput suspect{{&candidate}, {}, changed, &deployment, {{candidate.node, "it is weak"}}};
  for (const Fact& fact : read_facts(suspect, now).against_release)
    if (fact.kind != FactKind::image_pull) std::abort();
  return 0;
}
