#pragma once
/// The decisions of a watch, without I/O: what to ask the API server next, and what its answers change.
///
///   list (pages) -> synced -> watch -> watch again from the last resourceVersion -> ...
///     ^ 410 Gone, an unreadable event: list again, and what is missing from the list was removed meanwhile
///
/// The shell asks next(), does it, and hands back what came: listed(), line() and ended(). After kubernetes.io's
/// "Efficient detection of changes" and client-go's reflector.
#include "lib/base/backoff.hpp"
#include "lib/kube/request.hpp"

#include <functional>
#include <optional>
#include <random>
#include <unordered_map>
#include <variant>

namespace charon::kube {

struct WatchConfig {
  Resource resource;
  std::string ns;                 ///< empty: all namespaces
  std::string label_selector, field_selector;
  /// Reduces an object before it is kept for `removed` (memory). By default reduce_object. What it returns must hold
  /// metadata.namespace and metadata.name.
  std::function<boost::json::object(const boost::json::object&)> keep;
  std::size_t max_objects = 200'000;           ///< held at once; further objects are neither held nor told of, and logged
  std::size_t max_object_bytes = 4 << 20;      ///< of one watch event
  unsigned page = 250;                         ///< objects of one list request; halved where a page is too large
};

/// apiVersion, kind, metadata without managedFields, and spec.nodeName.
boost::json::object reduce_object(const boost::json::object& object);

struct WatchChange {
  enum class Kind { upsert, removed, synced };
  Kind kind = Kind::upsert;
  boost::json::object object;  ///< upsert: whole; removed: as DELETED brought it, else what was kept of it
};

class WatchState {
 public:
  struct List {
    HttpRequest request;
    std::string why;        ///< of a list that is not the first: for the log
  };
  struct Watch {
    HttpRequest request;
    Duration idle;          ///< nothing for so long: the connection is dead
  };
  struct Wait {
    Duration delay;
    std::string why;
    bool failed = true;     ///< false: an ordinary pause
  };
  using Action = std::variant<List, Watch, Wait>;
  using Changes = std::vector<WatchChange>;

  /// `seed` makes the jitter.
  WatchState(WatchConfig config, std::uint64_t seed);

  Action next();
  /// What a List brought.
  Changes listed(Result<boost::json::object> page);
  /// One line of a Watch. After one that ends the watch (ERROR, unreadable), done() is true and lines are ignored.
  Changes line(std::string_view text);
  bool done() const { return done_; }
  /// How a Watch ended.
  void ended(const Result<HttpResponse>& outcome);

  std::size_t size() const { return known_.size(); }
  /// True once, after max_objects was passed (again since the last list).
  bool take_overflow() { return std::exchange(overflowed_, false); }

 private:
  struct Known {
    boost::json::object kept;
    std::uint64_t seen;  ///< the list that last contained it
  };

  void upsert(boost::json::object object, Changes& changes);
  void remove(boost::json::object object, Changes& changes);
  void sweep(Changes& changes);
  void gone_or_failed(bool gone, const std::string& why);
  void list_again(std::string why);
  void back_off(std::string why);

  WatchConfig config_;
  std::mt19937_64 random_;
  Backoff backoff_{Duration{500}, Duration{30'000}};
  std::unordered_map<std::string, Known> known_;  ///< by namespace/name

  bool listing_ = true;
  unsigned page_;                    ///< objects of the next page
  unsigned pages_ = 0;               ///< of this list
  std::uint64_t list_ = 1;           ///< number of this list
  std::string continue_token_;
  std::string resource_version_;
  std::string why_;
  std::optional<Wait> wait_;
  bool done_ = false;                ///< the watch's further lines are not read
  bool heard_ = false;               ///< this watch brought something
  bool failing_ = false;             ///< the last thing that happened was a failure
  bool overflowed_ = false, overflow_told_ = false;
};

}  // namespace charon::kube
