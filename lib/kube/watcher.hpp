#pragma once
/// A collection kept current: list in pages, watch with bookmarks, resume at the last resourceVersion after a
/// disconnect, list again on 410 Gone. What to do next is decided in watch_state.hpp, without I/O.
#include "lib/kube/client.hpp"

namespace charon::kube {

struct WatchHandlers {
  /// Added or changed. Objects come as the API server sent them.
  std::function<void(const boost::json::object&)> upsert;
  /// Gone: the last known object (from a DELETED event, or missing after a relist).
  std::function<void(const boost::json::object&)> removed;
  /// After every complete list: the view is whole.
  std::function<void()> synced;
};

struct WatchConfig {
  Resource resource;
  std::string ns;                 ///< empty: all namespaces
  std::string label_selector, field_selector;
  /// Reduces an object before it is kept for `removed` (memory): by default metadata and spec.nodeName only.
  std::function<boost::json::object(const boost::json::object&)> keep;
};

/// Runs until cancelled; logs and backs off on errors. One strand owns it and calls the handlers.
boost::asio::awaitable<void> watch_forever(std::shared_ptr<Client> client, WatchConfig config, WatchHandlers handlers, Log log);

}  // namespace charon::kube
