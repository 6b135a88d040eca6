#pragma once
/// The controller of pods, as a key: what a pod's owner reference and an Event's involvedObject have in common.
#include <compare>
#include <string>

namespace charon::injector {

struct WorkloadKey {
  std::string ns, kind, name;
  auto operator<=>(const WorkloadKey&) const = default;
};

}  // namespace charon::injector
