#include "injector/core/pod_view.hpp"

#include <algorithm>

namespace charon::injector {
namespace {

namespace json = boost::json;

Error wrong_type(std::string_view path, std::string_view expected) {
  return fail(Errc::invalid_input, std::string(path) + ": expected " + std::string(expected));
}

Result<const json::object*> object_or_absent(const json::object& in, std::string_view name, std::string_view path) {
  const json::value* found = in.if_contains(name);
  if (!found || found->is_null()) return nullptr;
  if (!found->is_object()) return wrong_type(path, "an object");
  return &found->get_object();
}

/// The objects of an array; `present` tells an empty array from none.
Result<std::vector<const json::object*>> objects(const json::object& in, std::string_view name, std::string_view path, bool& present) {
  std::vector<const json::object*> out;
  const json::value* found = in.if_contains(name);
  present = found && !found->is_null();
  if (!present) return out;
  if (!found->is_array()) return wrong_type(path, "an array");
  for (const json::value& element : found->get_array()) {
    if (!element.is_object()) return wrong_type(path, "an array of objects");
    out.push_back(&element.get_object());
  }
  return out;
}

bool named(const std::vector<const json::object*>& objects, std::string_view name) {
  return std::any_of(objects.begin(), objects.end(), [&](const json::object* object) { return text_of(*object, "name") == name; });
}

}  // namespace

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found ? found->if_object() : nullptr;
}

const json::array* array_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found ? found->if_array() : nullptr;
}

Result<PodView> PodView::of(const json::object& pod) {
  PodView view;
  const auto spec = object_or_absent(pod, "spec", "spec");
  if (!spec) return spec.error();
  if (!*spec) return wrong_type("spec", "an object");
  view.spec_ = *spec;

  const auto metadata = object_or_absent(pod, "metadata", "metadata");
  if (!metadata) return metadata.error();
  if (!*metadata) return wrong_type("metadata", "an object");
  const auto labels = object_or_absent(**metadata, "labels", "metadata.labels");
  if (!labels) return labels.error();
  view.labels_ = *labels;
  const auto annotations = object_or_absent(**metadata, "annotations", "metadata.annotations");
  if (!annotations) return annotations.error();
  view.annotations_ = *annotations;

  bool present = false;
  auto containers = objects(**spec, "containers", "spec.containers", present);
  if (!containers) return containers.error();
  if (containers->empty()) return wrong_type("spec.containers", "at least one container");
  view.containers_ = std::move(*containers);
  auto init = objects(**spec, "initContainers", "spec.initContainers", view.has_init_containers_);
  if (!init) return init.error();
  view.init_containers_ = std::move(*init);
  auto volumes = objects(**spec, "volumes", "spec.volumes", view.has_volumes_);
  if (!volumes) return volumes.error();
  view.volumes_ = std::move(*volumes);

  const auto owners = objects(**metadata, "ownerReferences", "metadata.ownerReferences", present);
  if (!owners) return owners.error();
  for (const json::object* owner : *owners) {
    const json::value* controller = owner->if_contains("controller");
    if (controller && controller->is_bool() && controller->get_bool())
      view.controller_ = Controller{std::string(text_of(*owner, "apiVersion")), std::string(text_of(*owner, "kind")),
                                    std::string(text_of(*owner, "name"))};
  }
  return view;
}

std::optional<std::string_view> PodView::member(const json::object* object, std::string_view name) {
  const json::value* found = object ? object->if_contains(name) : nullptr;
  if (!found || !found->is_string()) return std::nullopt;
  return std::string_view(found->get_string());
}

std::size_t PodView::annotation_bytes() const {
  std::size_t bytes = 0;
  if (!annotations_) return bytes;
  for (const auto& [key, value] : *annotations_) bytes += key.size() + (value.is_string() ? value.get_string().size() : 0);
  return bytes;
}

bool PodView::has_volume(std::string_view name) const { return named(volumes_, name); }

bool PodView::has_container(std::string_view name) const { return named(containers_, name) || named(init_containers_, name); }

bool PodView::host_network() const {
  const json::value* found = spec_->if_contains("hostNetwork");
  return found && found->is_bool() && found->get_bool();
}

bool PodView::cluster_dns() const {
  const std::string_view policy = text_of(*spec_, "dnsPolicy");
  if (policy == "Default") return false;
  return !host_network() || policy == "ClusterFirstWithHostNet" || policy == "None";
}

bool PodView::ends() const {
  const std::string_view policy = text_of(*spec_, "restartPolicy");
  return policy == "Never" || policy == "OnFailure";
}

bool PodView::windows() const {
  if (const json::object* os = object_of(*spec_, "os"); os && text_of(*os, "name") == "windows") return true;
  const json::object* selector = object_of(*spec_, "nodeSelector");
  return selector && text_of(*selector, "kubernetes.io/os") == "windows";
}

}  // namespace charon::injector
