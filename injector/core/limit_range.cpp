#include "injector/core/limit_range.hpp"

#include "injector/core/pod_view.hpp"
#include "lib/base/quantity.hpp"

#include <algorithm>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// A pebibyte, or 10^12 cores: sums of these stay far from overflow.
constexpr std::int64_t most = 1LL << 50;

Bounds bounds_of(const json::object& item, ResourceKind kind) {
  const std::string_view resource = name(kind);
  const auto amount = [&](std::string_view list) -> std::optional<std::int64_t> {
    const json::object* amounts = object_of(item, list);
    const json::value* found = amounts ? amounts->if_contains(resource) : nullptr;
    return found ? amount_of(*found, kind) : std::nullopt;
  };
  Bounds bounds{amount("min"), amount("max"), {}};
  // A ratio is a quantity too ("1500m" is 1.5): milli of it, whatever the resource.
  const json::object* ratios = object_of(item, "maxLimitRequestRatio");
  const json::value* ratio = ratios ? ratios->if_contains(resource) : nullptr;
  const auto milli = ratio ? amount_of(*ratio, ResourceKind::cpu) : std::nullopt;
  if (milli) bounds.limit_request_ratio = static_cast<double>(*milli) / 1000.0;
  return bounds;
}

}  // namespace

std::string_view name(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::cpu: return "cpu";
    case ResourceKind::memory: return "memory";
    case ResourceKind::storage: return "ephemeral-storage";
  }
  return "unknown";
}

const Bounds& LimitRangeItem::of(ResourceKind kind) const {
  return kind == ResourceKind::cpu ? cpu : kind == ResourceKind::memory ? memory : storage;
}

std::optional<std::int64_t> amount_of(const json::value& value, ResourceKind kind) {
  if (!value.is_string() && !value.is_number()) return std::nullopt;
  const auto parsed = parse_quantity(value.is_string() ? std::string(value.get_string()) : json::serialize(value));
  if (!parsed || parsed->milli < 0) return std::nullopt;
  return std::min(kind == ResourceKind::cpu ? parsed->milli : parsed->units(), most);
}

std::vector<LimitRangeItem> limit_range_items(const json::object& limit_range) {
  std::vector<LimitRangeItem> items;
  const json::object* spec = object_of(limit_range, "spec");
  const json::array* limits = spec ? array_of(*spec, "limits") : nullptr;
  if (!limits) return items;
  for (const json::value& value : *limits) {
    const json::object* item = value.if_object();
    const std::string_view type = item ? text_of(*item, "type") : std::string_view();
    if (type != "Container" && type != "Pod") continue;
    items.push_back({type == "Pod", bounds_of(*item, ResourceKind::cpu), bounds_of(*item, ResourceKind::memory), bounds_of(*item, ResourceKind::storage)});
  }
  return items;
}

}  // namespace charon::injector
