#pragma once
/// A core/v1 Event whose name follows from what it says, so that replicas that see the same write it once.
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>

namespace charon::injector {

/// What an Event is about: an owner reference, or an object's own coordinates.
struct EventSubject {
  std::string api_version, kind, ns, name, uid;
};

/// The pod's controller; empty where it has none.
std::optional<EventSubject> controller_of(const boost::json::object& object);

boost::json::object workload_event(const EventSubject& about, std::string_view reason, std::string_view message, bool warning, Time now);

}  // namespace charon::injector
