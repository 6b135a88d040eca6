#include "tests/integration/coordinator/fake_api_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace charon::test {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
constexpr std::string_view api_audience = "https://kubernetes.default.svc.cluster.local";

HttpResponse status(unsigned code, std::string_view reason, std::string_view message) {
  const json::object body{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object{}}, {"status", "Failure"},
                          {"message", message}, {"reason", reason}, {"code", code}};
  return net::json_response(code, json::serialize(body));
}
HttpResponse answer(unsigned code, const json::object& object) { return net::json_response(code, json::serialize(object)); }

/// RFC 7386.
void merge_into(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = json::object{};
  for (const auto& [key, value] : patch.get_object()) {
    if (value.is_null())
      target.get_object().erase(key);
    else
      merge_into(target.get_object()[key], value);
  }
}

json::object& metadata_of(json::object& object) {
  json::value& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object{};
  return metadata.get_object();
}

}  // namespace

std::string text_at(const json::object& object, std::string_view pointer) {
  const json::object* at = &object;
  for (;;) {
    const std::size_t dot = pointer.find('.');
    const json::value* value = at->if_contains(pointer.substr(0, dot));
    if (!value) return {};
    if (dot == pointer.npos) return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
    if (!value->is_object()) return {};
    at = &value->get_object();
    pointer.remove_prefix(dot + 1);
  }
}

FakeApiServer::FakeApiServer(asio::any_io_executor executor, const net::KeyPair& root) : executor_(executor) {
  const auto certificate = net::issue_server(root, {"localhost", "127.0.0.1"}, wall_now() - std::chrono::hours{1}, wall_now() + std::chrono::hours{1});
  const auto tls = net::TlsServer::create(certificate.value().certificate_pem, certificate.value().key_pem);
  net::HttpServerConfig config;
  config.address = "127.0.0.1";
  config.tls = tls.value();
  server_ = net::HttpServer::listen(executor, config, [this](HttpRequest request) { return handle(std::move(request)); }, Log([](std::string_view) {}, wall_now)).value();
}

void FakeApiServer::put(const std::string& plural, json::object object) {
  json::object& metadata = metadata_of(object);
  metadata["resourceVersion"] = std::to_string(++version_);
  if (!metadata.contains("uid")) metadata["uid"] = fmt::format("uid-{}", version_);
  const Key key{text_at(object, "metadata.namespace"), text_at(object, "metadata.name")};
  const bool known = collections_[plural].contains(key);
  collections_[plural][key] = object;
  history_.push_back({version_, plural, key.first, key.second, known ? "MODIFIED" : "ADDED", std::move(object)});
}

void FakeApiServer::remove(const std::string& plural, const std::string& ns, const std::string& name) {
  auto& collection = collections_[plural];
  const auto found = collection.find({ns, name});
  if (found == collection.end()) throw std::logic_error("nothing to remove: " + name);
  metadata_of(found->second)["resourceVersion"] = std::to_string(++version_);
  history_.push_back({version_, plural, ns, name, "DELETED", found->second});
  collection.erase(found);
}

const json::object* FakeApiServer::find(const std::string& plural, const std::string& ns, const std::string& name) const {
  const auto collection = collections_.find(plural);
  if (collection == collections_.end()) return nullptr;
  const auto found = collection->second.find({ns, name});
  return found == collection->second.end() ? nullptr : &found->second;
}

std::vector<json::object> FakeApiServer::all(const std::string& plural) const {
  std::vector<json::object> out;
  if (const auto collection = collections_.find(plural); collection != collections_.end())
    for (const auto& [key, object] : collection->second) out.push_back(object);
  return out;
}

FakeApiServer::Path FakeApiServer::parse(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  std::size_t i = parts.at(0) == "api" ? 2 : 3;
  Path out;
  if (parts.size() > i + 2 && parts[i] == "namespaces") {
    out.ns = parts[i + 1];
    i += 2;
  }
  out.plural = parts.at(i);
  if (parts.size() > i + 1) out.name = parts[i + 1];
  if (parts.size() > i + 2) out.subresource = parts[i + 2];
  return out;
}

asio::awaitable<HttpResponse> FakeApiServer::handle(HttpRequest request) {
  const auto url = boost::urls::parse_origin_form(request.target);
  if (!url) co_return status(400, "BadRequest", "target");
  std::map<std::string, std::string> query;
  for (const auto parameter : url->params()) query[parameter.key] = parameter.value;
  const Path path = parse(url->path());
  if (find_header(request.headers, "Authorization") != "Bearer coordinator") co_return status(401, "Unauthorized", "Unauthorized");

  if (request.method == "GET" && query.contains("watch")) co_return co_await watch(path, query);
  if (request.method == "GET" && path.name.empty()) co_return list(path, query);
  if (request.method == "GET") {
    const json::object* object = find(path.plural, path.ns, path.name);
    co_return object ? answer(200, *object) : status(404, "NotFound", path.plural + " \"" + path.name + "\" not found");
  }
  boost::system::error_code bad;
  json::value body = json::parse(request.body, bad);
  if (bad || !body.is_object()) co_return status(400, "BadRequest", "body");
  if (path.plural == "tokenreviews") co_return review_token(body.get_object());
  if (path.plural == "subjectaccessreviews") co_return review_access(body.get_object());
  writes.push_back(request.method + " " + path.plural + (path.subresource.empty() ? "" : "/" + path.subresource));
  if (request.method == "POST") co_return create(path, body.get_object());
  if (request.method == "PUT") co_return replace(path, body.get_object());
  if (request.method == "PATCH") co_return merge(path, request);
  co_return status(405, "MethodNotAllowed", request.method);
}

