#pragma once
/// A pod as the API server sent it, read in place: what Charon does not know stays untouched.
#include "lib/base/error.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace charon::injector {

inline constexpr std::string_view agent_container_name = "charon-agent";

/// The controller that made a pod (its owner reference with `controller: true`).
struct Controller {
  std::string api_version, kind, name;
  auto operator<=>(const Controller&) const = default;
};

/// Views into a pod, valid as long as the pod is. Absent and null parents are null pointers.
class PodView {
 public:
  /// Errors: invalid_input where a field that Charon reads has another type than the API says.
  static Result<PodView> of(const boost::json::object& pod);

  std::optional<std::string_view> label(std::string_view name) const { return member(labels_, name); }
  std::optional<std::string_view> annotation(std::string_view name) const { return member(annotations_, name); }
  const boost::json::object& spec() const { return *spec_; }
  bool has_annotations() const { return annotations_ != nullptr; }
  /// Keys and values of all annotations, in bytes: what the API server bounds.
  std::size_t annotation_bytes() const;
  const std::vector<const boost::json::object*>& containers() const { return containers_; }
  const std::vector<const boost::json::object*>& init_containers() const { return init_containers_; }
  bool has_init_containers() const { return has_init_containers_; }
  bool has_volumes() const { return has_volumes_; }
  bool has_volume(std::string_view name) const;
  /// A container or init container of this name exists.
  bool has_container(std::string_view name) const;
  const std::optional<Controller>& controller() const { return controller_; }
  bool host_network() const;
  bool windows() const;
  /// Its containers resolve names of Services. ClusterFirst means the node's DNS on hostNetwork pods; what None stands
  /// for is in dnsConfig, and taken for the best.
  bool cluster_dns() const;
  /// Its containers are not started again when they end: restartPolicy Never or OnFailure.
  bool ends() const;

 private:
  static std::optional<std::string_view> member(const boost::json::object* object, std::string_view name);

  const boost::json::object* spec_ = nullptr;
  const boost::json::object* labels_ = nullptr;
  const boost::json::object* annotations_ = nullptr;
  std::vector<const boost::json::object*> containers_, init_containers_, volumes_;
  bool has_init_containers_ = false, has_volumes_ = false;
  std::optional<Controller> controller_;
};

/// A string member; empty where absent or of another type.
std::string_view text_of(const boost::json::object& object, std::string_view name);
/// An object member; null where absent or of another type.
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);
/// An array member; null where absent or of another type.
const boost::json::array* array_of(const boost::json::object& object, std::string_view name);

}  // namespace charon::injector
