#include "agent/shell/settings.hpp"

#include "lib/base/log_level.hpp"
#include "lib/base/wire_policy.hpp"

#include <boost/url/parse.hpp>
#include <fmt/format.h>

#include <charconv>

namespace charon::agent {
namespace {

template <class T>
bool number(std::string_view text, T least, T& out) {
  T read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc{} || end != text.data() + text.size() || read < least) return false;
  out = read;
  return true;
}

constexpr std::uint64_t least_memory = 16u << 20;

}  // namespace

std::uint64_t read_memory_limit(const Environment& environment) {
  std::uint64_t limit = Settings{}.memory_limit;
  const char* text = environment("CHARON_MEMORY_LIMIT_BYTES");
  if (text && !number(std::string_view(text), least_memory, limit)) return Settings{}.memory_limit;
  return limit;
}

Result<Settings> read_settings(const Environment& environment) {
  Settings s;
  std::optional<Error> error;
  const auto with = [&](const char* name, std::string_view expected, auto&& take) {
    const char* value = environment(name);
    if (value && *value && !take(std::string_view(value)) && !error)
      error = fail(Errc::invalid_input, fmt::format("{}: expected {}", name, expected));
  };
  const auto text = [](std::string& out) { return [&out](std::string_view value) { out = value; return true; }; };

  with("CHARON_COORDINATOR", "https://host:port", [&](std::string_view value) {
    const auto url = boost::urls::parse_uri(value);
    if (!url || url->scheme() != "https" || url->host().empty()) return false;
    s.coordinator_host = url->host_name().empty() ? url->host_address() : url->host_name();
    s.coordinator_port = url->has_port() ? std::string(url->port()) : "443";
    return true;
  });
  with("CHARON_TRUST_ROOTS", "certificates in PEM", text(s.trust_roots));
  with("CHARON_TOKEN_FILE", "a file", text(s.token_file));
  with("CHARON_METRICS_PORT", "a port", [&](std::string_view value) { return number<unsigned short>(value, 1, s.metrics_port); });
  with("CHARON_METRICS_PATH", "a path that begins with /", [&](std::string_view value) {
    s.metrics_path = value;
    return value.front() == '/' && value.size() <= 1024 && value.find_first_of(" \r\n\t") == std::string_view::npos;
  });
  with("CHARON_METRICS_SCHEME", "http or https", [&](std::string_view value) {
    s.metrics_tls = value == "https";
    return value == "http" || value == "https";
  });
  with("CHARON_SCRAPE_INTERVAL", "a duration from 500ms to 1h", [&](std::string_view value) {
    const auto interval = parse_duration(value);
    if (!interval || !wire::is_scrape_interval(*interval)) return false;
    s.scrape_interval = *interval;
    return true;
  });
  with("CHARON_ADMIN_PORT", "a port", [&](std::string_view value) { return number<unsigned short>(value, 1, s.admin_port); });
  with("CHARON_LOG_LEVEL", "debug, info, warn or error", [&](std::string_view value) {
    const auto level = parse_log_level(value);
    if (level) s.log_level = *level;
    return level.has_value();
  });
  with("POD_NAME", "a name", text(s.pod));
  with("POD_NAMESPACE", "a name", text(s.ns));
  with("NODE_NAME", "a name", text(s.node));
  s.memory_limit = read_memory_limit(environment);
  if (error) return *error;
  if (s.coordinator_host.empty()) return fail(Errc::invalid_input, "CHARON_COORDINATOR is not set");
  if (s.metrics_port == 0) return fail(Errc::invalid_input, "CHARON_METRICS_PORT is not set");
  return s;
}

}  // namespace charon::agent
