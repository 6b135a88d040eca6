#pragma once
/// What a registry says was pushed: the notification envelope of Docker Distribution
/// (distribution/distribution, docs "notifications"; media type application/vnd.docker.distribution.events.v1+json).
#include "lib/base/error.hpp"
#include "lib/base/ids.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace charon::coordinator {

inline constexpr std::size_t max_registry_events = 100;  ///< of one envelope; the registry sends one as a rule

/// A tag that now names this manifest.
struct ImagePush {
  std::string host;        ///< of the registry as the pusher named it, with the port: "10.0.0.1:5000"; may be empty
  std::string repository;  ///< within the registry: "shop/test-app"
  std::string tag;
  Digest digest;

  /// "shop/test-app:v1.1"
  std::string name() const { return repository + ":" + tag; }
};

struct RegistryNotification {
  std::vector<ImagePush> pushes;  ///< in the envelope's order
  std::size_t ignored = 0;        ///< events that push no tagged manifest: pulls, deletes, mounts, blobs, untagged manifests
  std::vector<std::string> refused;  ///< events with bad fields, and why. A registry repeats a refused envelope for ever and
                                     ///< sends nothing else meanwhile, so one bad event must not refuse its envelope.
};

/// `body`: the envelope, at most `max_bytes`. Errors: invalid_input (no envelope at all), too_large (more events than
/// max_registry_events, or bytes).
Result<RegistryNotification> read_registry_notification(std::string_view body, std::size_t max_bytes);

}  // namespace charon::coordinator
