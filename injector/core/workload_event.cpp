#include "injector/core/workload_event.hpp"

#include "injector/core/pod_view.hpp"
#include "injector/core/utf8_prefix.hpp"

#include <fmt/format.h>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace

std::optional<EventSubject> controller_of(const json::object& object) {
  const json::object* metadata = object_of(object, "metadata");
  const json::array* owners = metadata ? array_of(*metadata, "ownerReferences") : nullptr;
  if (!owners) return std::nullopt;
  for (const json::value& value : *owners) {
    const json::object* owner = value.if_object();
    const json::value* controller = owner ? owner->if_contains("controller") : nullptr;
    if (controller && controller->is_bool() && controller->get_bool())
      return EventSubject{std::string(text_of(*owner, "apiVersion")), std::string(text_of(*owner, "kind")), std::string(text_of(*metadata, "namespace")),
                          std::string(text_of(*owner, "name")), std::string(text_of(*owner, "uid"))};
  }
  return std::nullopt;
}

json::object workload_event(const EventSubject& about, std::string_view reason, std::string_view message, bool warning, Time now) {
  const std::string when = format_time(now);
  // An hour is how long API servers keep Events by default: the same one may be told again after it.
  const auto hour = std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count();
  const std::uint64_t hash = hash_of(fmt::format("{}/{}/{}/{}", about.uid, about.kind, reason, hour));
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", json::object{{"name", fmt::format("{}.{:016x}", about.name.substr(0, 200), hash)}, {"namespace", about.ns}}},
          {"involvedObject",
           json::object{{"apiVersion", about.api_version}, {"kind", about.kind}, {"namespace", about.ns}, {"name", about.name}, {"uid", about.uid}}},
          {"reason", reason},
          {"message", utf8_prefix(message, 1000)},
          {"type", warning ? "Warning" : "Normal"},
          {"source", json::object{{"component", "charon-injector"}}},
          {"reportingComponent", "charon-injector"},
          {"firstTimestamp", when},
          {"lastTimestamp", when},
          {"count", 1}};
}

}  // namespace charon::injector
