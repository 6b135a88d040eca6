#include "injector/core/sidecar_patch.hpp"

#include "lib/base/json_patch.hpp"

namespace charon::injector {
namespace {

namespace json = boost::json;

/// Appends `elements` to the array at `path`, which may be missing.
void append(JsonPatch& patch, bool there, std::string_view path, json::array elements) {
  if (!there) {
    patch.add(path, std::move(elements));
    return;
  }
  for (json::value& element : elements) patch.add(json_pointer(std::string(path), "-"), std::move(element));
}

void set_status(JsonPatch& patch, const PodView& pod, std::string_view status) {
  const auto present = pod.annotation(status_annotation);
  if (present == status) return;
  const std::string path = json_pointer({"metadata", "annotations", status_annotation});
  if (!status_fits(pod, status)) {
    if (present) patch.remove(path);  // it says what is no longer true
    return;
  }
  if (!pod.has_annotations()) patch.add(json_pointer({"metadata", "annotations"}), json::object{{status_annotation, status}});
  else if (present) patch.replace(path, json::string(status));
  else patch.add(path, json::string(status));
}

}  // namespace

bool status_fits(const PodView& pod, std::string_view status) {
  const auto present = pod.annotation(status_annotation);
  const std::size_t others = pod.annotation_bytes() - (present ? status_annotation.size() + present->size() : 0);
  return others + status_annotation.size() + status.size() + spare_annotation_bytes <= max_annotation_bytes;
}

json::array status_patch(const PodView& pod, std::string_view status) {
  JsonPatch patch;
  set_status(patch, pod, status);
  return patch.operations();
}

json::array sidecar_patch(const PodView& pod, const AgentSettings& settings, const AgentPlan& plan, std::string_view status) {
  JsonPatch patch;
  append(patch, pod.has_volumes(), json_pointer({"spec", "volumes"}), agent_volumes());
  json::array container;
  container.push_back(agent_container(settings, plan));
  if (plan.native)
    append(patch, pod.has_init_containers(), json_pointer({"spec", "initContainers"}), std::move(container));
  else
    append(patch, true, json_pointer({"spec", "containers"}), std::move(container));
  set_status(patch, pod, status);
  return patch.operations();
}

}  // namespace charon::injector
