#pragma once
/// What the HTTP server logs: one function per event.
#include "lib/base/log.hpp"

#include <fmt/format.h>

namespace charon::net::events {

inline void handler_threw(const Log& log, std::string_view method, std::string_view path, std::string_view what) {
  log.error(fmt::format("Bug: the handler of {} {} threw: {}", method, path, what));
}
inline void handler_too_slow(const Log& log, std::string_view method, std::string_view path, Duration deadline) {
  log.warn(fmt::format("No answer to {} {} within {}: answered 503", method, path, format_duration(deadline)));
}
inline void accept_failed(const Log& log, std::string_view reason) { log.error(fmt::format("Cannot accept connections: {}", reason)); }
inline void connections_exhausted(const Log& log, std::size_t most) {
  log.warn(fmt::format("All {} connections are in use: new ones wait in the listen queue", most));
}
/// `status` 0: there was nobody to answer.
inline void request_refused(const Log& log, std::string_view peer, unsigned status, std::string_view reason) {
  log.debug(status == 0 ? fmt::format("Lost a request of {}: {}", peer, reason)
                        : fmt::format("Refused a request of {} with {}: {}", peer, status, reason));
}
inline void handshake_failed(const Log& log, std::string_view peer, std::string_view reason) {
  log.debug(fmt::format("TLS handshake with {} failed: {}", peer, reason));
}
inline void bad_response_header(const Log& log, std::string_view name) {
  log.error(fmt::format("Bug: the handler's response header {} is not valid and was left out", name));
}
inline void bad_response_status(const Log& log, unsigned status) {
  log.error(fmt::format("Bug: the handler's response status {} is not valid: answered 500", status));
}
inline void grace_passed(const Log& log, std::size_t connections) {
  log.warn(fmt::format("Closed {} connections whose requests did not finish in time", connections));
}

}  // namespace charon::net::events
