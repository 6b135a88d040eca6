#include "lib/kube/watch_state.hpp"

#include <fmt/format.h>

namespace charon::kube {
namespace {

namespace json = boost::json;

constexpr unsigned max_pages = 10'000;          // of one list: a server that always continues is broken
constexpr Duration shortest_watch{300'000};     // as client-go: between 5 and 10 minutes, so that watches do not all end at once
// Bookmarks come each minute where the API server has a watch cache; without one (Events) silence may be just that. So
// after this long the watch is opened again where it was, which costs one request.
constexpr Duration bookmark_silence{150'000};

std::string_view text_at(const json::object& object, std::string_view outer, std::string_view name) {
  const json::value* parent = object.if_contains(outer);
  const json::value* value = parent && parent->is_object() ? parent->get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string_view text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string key_of(const json::object& object) {
  const std::string_view name = text_at(object, "metadata", "name");
  return name.empty() ? std::string() : fmt::format("{}/{}", text_at(object, "metadata", "namespace"), name);
}

/// Same name, another life: deleted and created again while nobody watched.
bool reborn(const json::object& before, const json::object& now) {
  const std::string_view a = text_at(before, "metadata", "uid"), b = text_at(now, "metadata", "uid");
  return !a.empty() && !b.empty() && a != b;
}

unsigned status_code(const json::object& status) {
  const json::value* code = status.if_contains("code");
  boost::system::error_code ec;
  const auto number = code ? code->to_number<unsigned>(ec) : 0U;
  return ec ? 0 : number;
}

}  // namespace

json::object reduce_object(const json::object& object) {
  json::object reduced;
  for (const std::string_view name : {"apiVersion", "kind"})
    if (const auto value = text_at(object, name); !value.empty()) reduced.emplace(name, value);
  if (const json::value* metadata = object.if_contains("metadata"); metadata && metadata->is_object()) {
    json::object kept;
    for (const auto& [name, value] : metadata->get_object())
      if (name != "managedFields") kept.emplace(name, value);
    reduced.emplace("metadata", std::move(kept));
  }
  if (const auto node = text_at(object, "spec", "nodeName"); !node.empty()) reduced.emplace("spec", json::object{{"nodeName", node}});
  return reduced;
}

WatchState::WatchState(WatchConfig config, std::uint64_t seed) : config_(std::move(config)), random_(seed), page_(config_.page) {
  if (!config_.keep) config_.keep = reduce_object;
}

WatchState::Action WatchState::next() {
  if (wait_) {
    Wait wait = std::move(*wait_);
    wait_.reset();
    return wait;
  }
  ListOptions options{config_.label_selector, config_.field_selector, page_, continue_token_};
  if (listing_) return List{list(config_.resource, config_.ns, options), std::exchange(why_, {})};
  done_ = heard_ = false;
  std::uniform_int_distribution<Duration::rep> extra(0, shortest_watch.count());
  const Duration timeout = shortest_watch + Duration{extra(random_)};
  return Watch{watch(config_.resource, config_.ns, options, resource_version_, timeout), bookmark_silence};
}

WatchState::Changes WatchState::listed(Result<json::object> page) {
  if (!page) {
    if (page.error().is(Errc::too_large) && page_ > 1) {
      page_ /= 2;  // the same page again, smaller: a continue token fits any limit
      return {};
    }
    // An expired continue token makes what was listed so far useless (410); after any other error the rest is listed.
    if (page.error().is(Errc::gone) || page.error().is(Errc::rejected)) list_again({});
    back_off(page.error().message());
    return {};
  }
  json::value* items = page->if_contains("items");
  const std::string_view version = text_at(*page, "metadata", "resourceVersion");
  if (!items || !(items->is_array() || items->is_null()) || version.empty() || ++pages_ > max_pages) {
    list_again({});
    back_off(pages_ > max_pages ? "the list does not end" : "the list has no items or no resourceVersion");
    return {};
  }
  Changes changes;
  // Items of built-in kinds come without the kind and apiVersion that watch events have.
  const std::string_view list_kind = text_at(*page, "kind"), api_version = text_at(*page, "apiVersion");
  if (items->is_array())
    for (json::value& item : items->get_array()) {
      if (!item.is_object()) continue;
      json::object& object = item.get_object();
      if (list_kind.ends_with("List") && !object.contains("kind")) object.emplace("kind", list_kind.substr(0, list_kind.size() - 4));
      if (!api_version.empty() && !object.contains("apiVersion")) object.emplace("apiVersion", api_version);
      upsert(std::move(object), changes);
    }
  continue_token_ = text_at(*page, "metadata", "continue");
  resource_version_ = version;
  if (!continue_token_.empty()) return changes;
  listing_ = false;
  sweep(changes);
  changes.push_back({WatchChange::Kind::synced, {}});
  return changes;
}

WatchState::Changes WatchState::line(std::string_view text) {
  if (done_ || text.find_first_not_of(" \r\t") == std::string_view::npos) return {};
  const auto unreadable = [this](std::string why) -> Changes {
    done_ = true;
    list_again({});  // what the event said is lost
    back_off(std::move(why));
    return {};
  };
  auto event = parse_json(text, config_.max_object_bytes);
  if (!event) return unreadable("watch event: " + event.error().message());
  if (!event->is_object()) return unreadable("watch event is not an object");
  json::value* inner = event->get_object().if_contains("object");
  const std::string_view type = text_at(event->get_object(), "type");
  if (!inner || !inner->is_object()) return unreadable("watch event has no object");
  json::object& object = inner->get_object();

  if (type == "ERROR") {
    done_ = true;
    const unsigned code = status_code(object);
    const std::string why = status_error(code == 0 ? 500 : code, json::serialize(object)).context;
    gone_or_failed(code == 410, why);
    return {};
  }
  const std::string_view version = text_at(object, "metadata", "resourceVersion");
  if (version.empty()) return unreadable("watch event without a resourceVersion");
  Changes changes;
  const std::string new_version(version);
  if (type == "ADDED" || type == "MODIFIED") upsert(std::move(object), changes);
  else if (type == "DELETED") remove(std::move(object), changes);
  else if (type != "BOOKMARK") return unreadable(fmt::format("watch event of unknown type '{}'", type.substr(0, 32)));
  resource_version_ = new_version;
  heard_ = true;
  failing_ = false;
  backoff_.reset();
  return changes;
}

void WatchState::ended(const Result<HttpResponse>& outcome) {
  if (std::exchange(done_, true)) return;  // decided by the line that ended it
  if (!outcome) {
    if (outcome.error().is(Errc::too_large)) list_again({});  // the same event would come again
    if (heard_ && outcome.error().is(Errc::unavailable)) return;  // cut off in the middle: resume at once
    if (outcome.error().is(Errc::timeout) && !failing_) return;   // silence; a server that is gone fails the next connect
    return back_off(outcome.error().message());
  }
  if (outcome->status == 200) {
    backoff_.reset();
    failing_ = false;
    if (!heard_) wait_ = Wait{backoff_.next(random_), "the watch ended without an event", false};  // a server that closes at once
    return;
  }
  const Error error = status_error(outcome->status, outcome->body);
  // Rejected: a resourceVersion it does not take; not found: a kind that was removed. Others keep their place.
  if (error.is(Errc::gone) || error.is(Errc::rejected) || error.is(Errc::not_found)) return gone_or_failed(error.is(Errc::gone), error.context);
  back_off(error.message());
}

void WatchState::upsert(json::object object, Changes& changes) {
  std::string key = key_of(object);
  if (key.empty()) return;
  const auto known = known_.find(key);
  if (known == known_.end()) {
    if (known_.size() >= config_.max_objects) {
      overflowed_ = overflowed_ || !std::exchange(overflow_told_, true);
      return;
    }
    known_.emplace(std::move(key), Known{config_.keep(object), list_});
  } else {
    json::object kept = config_.keep(object);
    std::swap(known->second.kept, kept);
    known->second.seen = list_;
    if (reborn(kept, object)) changes.push_back({WatchChange::Kind::removed, std::move(kept)});
  }
  changes.push_back({WatchChange::Kind::upsert, std::move(object)});
}

void WatchState::remove(json::object object, Changes& changes) {
  if (known_.erase(key_of(object)) > 0) changes.push_back({WatchChange::Kind::removed, std::move(object)});
}

void WatchState::sweep(Changes& changes) {
  for (auto it = known_.begin(); it != known_.end();) {
    if (it->second.seen == list_) {
      ++it;
      continue;
    }
    changes.push_back({WatchChange::Kind::removed, std::move(it->second.kept)});
    it = known_.erase(it);
  }
}

void WatchState::gone_or_failed(bool gone, const std::string& why) {
  const bool at_once = gone && !failing_;  // a server that says 410 after each list must not be asked in a tight loop
  list_again(at_once ? why : std::string());
  if (!at_once) back_off(why);
  failing_ = true;
}

void WatchState::list_again(std::string why) {
  listing_ = true;
  ++list_;
  pages_ = 0;
  continue_token_.clear();
  overflow_told_ = false;
  why_ = std::move(why);
}

void WatchState::back_off(std::string why) {
  failing_ = true;
  wait_ = Wait{backoff_.next(random_), std::move(why), true};
}

}  // namespace charon::kube
