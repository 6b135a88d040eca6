// Lines and lists from an API server: the first line is a list page, the following ones are watch events. Whatever comes,
// the watch goes on, holds no more than its bound, and tells of removals only for objects it told of before.
#include "lib/kube/watch_state.hpp"

#include <cstdlib>
#include <set>

namespace {

using namespace charon;
using namespace charon::kube;

void check(bool holds) {
  if (!holds) std::abort();
}

std::string key(const boost::json::object& object) {
  const auto& metadata = object.at("metadata").as_object();
  const auto* ns = metadata.if_contains("namespace");
  return (ns && ns->is_string() ? std::string(ns->get_string()) : "") + "/" + std::string(metadata.at("name").as_string());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view left(reinterpret_cast<const char*>(data), size);
  WatchConfig config;
  config.resource = pods;
  config.max_objects = 4;
  config.max_object_bytes = 4096;
  WatchState state(config, 1);
  std::set<std::string> told;
  const auto follow = [&](const WatchState::Changes& changes) {
    for (const WatchChange& change : changes) {
      if (change.kind == WatchChange::Kind::upsert) told.insert(key(change.object));
      if (change.kind == WatchChange::Kind::removed) check(told.erase(key(change.object)) == 1);
    }
    check(told.size() == state.size() && told.size() <= config.max_objects);
  };
  for (int steps = 0; steps < 64 && !left.empty(); ++steps) {
    const auto action = state.next();
    const auto take = [&left] {
      const std::string_view line = left.substr(0, left.find('\n'));
      left.remove_prefix(std::min(line.size() + 1, left.size()));
      return line;
    };
    if (std::holds_alternative<WatchState::List>(action)) {
      follow(state.listed(read_response({200, {}, std::string(take())})));
    } else if (std::holds_alternative<WatchState::Watch>(action)) {
      for (int lines = 0; lines < 8 && !state.done() && !left.empty(); ++lines) follow(state.line(take()));
      state.ended(HttpResponse{left.size() % 3 == 0 ? 410U : 200U, {}, {}});
    }
  }
  return 0;
}
