#include "coordinator/shell/api.hpp"
#include "coordinator/shell/api_problem.hpp"
#include "coordinator/shell/shell_events.hpp"

#include <boost/json/serialize.hpp>

namespace charon::coordinator {
namespace {

HttpResponse json_of(const boost::json::object& object) { return net::json_response(200, boost::json::serialize(object)); }

WorkloadKey key_of(const ApiRoute& route) {
  WorkloadKey key;  // the only kind there is so far is the key's default: Deployment
  key.ns = route.ns;
  key.name = route.name;
  return key;
}

}  // namespace

std::string_view Command::action() const {
  switch (call) {
    case ApiCall::rollback:
    case ApiCall::old_rollback: return "rollback";
    case ApiCall::old_rollout: return "rollout";
    case ApiCall::freeze: return "freeze";
    case ApiCall::unfreeze: return "unfreeze";
    default: return "promote";
  }
}

std::vector<Access> Command::accesses() const { return act_on_workload(action(), key.ns, key.plural(), key.name, key.ledger_name()); }

Api::Answer Api::read_workloads(ApiRoute route, Person person) {
  std::vector<Access> accesses(1, read_ledgers(route.ns));
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed) co_return problem_of(allowed.error());
  if (route.call == ApiCall::workloads) co_return json_of(parts_.core.workloads(route.ns));
  const auto view = parts_.core.workload(key_of(route), wall_now());
  if (!view) co_return problem_of(view.error());
  co_return json_of(*view);
}

Api::Answer Api::act(ApiRoute route, Person person, HttpRequest request) {
  Command command;
  command.call = route.call;
  command.dry_run = route.dry_run;
  if (route.call == ApiCall::old_rollout || route.call == ApiCall::old_rollback) {
    Person asking = person;
    Result<Command> meant = co_await meant_by_old_client(std::move(command), std::move(asking), std::move(request.body));
    if (!meant) co_return problem_of(meant.error());
    command = std::move(*meant);
  } else {
    command.key = key_of(route);
    command.to = std::move(route.to);
  }
  CommandOptions options;
  options.to = command.to;
  options.by = person.user;
  options.dry_run = command.dry_run;
  std::vector<Access> accesses = command.accesses();
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed) co_return problem_of(allowed.error());

  parts_.log.info(shell_events::command(options.by, std::string(command.action()), command.key.text(), options.dry_run));
  const auto reply = carry_out(command, options, wall_now());
  parts_.reconciler.hurry();
  if (!reply) co_return problem_of(reply.error());
  co_return json_of(to_json(*reply));
}

Result<CommandReply> Api::carry_out(const Command& command, const CommandOptions& options, Time now) {
  switch (command.call) {
    case ApiCall::rollback:
    case ApiCall::old_rollback: return parts_.core.rollback(command.key, options, now);
    case ApiCall::old_rollout: return parts_.core.rollout(command.key, command.image, command.to, options, now);
    case ApiCall::freeze: return parts_.core.freeze(command.key, options, now);
    case ApiCall::unfreeze: return parts_.core.unfreeze(command.key, options, now);
    default: return parts_.core.promote(command.key, options, now);
  }
}

}  // namespace charon::coordinator
