#include "coordinator/shell/api.hpp"
#include "coordinator/shell/api_problem.hpp"

#include <boost/json/serialize.hpp>

namespace charon::coordinator {
namespace {

template <class Message>
HttpResponse json_of(const Message& message) {
  return net::json_response(200, boost::json::serialize(to_json(message)));
}

/// A message of an agent. 400 where it is no JSON, 422 where it is another kind of JSON.
template <class Message>
Result<Message> message_of(const std::string& body, HttpResponse& refusal) {
  const auto json = parse_json(body, wire::max_message_bytes);
  if (!json) {
    refusal = json.error().is(Errc::too_large) ? problem_of(json.error()) : net::problem(400, "Not JSON", json.error().context);
    return json.error();
  }
  auto message = from_json<Message>(*json);
  if (!message) refusal = problem_of(message.error());
  return message;
}

}  // namespace

Api::Answer Api::agent_call(ApiRoute route, HttpRequest request) {
  Result<AgentIdentity> agent = co_await parts_.authenticator.agent(bearer_token(request));
  if (!agent) co_return problem_of(agent.error());
  if (route.call == ApiCall::hello) co_return hello(*agent, request.body);
  if (route.call == ApiCall::report) co_return report(*agent, request.body);
  const auto baseline = parts_.core.baseline(*agent, wall_now());
  if (!baseline) co_return agent_problem_of(baseline.error());
  if (baseline->version == route.version) {
    HttpResponse unchanged;
    unchanged.status = 204;
    co_return unchanged;
  }
  co_return json_of(*baseline);
}

HttpResponse Api::hello(const AgentIdentity& agent, const std::string& body) {
  HttpResponse refusal;
  const auto message = message_of<wire::Hello>(body, refusal);
  if (!message) return refusal;
  if (message->boot_id.empty() || message->boot_id.value.size() > 64 || message->agent_version.size() > 64)
    return problem_of(fail(Errc::invalid_input, "bootId needs 1 to 64 bytes, agentVersion at most 64"));
  auto reply = parts_.core.hello(agent, *message, wall_now());
  if (!reply) return agent_problem_of(reply.error());
  reply->trust_bundle = parts_.trust_bundle();
  return json_of(*reply);
}

HttpResponse Api::report(const AgentIdentity& agent, const std::string& body) {
  HttpResponse refusal;
  const auto message = message_of<wire::Report>(body, refusal);
  if (!message) return refusal;
  const auto reply = parts_.core.report(agent, *message, wall_now());
  if (!reply) return agent_problem_of(reply.error());
  if (message->verdict == wire::Verdict::fail) parts_.reconciler.hurry();
  return json_of(*reply);
}

}  // namespace charon::coordinator
