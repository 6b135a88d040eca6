#include "coordinator/core/registry_notification.hpp"

#include "lib/base/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace charon::coordinator {
namespace {

struct Target {
  std::string media_type, digest, repository, tag;
};
template <class V, Same<Target> S>
void fields(V& v, S& s) {
  v("mediaType", s.media_type);
  v("digest", s.digest);
  v("repository", s.repository);
  v("tag", s.tag);
}

struct Request {
  std::string host;
};
template <class V, Same<Request> S>
void fields(V& v, S& s) {
  v("host", s.host);
}

struct Event {
  std::string action;
  Target target;
  Request request;
};
template <class V, Same<Event> S>
void fields(V& v, S& s) {
  v("action", s.action);
  v("target", s.target);
  v("request", s.request);
}

/// Manifests that a pod can name: images and indexes, in Docker's and OCI's words.
constexpr std::array<std::string_view, 4> manifest_types{
    "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"};

bool among(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool letter_or_digit(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

/// Names as the OCI distribution specification allows them, a little wider: what matters here is that nothing passes that
/// could break an image reference, a patch or a log line.
bool repository_name(std::string_view s) {
  return !s.empty() && s.size() <= 255 && lower_or_digit(s.front()) && lower_or_digit(s.back()) && s.find("//") == s.npos &&
         std::all_of(s.begin(), s.end(), [](char c) { return lower_or_digit(c) || among(c, "._-/"); });
}
bool tag_name(std::string_view s) {
  return !s.empty() && s.size() <= 128 && !among(s.front(), ".-") &&
         std::all_of(s.begin(), s.end(), [](char c) { return letter_or_digit(c) || among(c, "._-"); });
}
bool host_name(std::string_view s) {
  return s.size() <= 255 && std::all_of(s.begin(), s.end(), [](char c) { return letter_or_digit(c) || among(c, ".-:[]"); });
}
bool digest_name(std::string_view s) {
  constexpr std::string_view prefix = "sha256:";
  return s.size() == prefix.size() + 64 && s.starts_with(prefix) &&
         std::all_of(s.begin() + prefix.size(), s.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool deployable(std::string_view media_type) {
  return std::find(manifest_types.begin(), manifest_types.end(), media_type) != manifest_types.end();
}

/// The field that is not a valid name; empty: all are.
std::string_view bad_field(const Event& event) {
  if (!repository_name(event.target.repository)) return "target.repository";
  if (!tag_name(event.target.tag)) return "target.tag";
  if (!digest_name(event.target.digest)) return "target.digest";
  if (!host_name(event.request.host)) return "request.host";
  return {};
}

}  // namespace

Result<RegistryNotification> read_registry_notification(std::string_view body, std::size_t max_bytes) {
  const auto parsed = parse_json(body, max_bytes);
  if (!parsed) return parsed.error();
  const boost::json::object* envelope = parsed->if_object();
  const boost::json::value* events = envelope ? envelope->if_contains("events") : nullptr;
  if (!events || !events->is_array()) return fail(Errc::invalid_input, "expected an envelope with a list 'events'");
  const boost::json::array& list = events->get_array();
  if (list.size() > max_registry_events)
    return fail(Errc::too_large, fmt::format("events: {} of them, at most {} are read", list.size(), max_registry_events));

  RegistryNotification out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto event = from_json<Event>(list[i]);
    if (!event) {
      out.refused.push_back(fmt::format("events[{}]: {}", i, event.error().context));
    } else if (event->action != "push" || !deployable(event->target.media_type) || event->target.tag.empty()) {
      ++out.ignored;
    } else if (const auto field = bad_field(*event); !field.empty()) {
      out.refused.push_back(fmt::format("events[{}].{}: not a valid name", i, field));
    } else {
      out.pushes.push_back({event->request.host, event->target.repository, event->target.tag, Digest{event->target.digest}});
    }
  }
  return out;
}

}  // namespace charon::coordinator
