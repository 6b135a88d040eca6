#pragma once
/// Whether the agent's container of a pod came up, told from the pod's status.
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <string>

namespace charon::injector {

enum class AgentStart {
  none,      ///< no agent of this image in this pod
  starting,  ///< nothing known yet
  stuck,     ///< its image cannot be pulled, or its container not be created or started
  running,
};

struct AgentStartState {
  AgentStart start = AgentStart::none;
  std::string reason;  ///< stuck: the kubelet's word, such as ImagePullBackOff
  Time started{};      ///< running: since when
};

/// `image`: the one that new pods get, as the pod names it. A container of the agent's name with another image, of a release
/// before or of somebody else's, says nothing of the next pods.
AgentStartState agent_start(const boost::json::object& pod, std::string_view image);

}  // namespace charon::injector
