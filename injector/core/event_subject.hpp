#pragma once
/// What an Event is about, and an identity that follows from what it says, so that replicas that see the same write it once.
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace charon::injector {

/// An owner reference, or an object's own coordinates.
struct EventSubject {
  std::string api_version, kind, ns, name, uid;
};

/// The pod's controller; empty where it has none.
std::optional<EventSubject> controller_of(const boost::json::object& object);

/// As far as an Event's builder asks: apiVersion, kind and metadata.
boost::json::object as_object(const EventSubject& subject);

/// The same for the same subject, reason and hour (how long API servers keep Events by default).
std::uint64_t event_identity(const EventSubject& subject, std::string_view reason, Time now);

}  // namespace charon::injector
