#pragma once
/// Kubernetes Events (core/v1), what `kubectl describe` shows under an object.
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace charon::kube {

enum class EventType { normal, warning };

struct EventText {
  EventType type = EventType::normal;
  std::string_view reason;   ///< one CamelCase word, at most 128 bytes: "RolledBack"
  std::string_view message;  ///< cut to 1024 bytes, the API server's bound
};

/// An Event about `object` (which must carry apiVersion, kind and metadata), to be created in event_namespace(object).
/// `unique` makes the name `<object's name>.<hex>`: a counter or time that does not come twice.
boost::json::object make_event(const boost::json::object& object, const EventText& text, Time now, std::uint64_t unique);

/// The object's namespace; "default" for cluster-scoped objects.
std::string event_namespace(const boost::json::object& object);

}  // namespace charon::kube
