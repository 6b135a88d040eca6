#include "injector/core/sidecar_patch.hpp"

namespace charon::injector {
namespace {

namespace json = boost::json;

json::object operation(std::string_view op, std::string_view path, json::value value) {
  return {{"op", op}, {"path", path}, {"value", std::move(value)}};
}

/// Appends `elements` to the array at `path`, which may be missing.
void append(json::array& patch, bool there, std::string_view path, json::array elements) {
  if (!there) {
    patch.push_back(operation("add", path, std::move(elements)));
    return;
  }
  for (json::value& element : elements) patch.push_back(operation("add", std::string(path) + "/-", std::move(element)));
}

}  // namespace

json::array status_patch(const PodView& pod, std::string_view status) {
  const auto present = pod.annotation(status_annotation);
  json::array patch;
  if (present == status) return patch;
  // RFC 6901: the slash of "charon.dev/status" is ~1.
  constexpr std::string_view path = "/metadata/annotations/charon.dev~1status";
  if (!pod.has_annotations())
    patch.push_back(operation("add", "/metadata/annotations", json::object{{status_annotation, status}}));
  else
    patch.push_back(operation(present ? "replace" : "add", path, json::value(json::string(status))));
  return patch;
}

json::array sidecar_patch(const PodView& pod, const AgentSettings& settings, const AgentPlan& plan, std::string_view status) {
  json::array patch;
  append(patch, pod.has_volumes(), "/spec/volumes", agent_volumes());
  json::array container;
  container.push_back(agent_container(settings, plan));
  if (plan.native)
    append(patch, pod.has_init_containers(), "/spec/initContainers", std::move(container));
  else
    append(patch, true, "/spec/containers", std::move(container));
  for (json::value& op : status_patch(pod, status)) patch.push_back(std::move(op));
  return patch;
}

}  // namespace charon::injector
