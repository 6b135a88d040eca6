#pragma once
/// The Deployment annotation charon.dev/follow: which tags a registry's notification may deploy.
///   v1.*                    any container of the pushed repository
///   app=v1.*,proxy=stable   by container
/// A glob: * any characters, ? one.
#include "coordinator/core/cluster_view.hpp"
#include "coordinator/core/registry_notification.hpp"

#include <map>
#include <string>

namespace charon::coordinator {

inline constexpr std::string_view follow_annotation = "charon.dev/follow";

bool glob_matches(std::string_view glob, std::string_view text);

/// Containers (name -> present image) whose image is of the pushed repository and that follow the tag. A registry has
/// several names (of its Service, of the host), so its domain is not compared: the secret's namespaces bind who may push
/// to whom. `follows`: whether any container follows the repository at all, whatever the tag.
std::map<std::string, std::string> followers(const DeploymentView& deployment, const ImagePush& push, bool& follows);

}  // namespace charon::coordinator
