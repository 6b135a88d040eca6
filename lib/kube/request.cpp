#include "lib/kube/request.hpp"

#include <fmt/format.h>

namespace charon::kube {
namespace {

namespace json = boost::json;

constexpr std::size_t max_response_bytes = 32 << 20;  // of JSON that is parsed; the HTTP client's own bound is lower
constexpr std::size_t max_message_bytes = 512;        // of a server's message that becomes an error's context

/// RFC 3986: all but unreserved characters.
std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string path(const Resource& resource, std::string_view ns, std::string_view name = {}, std::string_view subresource = {}) {
  std::string out = resource.group.empty() ? "/api/" + resource.version : fmt::format("/apis/{}/{}", resource.group, resource.version);
  if (!ns.empty()) out += "/namespaces/" + encode(ns);
  out += "/" + resource.plural;
  if (!name.empty()) out += "/" + encode(name);
  if (!subresource.empty()) out += "/" + std::string(subresource);
  return out;
}

class Query {
 public:
  Query& operator()(std::string_view key, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("{}{}={}", text_.empty() ? "?" : "&", key, encode(value));
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

HttpRequest make(std::string method, std::string target) { return {std::move(method), std::move(target), {{"Accept", "application/json"}}, {}}; }

HttpRequest make(std::string method, std::string target, std::string_view content_type, const json::value& body) {
  HttpRequest request = make(std::move(method), std::move(target));
  request.headers.emplace_back("Content-Type", content_type);
  request.body = json::serialize(body);
  return request;
}

std::string_view content_type(PatchType type) {
  switch (type) {
    case PatchType::json: return "application/json-patch+json";
    case PatchType::merge: return "application/merge-patch+json";
    case PatchType::strategic: return "application/strategic-merge-patch+json";
  }
  return {};
}

Errc code_of(unsigned status) {
  switch (status) {
    case 401: return Errc::unauthorized;
    case 403: return Errc::forbidden;
    case 404: return Errc::not_found;
    case 409: return Errc::conflict;
    case 410: return Errc::gone;
    case 429: return Errc::unavailable;
    default: return status >= 500 ? Errc::unavailable : Errc::rejected;
  }
}

std::string_view string_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string cut(std::string_view text) {
  if (text.size() <= max_message_bytes) return std::string(text);
  std::size_t end = max_message_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a UTF-8 sequence
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace

HttpRequest get(const Resource& resource, std::string_view ns, std::string_view name) { return make("GET", path(resource, ns, name)); }

HttpRequest list(const Resource& resource, std::string_view ns, const ListOptions& options) {
  Query query;
  query("labelSelector", options.label_selector)("fieldSelector", options.field_selector);
  if (options.limit > 0) query("limit", std::to_string(options.limit));
  query("continue", options.continue_token);
  return make("GET", path(resource, ns) + query.text());
}

HttpRequest watch(const Resource& resource, std::string_view ns, const ListOptions& options, std::string_view resource_version, Duration timeout) {
  Query query;
  query("watch", "true")("allowWatchBookmarks", "true")("labelSelector", options.label_selector)("fieldSelector", options.field_selector);
  query("resourceVersion", resource_version);
  query("timeoutSeconds", std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()));
  return make("GET", path(resource, ns) + query.text());
}

HttpRequest create(const Resource& resource, std::string_view ns, const json::value& object, bool dry_run) {
  return make("POST", path(resource, ns) + Query()("dryRun", dry_run ? "All" : "").text(), "application/json", object);
}

HttpRequest replace(const Resource& resource, std::string_view ns, std::string_view name, const json::value& object, std::string_view subresource) {
  return make("PUT", path(resource, ns, name, subresource), "application/json", object);
}

HttpRequest patch(const Resource& resource, std::string_view ns, std::string_view name, PatchType type, const json::value& body,
                  std::string_view field_manager, std::string_view subresource, bool dry_run) {
  const std::string query = Query()("fieldManager", field_manager)("dryRun", dry_run ? "All" : "").text();
  return make("PATCH", path(resource, ns, name, subresource) + query, content_type(type), body);
}

HttpRequest remove(const Resource& resource, std::string_view ns, std::string_view name) { return make("DELETE", path(resource, ns, name)); }

Error status_error(unsigned status, std::string_view body) {
  const auto parsed = parse_json(body, max_response_bytes);
  if (parsed && parsed->is_object()) {
    const std::string_view message = string_member(parsed->get_object(), "message"), reason = string_member(parsed->get_object(), "reason");
    if (!message.empty() || !reason.empty())
      return fail(code_of(status), fmt::format("API server: {} {} {}", status, reason.empty() ? "Unknown" : cut(reason), cut(message)));
  }
  return fail(code_of(status), fmt::format("API server: {} {}", status, cut(body.substr(0, body.find_last_not_of(" \r\n") + 1))));
}

Result<json::object> read_response(const HttpResponse& response) {
  if (response.status < 200 || response.status > 299) return status_error(response.status, response.body);
  auto parsed = parse_json(response.body, max_response_bytes);
  if (!parsed) return Error{parsed.error().code, "API server's answer: " + parsed.error().context};
  if (!parsed->is_object()) return fail(Errc::invalid_input, "API server's answer is not a JSON object");
  return std::move(parsed->get_object());
}

}  // namespace charon::kube
