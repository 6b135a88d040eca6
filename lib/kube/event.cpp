#include "lib/kube/event.hpp"

#include <fmt/format.h>

namespace charon::kube {
namespace {

namespace json = boost::json;

constexpr std::size_t max_name = 253;  // of any object (RFC 1123 subdomain)
constexpr std::string_view component = "charon";

/// At most `bytes` of it, not cut within a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string_view member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

const json::object& metadata_of(const json::object& object) {
  static const json::object none;
  const json::value* metadata = object.if_contains("metadata");
  return metadata && metadata->is_object() ? metadata->get_object() : none;
}

}  // namespace

std::string event_namespace(const json::object& object) {
  const std::string_view ns = member(metadata_of(object), "namespace");
  return ns.empty() ? "default" : std::string(ns);
}

json::object make_event(const json::object& object, const EventText& text, Time now, std::uint64_t unique) {
  const json::object& metadata = metadata_of(object);
  json::object involved;
  for (const std::string_view name : {"apiVersion", "kind"})
    if (const auto value = member(object, name); !value.empty()) involved.emplace(name, value);
  for (const std::string_view name : {"namespace", "name", "uid", "resourceVersion"})
    if (const auto value = member(metadata, name); !value.empty()) involved.emplace(name, value);

  const std::string suffix = fmt::format(".{:x}", unique);
  const std::string name = std::string(cut(member(metadata, "name"), max_name - suffix.size())) + suffix;
  const std::string when = format_time(now);
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", json::object{{"name", name}, {"namespace", event_namespace(object)}}},
          {"involvedObject", std::move(involved)},
          {"reason", cut(text.reason, 128)},
          {"message", cut(text.message, 1024)},
          {"type", text.type == EventType::warning ? "Warning" : "Normal"},
          {"source", json::object{{"component", component}}},
          {"reportingComponent", component},
          {"reportingInstance", component},
          {"firstTimestamp", when},
          {"lastTimestamp", when},
          {"count", 1}};
}

}  // namespace charon::kube
