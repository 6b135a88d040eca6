#pragma once
/// Log lines of the coordinator's shell: one function per event.
#include "lib/base/error.hpp"

#include <fmt/format.h>

#include <string>

namespace charon::coordinator::shell_events {

inline std::string listening(unsigned short api, unsigned short admin) { return fmt::format("Listening on {} (API, TLS) and {} (health and metrics)", api, admin); }
inline std::string stopping(int signal) { return fmt::format("Stopping on signal {}", signal); }
inline std::string cannot_start(const Error& error) { return fmt::format("Cannot start: {}", error.message()); }

inline std::string waiting_for_certificate(const std::string& directory) { return fmt::format("Waiting for tls.crt and tls.key in {}", directory); }
inline std::string certificate_replaced(const std::string& directory) { return fmt::format("New certificate from {}", directory); }
inline std::string certificate_unfit(const std::string& directory, const Error& error) {
  return fmt::format("Certificate in {} is not used: {}", directory, error.message());
}

inline std::string synced() { return "The view of the cluster is whole"; }
inline std::string registry_grants(std::size_t namespaces) { return fmt::format("Registries may deploy to {} namespaces", namespaces); }
inline std::string registry_grant_unfit(const std::string& warning) { return fmt::format("Secret charon-registries: {}", warning); }
inline std::string processing_push(std::size_t number, std::size_t of, const std::string& image) {
  return fmt::format("Processing event {} of {} {}", number, of, image);
}
inline std::string push_refused(const std::string& why) { return fmt::format("Registry event is not used: {}", why); }
inline std::string push_unfollowed(const std::string& host, const std::string& image) { return fmt::format("No workload follows {}/{}", host, image); }

inline std::string command(const std::string& user, const std::string& what, const std::string& workload, bool dry_run) {
  return fmt::format("{} asks: {} {}{}", user, what, workload, dry_run ? " (dry run)" : "");
}
inline std::string action_failed(const std::string& action, const Error& error) { return fmt::format("{} failed: {}", action, error.message()); }
inline std::string patch_conflict(const std::string& workload, int attempt) {
  return fmt::format("{} changed meanwhile, reading it again (try {})", workload, attempt);
}

}  // namespace charon::coordinator::shell_events
