#pragma once
/// An API server as far as the injector can tell: TLS on loopback, objects by path, lists, watches,
/// conflicts on create and replace, JSON patches.
#include "injector/core/pod_view.hpp"
#include "lib/base/json_patch.hpp"
#include "lib/kube/client.hpp"
#include "lib/net/certificates.hpp"
#include "lib/net/http_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

namespace charon::injector::test {

namespace asio = boost::asio;
namespace json = boost::json;

class FakeApiServer {
 public:
  explicit FakeApiServer(asio::any_io_executor executor) {
    root_ = net::make_root("api-server", wall_now() - std::chrono::hours{1}, wall_now() + std::chrono::hours{24}).value();
    const auto leaf = net::issue_server(root_, {"127.0.0.1"}, wall_now() - std::chrono::hours{1}, wall_now() + std::chrono::hours{24}).value();
    net::HttpServerConfig config;
    config.address = "127.0.0.1";
    config.tls = net::TlsServer::create(leaf.certificate_pem, leaf.key_pem).value();
    server_ = net::HttpServer::listen(executor, config, [this](HttpRequest request) { return answer(std::move(request)); }, Log([](std::string_view) {}, wall_now)).value();
  }

  asio::awaitable<void> serve() { return server_->serve(); }
  asio::awaitable<void> stop() { return server_->stop(Duration{200}); }
  kube::ClientConfig client() const {
    kube::ClientConfig config;
    config.host = "127.0.0.1";
    config.port = std::to_string(server_->port());
    config.ca_pem = root_.certificate_pem;
    config.token = "secret-token";
    config.retries = 0;
    return config;
  }

  /// By path: "/api/v1/namespaces/ns/secrets/name".
  std::map<std::string, json::object> objects;
  /// By the collection's path, for all namespaces: "/api/v1/pods".
  std::map<std::string, json::array> lists;
  /// By the collection's path: the events, one JSON text a line, that each watch of it tells.
  std::map<std::string, std::string> watched;
  std::vector<std::string> refused;  ///< paths answered 403
  std::map<std::string, int> patches;  ///< by path: how many came

 private:
  static HttpResponse status(unsigned code, std::string_view reason) {
    return net::json_response(code, json::serialize(json::object{{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}, {"reason", reason}, {"code", code}}));
  }

  HttpResponse store(const std::string& path, json::object object) {
    object["metadata"].as_object()["resourceVersion"] = std::to_string(++version_);
    objects[path] = object;
    return net::json_response(200, json::serialize(object));
  }

  asio::awaitable<HttpResponse> answer(HttpRequest request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (request.target.find("watch=") != std::string::npos) {
      asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds{200});
      co_await timer.async_wait(asio::use_awaitable);
      const auto events = watched.find(path);
      std::string told = events == watched.end() ? std::string() : events->second;
      co_return net::json_response(200, std::move(told));
    }
    co_return now(request, path);
  }

  HttpResponse now(const HttpRequest& request, const std::string& path) {
    if (find_header(request.headers, "Authorization") != "Bearer secret-token") return status(401, "Unauthorized");
    if (std::find(refused.begin(), refused.end(), path) != refused.end()) return status(403, "Forbidden");
    const auto found = objects.find(path);
    if (request.method == "GET") {
      if (path == "/version") return net::json_response(200, R"({"gitVersion":"v1.31.2"})");
      if (const auto list = lists.find(path); list != lists.end())
        return net::json_response(200, json::serialize(json::object{{"kind", "List"}, {"metadata", json::object{{"resourceVersion", "1"}}}, {"items", list->second}}));
      if (found == objects.end()) return status(404, "NotFound");
      return net::json_response(200, json::serialize(found->second));
    }
    json::value body = json::parse(request.body);
    if (request.method == "POST") {
      const std::string item = path + "/" + std::string(text_of(body.at("metadata").as_object(), "name"));
      if (objects.contains(item)) return status(409, "AlreadyExists");
      return store(item, std::move(body.as_object()));
    }
    if (found == objects.end()) return status(404, "NotFound");
    if (request.method == "PUT") {
      if (text_of(body.at("metadata").as_object(), "resourceVersion") != text_of(found->second.at("metadata").as_object(), "resourceVersion")) return status(409, "Conflict");
      return store(path, std::move(body.as_object()));
    }
    ++patches[path];
    auto patched = apply_patch(json::value(found->second), body.as_array());
    if (!patched) return status(422, "Invalid");
    return store(path, std::move(patched->as_object()));
  }

  net::KeyPair root_;
  std::shared_ptr<net::HttpServer> server_;
  int version_ = 1;
};

}  // namespace charon::injector::test
