#pragma once
/// A collection kept current: list in pages, watch with bookmarks, resume at the last resourceVersion after a
/// disconnect, list again on 410 Gone. What to do next is decided in watch_state.hpp, without I/O.
#include "lib/kube/client.hpp"
#include "lib/kube/watch_state.hpp"

namespace charon::kube {

struct WatchHandlers {
  /// Added or changed. Objects come as the API server sent them; list items get the kind and apiVersion of watch events.
  /// An object that was deleted and created again under the same name is `removed` first.
  std::function<void(const boost::json::object&)> upsert;
  /// Gone: the last known object (from a DELETED event, or missing after a relist).
  std::function<void(const boost::json::object&)> removed;
  /// After every complete list: the view is whole.
  std::function<void()> synced;
};

/// Runs until cancelled, then returns; logs and backs off on errors. One strand owns it and calls the handlers.
boost::asio::awaitable<void> watch_forever(std::shared_ptr<Client> client, WatchConfig config, WatchHandlers handlers, Log log);

}  // namespace charon::kube
