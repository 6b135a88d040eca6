#include "lib/base/wire.hpp"
#include "lib/net/http_server.hpp"

namespace charon::net {

HttpResponse problem(unsigned status, std::string_view title, std::string_view detail) {
  wire::Problem body;
  body.title = title;
  body.status = status;
  body.detail = detail;
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/problem+json");
  response.body = boost::json::serialize(to_json(body));
  return response;
}

HttpResponse json_response(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace charon::net
