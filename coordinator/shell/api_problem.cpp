#include "coordinator/shell/api_problem.hpp"

#include "lib/net/http_server.hpp"

namespace charon::coordinator {

HttpResponse problem_of(const Error& error) {
  struct Row {
    Errc code;
    unsigned status;
    std::string_view title;
  };
  constexpr Row rows[] = {{Errc::unauthorized, 401, "Not authenticated"},      {Errc::forbidden, 403, "Not allowed"},
                          {Errc::not_found, 404, "Not found"},                 {Errc::conflict, 409, "Not in this state"},
                          {Errc::gone, 410, "Gone"},                           {Errc::too_large, 413, "Too large"},
                          {Errc::invalid_input, 422, "Cannot be understood"},  {Errc::rejected, 422, "Refused"},
                          {Errc::timeout, 503, "Try again"},                   {Errc::unavailable, 503, "Try again"},
                          {Errc::shutting_down, 503, "Try again"}};
  for (const Row& row : rows) {
    if (!error.is(row.code)) continue;
    HttpResponse response = net::problem(row.status, row.title, error.context);
    if (row.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (row.status == 503) response.headers.emplace_back("Retry-After", "2");
    return response;
  }
  return net::problem(500, "Failed", error.context);
}

HttpResponse agent_problem_of(const Error& error) {
  if (!error.is(Errc::unavailable)) return problem_of(error);
  HttpResponse response = net::problem(425, "Not known yet", error.context);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace charon::coordinator
