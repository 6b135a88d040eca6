#pragma once
/// Which pods get an agent (docs/design.md, "Names people type").
#include "injector/core/pod_view.hpp"
#include "injector/core/skip_reason.hpp"

namespace charon::injector {

inline constexpr std::string_view namespace_label = "charon.dev/injection";
inline constexpr std::string_view pod_label = "charon.dev/inject";

/// The label truth table alone. Empty result: the labels ask for an agent.
///
/// | namespace \ pod | "true" | absent | "false" | other |
/// |---|---|---|---|---|
/// | `enabled`  | inject | inject | no | no, said |
/// | absent     | inject | no     | no | no, said |
/// | `disabled` | no     | no     | no | no |
/// | other      | no, said | no, said | no | no, said |
/// "Said" is Reason::label_value. The chart's selectors ask the injector only where a namespace is `enabled`, and where the
/// label is absent and the pod says "true": elsewhere in the table nobody is called, and nothing can be said.
std::optional<Skip> by_labels(std::optional<std::string_view> namespace_value, std::optional<std::string_view> pod_value);

struct PolicyInput {
  std::string_view ns;
  std::optional<std::string_view> namespace_value;  ///< of the label charon.dev/injection
  bool native_sidecars = false;
  std::string_view coordinator;                     ///< https://host:port
};

/// Everything about which pods, labels included. Empty result: inject.
std::optional<Skip> by_policy(const PodView& pod, const PolicyInput& input);

}  // namespace charon::injector
