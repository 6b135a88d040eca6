#include "coordinator/core/release.hpp"

#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/json_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace charon::coordinator {
namespace {

constexpr std::array lists{"containers", "initContainers"};

void erase_from(boost::json::object& parent, std::string_view child, std::initializer_list<std::string_view> keys) {
  const auto at = parent.find(child);
  if (at == parent.end() || !at->value().is_object()) return;
  auto& object = at->value().get_object();
  for (const auto key : keys) object.erase(key);
  if (object.empty()) parent.erase(child);
}

void append_canonical(const boost::json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    std::vector<std::string_view> keys;
    for (const auto& member : *object) keys.push_back(member.key());
    std::sort(keys.begin(), keys.end());
    out += '{';
    for (const auto key : keys) {
      out += boost::json::serialize(boost::json::string(key)) + ":";
      append_canonical(object->at(key), out);
      out += ',';
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& element : *array) {
      append_canonical(element, out);
      out += ',';
    }
    out += ']';
  } else {
    out += boost::json::serialize(value);
  }
}

using Containers = std::map<std::string, boost::json::object>;

Containers containers_by_name(const boost::json::object& pod_template) {
  Containers out;
  for (const auto* list : lists)
    for (const auto& element : array_at(pod_template, {"spec", list}))
      if (const auto* c = element.if_object()) out[text_at(*c, {"name"})] = *c;
  return out;
}

boost::json::object without_containers(boost::json::object pod_template) {
  if (auto* spec = pod_template.if_contains("spec"); spec && spec->is_object())
    for (const auto* list : lists) spec->get_object().erase(list);
  return pod_template;
}

}  // namespace

boost::json::object normalised(const boost::json::object& pod_template) {
  boost::json::object out = pod_template;
  if (auto* metadata = out.if_contains("metadata"); metadata && metadata->is_object()) {
    auto& m = metadata->get_object();
    m.erase("creationTimestamp");
    erase_from(m, "labels", {"pod-template-hash"});
    erase_from(m, "annotations", {"kubectl.kubernetes.io/restartedAt", "charon.dev/status"});
  }
  if (auto* spec = out.if_contains("spec"); spec && spec->is_object())
    for (const auto* list : lists)
      if (auto* found = spec->get_object().if_contains(list); found && found->is_array()) {
        auto& array = found->get_array();
        for (auto at = array.begin(); at != array.end();)
          at = at->is_object() && text_at(at->get_object(), {"name"}) == agent_container ? array.erase(at) : at + 1;
        if (array.empty()) spec->get_object().erase(list);
      }
  return out;
}

TemplateHash template_hash(const boost::json::object& normalised_template) {
  std::string text;
  append_canonical(normalised_template, text);
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return TemplateHash(fmt::format("{:016x}", hash));
}

std::map<std::string, std::string> images_of(const boost::json::object& pod_template) {
  std::map<std::string, std::string> out;
  for (const auto& [name, container] : containers_by_name(pod_template))
    if (name != agent_container) out[name] = text_at(container, {"image"});
  return out;
}

std::vector<std::string> containers_of(const boost::json::object& pod_template) {
  std::vector<std::string> out;
  for (const auto* list : lists)
    for (const auto& element : array_at(pod_template, {"spec", list}))
      if (const auto* c = element.if_object(); c && text_at(*c, {"name"}) != agent_container) out.push_back(text_at(*c, {"name"}));
  return out;
}

std::map<std::string, Digest> digests_of(const PodView& pod) {
  std::map<std::string, Digest> out;
  for (const ContainerView& c : pod.containers) {
    if (c.name == agent_container || c.image_id.empty()) continue;
    std::string_view id = c.image_id;
    for (const std::string_view scheme : {"docker-pullable://", "docker://"})
      if (id.starts_with(scheme)) id.remove_prefix(scheme.size());
    const ImageReference running = parse_image(id);
    if (running.digest.value.starts_with("sha256:") && same_repository(running, parse_image(c.image))) out[c.name] = running.digest;
  }
  return out;
}

ReleaseDifference difference(const boost::json::object& from, const boost::json::object& to) {
  ReleaseDifference out;
  const Containers before = containers_by_name(from), after = containers_by_name(to);
  if (without_containers(from) != without_containers(to)) {
    out.images_only = false;
    for (const auto& [name, container] : after) out.containers.insert(name);
  }
  for (const auto& [name, container] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      out.images_only = false;
      out.containers.insert(name);
      continue;
    }
    if (old->second == container) continue;
    out.containers.insert(name);
    boost::json::object a = old->second, b = container;
    if (text_at(a, {"image"}) != text_at(b, {"image"})) out.images[name] = text_at(b, {"image"});
    a.erase("image");
    b.erase("image");
    if (a != b) out.images_only = false;
  }
  for (const auto& [name, container] : before)
    if (!after.contains(name)) {
      out.images_only = false;
      out.containers.insert(name);
    }
  return out;
}

}  // namespace charon::coordinator
