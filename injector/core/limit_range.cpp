#include "injector/core/limit_range.hpp"

#include "injector/core/pod_view.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// A pebibyte, or 10^12 cores: sums of these stay far from overflow.
constexpr double most = static_cast<double>(1LL << 50);

constexpr std::array<std::pair<std::string_view, double>, 14> suffixes{{{"", 1},
                                                                        {"n", 1e-9},
                                                                        {"u", 1e-6},
                                                                        {"m", 1e-3},
                                                                        {"k", 1e3},
                                                                        {"M", 1e6},
                                                                        {"G", 1e9},
                                                                        {"T", 1e12},
                                                                        {"P", 1e15},
                                                                        {"Ki", 1024.0},
                                                                        {"Mi", 1048576.0},
                                                                        {"Gi", 1073741824.0},
                                                                        {"Ti", 1099511627776.0},
                                                                        {"Pi", 1125899906842624.0}}};

std::optional<double> quantity(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, number);
  if (ec != std::errc{} || !std::isfinite(number)) return std::nullopt;
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  for (const auto& [name, factor] : suffixes)
    if (name == suffix) return number * factor;
  return std::nullopt;
}

Bounds bounds_of(const json::object& item, std::string_view resource, ResourceKind kind) {
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

std::optional<std::int64_t> amount_of(const json::value& value, ResourceKind kind) {
  std::optional<double> amount;
  if (value.is_string()) {
    amount = quantity(value.get_string());
  } else if (value.is_number()) {
    boost::system::error_code ec;
    const double number = value.to_number<double>(ec);
    if (!ec && std::isfinite(number)) amount = number;
  }
  if (!amount || *amount < 0) return std::nullopt;
  const double scaled = std::ceil(*amount * (kind == ResourceKind::cpu ? 1000.0 : 1.0) - 1e-6);
  return static_cast<std::int64_t>(std::min(scaled, most));
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
    items.push_back({type == "Pod", bounds_of(*item, "cpu", ResourceKind::cpu), bounds_of(*item, "memory", ResourceKind::memory)});
  }
  return items;
}

}  // namespace charon::injector
