#pragma once
/// What the client and the watchers log: one function per event.
#include "lib/base/log.hpp"

#include <fmt/format.h>

namespace charon::kube::log_events {

inline void token_unreadable(const Log& log, std::string_view file) {
  log.error(fmt::format("Cannot read the token {}: the last one is used", file));
}
inline void tries_again(const Log& log, std::string_view method, std::string_view path, std::string_view reason, Duration wait) {
  log.debug(fmt::format("{} {} is tried again in {}: {}", method, path, format_duration(wait), reason));
}
inline void watch_synced(const Log& log, std::string_view what, std::size_t objects) { log.info(fmt::format("Listed {}: {} objects", what, objects)); }
inline void watch_waits(const Log& log, std::string_view what, std::string_view reason, Duration wait) {
  log.warn(fmt::format("Watch of {} goes on in {}: {}", what, format_duration(wait), reason));
}
inline void watch_pauses(const Log& log, std::string_view what, std::string_view reason, Duration wait) {
  log.debug(fmt::format("Watch of {} goes on in {}: {}", what, format_duration(wait), reason));
}
inline void watch_lists_again(const Log& log, std::string_view what, std::string_view reason) {
  log.info(fmt::format("Watch of {} lists again: {}", what, reason));
}
inline void watch_full(const Log& log, std::string_view what, std::size_t most) {
  log.error(fmt::format("Watch of {} holds {} objects, its bound: further ones are not seen", what, most));
}

}  // namespace charon::kube::log_events
