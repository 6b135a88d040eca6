#pragma once
/// Reading values out of raw API objects: absent, null and wrongly typed all read as the default, since the API server
/// validated the objects and an older or newer one may leave fields out.
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace charon::coordinator {

using Path = std::initializer_list<std::string_view>;

inline const boost::json::value* find(const boost::json::object& in, Path path) {
  const boost::json::object* at = &in;
  const boost::json::value* found = nullptr;
  for (const std::string_view name : path) {
    if (!at) return nullptr;
    found = at->if_contains(name);
    if (!found) return nullptr;
    at = found->if_object();
  }
  return found;
}
inline std::string text_at(const boost::json::object& in, Path path) {
  const auto* found = find(in, path);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}
inline std::int64_t number_at(const boost::json::object& in, Path path, std::int64_t otherwise = 0) {
  const auto* found = find(in, path);
  if (!found || !found->is_number()) return otherwise;
  boost::system::error_code ec;
  const auto number = found->to_number<std::int64_t>(ec);
  return ec ? otherwise : number;
}
inline bool flag_at(const boost::json::object& in, Path path) {
  const auto* found = find(in, path);
  return found && found->is_bool() && found->get_bool();
}
inline std::optional<Time> time_at(const boost::json::object& in, Path path) {
  const auto* found = find(in, path);
  if (!found || !found->is_string()) return std::nullopt;
  const auto time = parse_time(found->get_string());
  return time ? std::optional<Time>(*time) : std::nullopt;
}
/// A shared empty one where there is none.
inline const boost::json::object& object_at(const boost::json::object& in, Path path) {
  static const boost::json::object empty;
  const auto* found = find(in, path);
  return found && found->is_object() ? found->get_object() : empty;
}
inline const boost::json::array& array_at(const boost::json::object& in, Path path) {
  static const boost::json::array empty;
  const auto* found = find(in, path);
  return found && found->is_array() ? found->get_array() : empty;
}

}  // namespace charon::coordinator
