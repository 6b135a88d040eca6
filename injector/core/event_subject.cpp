#include "injector/core/event_subject.hpp"

#include "injector/core/pod_view.hpp"

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

json::object as_object(const EventSubject& subject) {
  json::object metadata{{"name", subject.name}, {"namespace", subject.ns}};
  if (!subject.uid.empty()) metadata["uid"] = subject.uid;
  return {{"apiVersion", subject.api_version}, {"kind", subject.kind}, {"metadata", std::move(metadata)}};
}

std::uint64_t event_identity(const EventSubject& subject, std::string_view reason, Time now) {
  const auto hour = std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count();
  return hash_of(fmt::format("{}/{}/{}/{}", subject.uid, subject.kind, reason, hour));
}

}  // namespace charon::injector
