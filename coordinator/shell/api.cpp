#include "coordinator/shell/api.hpp"

#include "coordinator/shell/api_problem.hpp"

namespace charon::coordinator {
namespace {

const char* name_of(ApiCall call) {
  switch (call) {
    case ApiCall::hello: return "hello";
    case ApiCall::report: return "report";
    case ApiCall::baseline: return "baseline";
    case ApiCall::workloads: return "workloads";
    case ApiCall::workload: return "workload";
    case ApiCall::rollback: return "rollback";
    case ApiCall::freeze: return "freeze";
    case ApiCall::unfreeze: return "unfreeze";
    case ApiCall::promote: return "promote";
    case ApiCall::registry_events: return "registry_events";
    case ApiCall::old_rollout: return "old_rollout";
    case ApiCall::old_rollback: return "old_rollback";
  }
  return "unknown";
}

HttpResponse refused(const ApiRefusal& refusal) {
  HttpResponse response = net::problem(refusal.status, "No such call", refusal.detail);
  if (!refusal.allow.empty()) response.headers.emplace_back("Allow", refusal.allow);
  return response;
}

}  // namespace

boost::asio::awaitable<HttpResponse> Api::handle(HttpRequest request) {
  const auto found = route(request.method, request.target);
  if (const ApiRefusal* refusal = std::get_if<ApiRefusal>(&found)) {
    parts_.metrics.requests("none", refusal->status);
    co_return refused(*refusal);
  }
  ApiRoute known = std::get<ApiRoute>(found);
  const ApiCall call = known.call;
  HttpResponse response = co_await dispatch(std::move(known), std::move(request));
  parts_.metrics.requests(name_of(call), response.status);
  co_return response;
}

Api::Answer Api::dispatch(ApiRoute route, HttpRequest request) {
  switch (route.call) {
    case ApiCall::hello:
    case ApiCall::report:
    case ApiCall::baseline:
      co_return co_await agent_call(std::move(route), std::move(request));
    case ApiCall::registry_events:
      co_return registry_events(request);
    default:
      break;
  }
  Result<Person> person = co_await parts_.authenticator.person(bearer_token(request));
  if (!person) co_return problem_of(person.error());
  if (!parts_.feed.synced()) co_return problem_of(fail(Errc::unavailable, "the coordinator does not know the cluster yet"));
  switch (route.call) {
    case ApiCall::workloads:
    case ApiCall::workload:
      co_return co_await read_workloads(std::move(route), std::move(*person));
    default:
      co_return co_await act(std::move(route), std::move(*person), std::move(request));
  }
}

}  // namespace charon::coordinator