HttpResponse FakeApiServer::list(const Path& path, const std::map<std::string, std::string>& query) const {
  json::array items;
  const auto selector = query.contains("fieldSelector") ? query.at("fieldSelector") : std::string();
  for (const json::object& object : all(path.plural))
    if ((path.ns.empty() || text_at(object, "metadata.namespace") == path.ns) && (selector.empty() || selector == "metadata.name=" + text_at(object, "metadata.name")))
      items.push_back(object);
  json::object metadata{{"resourceVersion", std::to_string(version_)}};
  return answer(200, {{"kind", "List"}, {"apiVersion", "v1"}, {"metadata", std::move(metadata)}, {"items", std::move(items)}});
}

asio::awaitable<HttpResponse> FakeApiServer::watch(Path path, std::map<std::string, std::string> query) {
  const std::uint64_t since = std::stoull(query.at("resourceVersion"));
  const std::string selector = query.contains("fieldSelector") ? query.at("fieldSelector") : std::string();
  asio::steady_timer timer(executor_);
  std::string lines;
  for (int i = 0; lines.empty() && i < 25; ++i) {
    for (const Event& event : history_) {
      if (event.version <= since || event.plural != path.plural || (!path.ns.empty() && event.ns != path.ns)) continue;
      if (!selector.empty() && selector != "metadata.name=" + event.name) continue;
      json::object line{{"type", event.type}};
      line["object"] = event.object;
      lines += json::serialize(line) + "\n";
    }
    if (!lines.empty()) break;
    timer.expires_after(std::chrono::milliseconds{10});
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return net::json_response(200, lines);
}

HttpResponse FakeApiServer::create(const Path& path, json::object object) {
  json::object& metadata = metadata_of(object);
  if (!path.ns.empty()) metadata["namespace"] = path.ns;
  const std::string name = text_at(object, "metadata.name");
  if (find(path.plural, path.ns, name)) return status(409, "AlreadyExists", path.plural + " \"" + name + "\" already exists");
  if (path.plural == "releaseledgers") object.erase("status");
  put(path.plural, std::move(object));
  return answer(201, *find(path.plural, path.ns, name));
}

HttpResponse FakeApiServer::replace(const Path& path, json::object object) {
  const json::object* old = find(path.plural, path.ns, path.name);
  if (!old) return status(404, "NotFound", path.name);
  if (text_at(object, "metadata.resourceVersion") != text_at(*old, "metadata.resourceVersion"))
    return status(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
  json::object next = *old;
  if (path.subresource == "status")
    next["status"] = object["status"];
  else
    next["spec"] = object["spec"];
  put(path.plural, std::move(next));
  return answer(200, *find(path.plural, path.ns, path.name));
}

HttpResponse FakeApiServer::merge(const Path& path, const HttpRequest& request) {
  const json::object* old = find(path.plural, path.ns, path.name);
  if (!old) return status(404, "NotFound", path.name);
  if (find_header(request.headers, "Content-Type") != "application/merge-patch+json") return status(415, "UnsupportedMediaType", "only merge patches");
  const json::value patch = json::parse(request.body);
  if (conflicts > 0) {
    --conflicts;
    put(path.plural, json::object(*old));  // someone else wrote meanwhile
    return status(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
  }
  const std::string expected = text_at(patch.as_object(), "metadata.resourceVersion");
  if (!expected.empty() && expected != text_at(*old, "metadata.resourceVersion")) return status(409, "Conflict", "the object has been modified");
  json::value next(*old);
  merge_into(next, patch);
  patches.push_back(request.body);
  put(path.plural, std::move(next.as_object()));
  return answer(200, *find(path.plural, path.ns, path.name));
}

HttpResponse FakeApiServer::review_token(json::object review) {
  ++token_reviews;
  const json::object& spec = review.at("spec").as_object();
  const std::string audience = spec.contains("audiences") ? std::string(spec.at("audiences").at(0).as_string()) : std::string();
  const auto token = tokens.find(std::string(spec.at("token").as_string()));
  json::object result{{"user", json::object{}}};
  if (token != tokens.end() && token->second.audience == audience) {
    result["authenticated"] = true;
    result["user"] = token->second.user;
    result["audiences"] = json::array{audience.empty() ? api_audience : std::string_view(audience)};
  } else {
    result["error"] = "[invalid bearer token, token audiences do not fit]";
  }
  review["status"] = std::move(result);
  return answer(201, review);
}

HttpResponse FakeApiServer::review_access(json::object review) {
  ++access_reviews;
  const json::object& spec = review.at("spec").as_object();
  const json::object& attributes = spec.at("resourceAttributes").as_object();
  const std::string subresource = text_at(attributes, "subresource");
  const std::string asked = fmt::format("{} {} {}{}{} {}", text_at(spec, "user"), text_at(attributes, "verb"), text_at(attributes, "resource"),
                                        subresource.empty() ? "" : "/", subresource, text_at(attributes, "namespace"));
  json::object result{{"allowed", permissions.contains(asked)}, {"reason", "RBAC"}};
  review["status"] = std::move(result);
  return answer(201, review);
}

}  // namespace charon::test
