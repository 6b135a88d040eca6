#include "lib/net/admin_server.hpp"

#include <prometheus/text_serializer.h>

namespace charon::net {
namespace asio = boost::asio;

namespace {

HttpResponse text(unsigned status, std::string body, std::string_view type = "text/plain; charset=utf-8") {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(body);
  return response;
}

HttpResponse page(const AdminConfig& config, const HttpRequest& request) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  const auto extra = config.pages.find(path);
  const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics" || extra != config.pages.end();
  if (!known) return problem(404, "Not Found", "no page " + path);
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = problem(405, "Method Not Allowed", "only GET and HEAD");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (extra != config.pages.end()) return extra->second();
  if (path == "/healthz") return text(200, "ok\n");
  if (path == "/readyz") return !config.ready || config.ready() ? text(200, "ok\n") : text(503, "not ready\n");
  // prometheus-cpp's serializer writes format 0.0.4.
  std::string metrics = config.registry ? prometheus::TextSerializer().Serialize(config.registry->Collect()) : std::string();
  return text(200, std::move(metrics), "text/plain; version=0.0.4; charset=utf-8");
}

asio::awaitable<HttpResponse> answer(std::shared_ptr<const AdminConfig> config, HttpRequest request) { co_return page(*config, request); }

}  // namespace

Result<std::shared_ptr<HttpServer>> admin_server(asio::any_io_executor executor, AdminConfig config, Log log) {
  HttpServerConfig http;
  http.address = config.address;
  http.port = config.port;
  http.max_body_bytes = 4096;
  http.max_connections = 64;
  const auto shared = std::make_shared<const AdminConfig>(std::move(config));
  auto handler = [shared](HttpRequest request) { return answer(shared, std::move(request)); };
  return HttpServer::listen(std::move(executor), std::move(http), std::move(handler), std::move(log));
}

}  // namespace charon::net
