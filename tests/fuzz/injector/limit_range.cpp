/// Whatever a LimitRange says, an agent's resources lie within it and are what the agent needs, or there is no agent.
#include "injector/core/agent_resources.hpp"

#include "lib/base/json_fields.hpp"

#include <cstdlib>
#include <string>

using namespace charon;
using namespace charon::injector;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void within(const std::vector<LimitRangeItem>& items, ResourceKind kind, std::int64_t request, std::int64_t limit, std::int64_t least) {
  must(limit >= least && request >= 0 && request <= limit);
  for (const LimitRangeItem& item : items) {
    const Bounds& bounds = item.of(kind);
    if (bounds.max) must(limit <= *bounds.max);
    if (bounds.min && !item.of_pod) must(request >= *bounds.min);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_json({reinterpret_cast<const char*>(data), size}, 1 << 20);
  if (!parsed || !parsed->is_object()) return 0;
  const auto items = limit_range_items(parsed->get_object());
  for (const char* resources : {R"({})", R"({"requests":{"cpu":"100m","ephemeral-storage":"1Gi"},"limits":{"memory":"1Gi"}})",
                                R"({"limits":{"cpu":"1","memory":"1Gi","ephemeral-storage":"1Gi"}})"}) {
    const auto object = boost::json::parse(R"({"metadata":{},"spec":{"containers":[{"name":"web","resources":)" + std::string(resources) + "}]}}").as_object();
    const auto pod = PodView::of(object);
    must(pod.has_value());
    const auto fitted = fit_resources(*pod, {}, items);
    if (const auto* skip = std::get_if<Skip>(&fitted)) {
      must(!items.empty() && skip->reason == Reason::limit_range);
      continue;
    }
    const AgentResources& r = std::get<AgentResources>(fitted);
    within(items, ResourceKind::cpu, r.cpu_request, r.cpu_limit, least_cpu_limit);
    within(items, ResourceKind::memory, r.memory_request, r.memory_limit, least_memory_limit);
    if (r.storage_limit > 0) within(items, ResourceKind::storage, r.storage_request, r.storage_limit, least_storage_limit);
    if (is_guaranteed(*pod)) must(r.cpu_request == r.cpu_limit && r.memory_request == r.memory_limit);
  }
  return 0;
}
