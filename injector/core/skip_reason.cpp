#include "injector/core/skip_reason.hpp"

namespace charon::injector {

std::string_view name(Reason reason) {
  for (const auto& [value, text] : names_of(reason))
    if (value == reason) return text;
  return "Unknown";
}

bool writes_status(Reason reason) {
  switch (reason) {
    case Reason::opted_out:
    case Reason::not_selected:
    case Reason::system_namespace:
    case Reason::charon_itself:
    case Reason::mirror_pod:
    case Reason::has_agent:
    case Reason::malformed: return false;
    default: return true;
  }
}

bool deserves_event(Reason reason) {
  // Jobs and bare pods in a labelled namespace are left out by design: an Event each would be noise.
  return writes_status(reason) && reason != Reason::controller_kind && reason != Reason::job;
}

}  // namespace charon::injector
