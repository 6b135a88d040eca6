#pragma once
/// JSON patches (RFC 6902) on the raw pod. They add: parents only where they are missing, elements at the end of arrays;
/// nothing is replaced or removed but Charon's own status annotation.
#include "injector/core/injection_status.hpp"

namespace charon::injector {

/// All annotations of an object together, keys and values (ValidateAnnotations in k8s.io/apimachinery).
inline constexpr std::size_t max_annotation_bytes = 256 * 1024;
/// Left free of it for those who annotate the pod after us: other webhooks, network plugins.
inline constexpr std::size_t spare_annotation_bytes = 2048;

/// Whether the pod's annotations have room for this status. Without it the patches below leave the status away, since the
/// API server would refuse the pod, and remove one of an earlier pass.
bool status_fits(const PodView& pod, std::string_view status);

/// Volumes, container and status.
boost::json::array sidecar_patch(const PodView& pod, const AgentSettings& settings, const AgentPlan& plan, std::string_view status);

/// The status alone; empty where the pod says so already.
boost::json::array status_patch(const PodView& pod, std::string_view status);

}  // namespace charon::injector
