#include "injector/core/agent_resources.hpp"

#include "injector/core/utf8_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// One resource, of a container or a pod: milli-cores or bytes.
struct Amounts {
  std::int64_t request = 0, limit = 0;
};

/// More than any agent needs: what an annotation may ask for.
constexpr std::int64_t most_cpu = 4'000;
constexpr std::int64_t most_memory = 2LL << 30;

std::optional<std::int64_t> amount_in(const json::object& container, std::string_view list, ResourceKind kind) {
  const json::object* resources = object_of(container, "resources");
  const json::object* amounts = resources ? object_of(*resources, list) : nullptr;
  const json::value* found = amounts ? amounts->if_contains(name(kind)) : nullptr;
  return found ? amount_of(*found, kind) : std::nullopt;
}

/// A missing request defaults to the limit (API defaulting).
Amounts amounts_of(const json::object& container, ResourceKind kind) {
  const auto limit = amount_in(container, "limits", kind);
  return {amount_in(container, "requests", kind).value_or(limit.value_or(0)), limit.value_or(0)};
}

/// What the pod's containers hold while they run side by side: the sum LimitRanges of type Pod bound. Plain init
/// containers are left out: the agent starts after them.
Amounts pod_amounts(const PodView& pod, ResourceKind kind) {
  Amounts sum;
  const auto add = [&](const json::object& container) {
    const Amounts one = amounts_of(container, kind);
    sum.request += one.request;
    sum.limit += one.limit;
  };
  for (const json::object* container : pod.containers()) add(*container);
  for (const json::object* container : pod.init_containers())
    if (text_of(*container, "restartPolicy") == "Always") add(*container);
  return sum;
}

std::int64_t request_for_ratio(std::int64_t limit, double ratio) {
  return ratio >= 1 ? static_cast<std::int64_t>(std::min(static_cast<double>(limit), static_cast<double>(limit) / ratio + 1)) : limit;
}

/// Empty result: it fits. Else what is in the way.
std::optional<std::string> fit(Amounts& amounts, const Amounts& others, ResourceKind kind, const std::vector<LimitRangeItem>& limits,
                               std::int64_t least_limit, bool guaranteed) {
  std::int64_t floor = 0, ceiling = std::numeric_limits<std::int64_t>::max();
  for (const LimitRangeItem& item : limits) {
    const Bounds& bound = item.of(kind);
    if (!item.of_pod && bound.min) floor = std::max(floor, *bound.min);
    if (bound.max) ceiling = std::min(ceiling, item.of_pod ? *bound.max - others.limit : *bound.max);
  }
  if (ceiling < least_limit || floor > ceiling)
    return fmt::format("the namespace's LimitRange leaves the agent too little {}", name(kind));
  amounts.limit = std::clamp(amounts.limit, floor, ceiling);
  amounts.request = std::clamp(amounts.request, floor, amounts.limit);
  for (const LimitRangeItem& item : limits) {
    const auto ratio = item.of(kind).limit_request_ratio;
    if (!ratio) continue;
    if (!item.of_pod) {
      amounts.request = std::max(amounts.request, request_for_ratio(amounts.limit, *ratio));
    } else {
      const std::int64_t needed = request_for_ratio(amounts.limit + others.limit, *ratio) - others.request;
      amounts.request = std::clamp(needed, amounts.request, amounts.limit);
    }
  }
  if (guaranteed) amounts.request = amounts.limit;
  return std::nullopt;
}

/// Whether any container, plain init containers included, names the resource in its requests or limits.
bool named_by_pod(const PodView& pod, std::string_view list, ResourceKind kind) {
  const auto names = [&](const json::object* container) { return amount_in(*container, list, kind).has_value(); };
  return std::any_of(pod.containers().begin(), pod.containers().end(), names) || std::any_of(pod.init_containers().begin(), pod.init_containers().end(), names);
}

std::string memory_text(std::int64_t bytes) {
  constexpr std::int64_t mebi = 1 << 20;
  return bytes % mebi == 0 ? fmt::format("{}Mi", bytes / mebi) : fmt::format("{}", bytes);
}

class Annotated {
 public:
  Annotated(const PodView& pod, std::vector<std::string>& warnings) : pod_(pod), warnings_(warnings) {}

  void apply(std::string_view resource, ResourceKind kind, std::int64_t least, std::int64_t most, std::int64_t& request, std::int64_t& limit) {
    const std::string request_name = fmt::format("charon.dev/agent-{}-request", resource);
    const std::string limit_name = fmt::format("charon.dev/agent-{}-limit", resource);
    const auto asked = read(request_name, kind, 1, most);
    const auto bound = read(limit_name, kind, least, most);
    if (asked && bound && *asked > *bound) {
      warnings_.push_back(fmt::format("charon: {} is above {}; both passed over", request_name, limit_name));
      return;
    }
    if (asked) request = *asked;
    if (bound) limit = *bound;
    // Where only one is given, the other gives way.
    if (asked) limit = std::max(limit, request);
    else request = std::min(request, limit);
  }

 private:
  std::optional<std::int64_t> read(std::string_view name, ResourceKind kind, std::int64_t least, std::int64_t most) {
    const auto text = pod_.annotation(name);
    if (!text) return std::nullopt;
    const auto amount = amount_of(json::value(json::string(*text)), kind);
    if (amount && *amount >= least && *amount <= most) return amount;
    const auto shown = [&](std::int64_t n) { return kind == ResourceKind::cpu ? fmt::format("{}m", n) : memory_text(n); };
    warnings_.push_back(fmt::format("charon: {} '{}' is not a quantity from {} to {}; passed over", name, utf8_prefix(*text, 40), shown(least), shown(most)));
    return std::nullopt;
  }

  const PodView& pod_;
  std::vector<std::string>& warnings_;
};

}  // namespace

json::object to_json(const AgentResources& resources) {
  const auto amounts = [](std::int64_t cpu, std::int64_t memory, std::int64_t storage) {
    json::object out{{"cpu", fmt::format("{}m", cpu)}, {"memory", memory_text(memory)}};
    if (storage > 0) out[name(ResourceKind::storage)] = memory_text(storage);
    return out;
  };
  return {{"requests", amounts(resources.cpu_request, resources.memory_request, resources.storage_request)},
          {"limits", amounts(resources.cpu_limit, resources.memory_limit, resources.storage_limit)}};
}

bool is_guaranteed(const PodView& pod) {
  const auto guaranteed = [](const json::object* container) {
    for (const ResourceKind kind : {ResourceKind::cpu, ResourceKind::memory}) {
      const auto limit = amount_in(*container, "limits", kind);
      if (!limit || *limit <= 0 || amount_in(*container, "requests", kind).value_or(*limit) != *limit) return false;
    }
    return true;
  };
  return std::all_of(pod.containers().begin(), pod.containers().end(), guaranteed) &&
         std::all_of(pod.init_containers().begin(), pod.init_containers().end(), guaranteed);
}

AgentResources annotated_resources(const PodView& pod, AgentResources defaults, std::vector<std::string>& warnings) {
  Annotated annotated(pod, warnings);
  annotated.apply("cpu", ResourceKind::cpu, least_cpu_limit, most_cpu, defaults.cpu_request, defaults.cpu_limit);
  annotated.apply("memory", ResourceKind::memory, least_memory_limit, most_memory, defaults.memory_request, defaults.memory_limit);
  return defaults;
}

std::variant<AgentResources, Skip> fit_resources(const PodView& pod, AgentResources wanted, const std::vector<LimitRangeItem>& limits) {
  // Pod-level resources (KEP-2837) bound the sum of the containers' requests and each container's limits; the agent's
  // share would be taken from the application's.
  if (object_of(pod.spec(), "resources")) return Skip{Reason::pod_resources, "the pod sets resources for the whole pod (spec.resources)"};
  const bool guaranteed = is_guaranteed(pod);
  Amounts cpu{wanted.cpu_request, wanted.cpu_limit}, memory{wanted.memory_request, wanted.memory_limit}, storage;
  if (auto why = fit(cpu, pod_amounts(pod, ResourceKind::cpu), ResourceKind::cpu, limits, least_cpu_limit, guaranteed))
    return Skip{Reason::limit_range, std::move(*why)};
  if (auto why = fit(memory, pod_amounts(pod, ResourceKind::memory), ResourceKind::memory, limits, least_memory_limit, guaranteed))
    return Skip{Reason::limit_range, std::move(*why)};
  const bool limited = named_by_pod(pod, "limits", ResourceKind::storage);
  if (limited || named_by_pod(pod, "requests", ResourceKind::storage)) {
    storage = {wanted.storage_request, wanted.storage_limit};
    // QoS looks at processor and memory alone.
    if (auto why = fit(storage, pod_amounts(pod, ResourceKind::storage), ResourceKind::storage, limits, least_storage_limit, false))
      return Skip{Reason::limit_range, std::move(*why)};
    if (!limited) storage.limit = 0;
  }
  return AgentResources{cpu.request, cpu.limit, memory.request, memory.limit, storage.request, storage.limit};
}

}  // namespace charon::injector
