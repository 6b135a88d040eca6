#include "coordinator/core/api_image_request.hpp"
#include "coordinator/shell/api.hpp"
#include "coordinator/shell/api_problem.hpp"
#include "coordinator/shell/shell_events.hpp"

#include <boost/json/serialize.hpp>

#include <map>

namespace charon::coordinator {
namespace {

constexpr std::size_t max_listed = 32;  ///< workloads named to a client whose image name fits several

HttpResponse json_of(const boost::json::object& object) { return net::json_response(200, boost::json::serialize(object)); }

HttpResponse answer_of(const Result<CommandReply>& reply) { return reply ? json_of(to_json(*reply)) : problem_of(reply.error()); }

std::string_view action_of(ApiCall call) {
  switch (call) {
    case ApiCall::rollback:
    case ApiCall::old_rollback: return "rollback";
    case ApiCall::old_rollout: return "rollout";
    case ApiCall::freeze: return "freeze";
    case ApiCall::unfreeze: return "unfreeze";
    default: return "promote";
  }
}

std::vector<Access> accesses_for(ApiCall call, const WorkloadKey& key) {
  return act_on_workload(action_of(call), key.ns, key.plural(), key.name, key.ledger_name());
}

WorkloadKey key_of(const ApiRoute& route) {
  WorkloadKey key;  // the only kind there is so far is the key's default: Deployment
  key.ns = route.ns;
  key.name = route.name;
  return key;
}

}  // namespace

Api::Answer Api::read_workloads(ApiRoute route, Person person) {
  std::vector<Access> accesses(1, read_ledgers(route.ns));
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed) co_return problem_of(allowed.error());
  if (route.call == ApiCall::workloads) co_return json_of(parts_.core.workloads(route.ns));
  const auto view = parts_.core.workload(key_of(route), wall_now());
  if (!view) co_return problem_of(view.error());
  co_return json_of(*view);
}

Api::Answer Api::act(ApiRoute route, Person person) {
  const WorkloadKey key = key_of(route);
  CommandOptions options;
  options.to = route.to;
  options.by = person.user;
  options.dry_run = route.dry_run;
  std::vector<Access> accesses = accesses_for(route.call, key);
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed) co_return problem_of(allowed.error());

  parts_.log.info(shell_events::command(options.by, std::string(action_of(route.call)), key.text(), options.dry_run));
  const Time now = wall_now();
  Result<CommandReply> reply = fail(Errc::not_found, "no such command");
  switch (route.call) {
    case ApiCall::rollback: reply = parts_.core.rollback(key, options, now); break;
    case ApiCall::freeze: reply = parts_.core.freeze(key, options, now); break;
    case ApiCall::unfreeze: reply = parts_.core.unfreeze(key, options, now); break;
    default: reply = parts_.core.promote(key, options, now); break;
  }
  parts_.reconciler.hurry();
  co_return answer_of(reply);
}

Api::Answer Api::old_client(ApiRoute route, Person person, HttpRequest request) {
  const auto wanted = read_image_request(request.body);
  if (!wanted) co_return problem_of(wanted.error());
  if (route.call == ApiCall::old_rollout && wanted->tag.empty()) co_return problem_of(fail(Errc::invalid_input, "tag: rollout needs one"));
  const std::vector<WorkloadKey> found = parts_.core.find_by_image(wanted->image);
  if (found.empty()) co_return problem_of(fail(Errc::not_found, "no watched workload runs the image " + wanted->image));

  if (found.size() > 1) {  // names only those that the caller may read of
    std::map<std::string, bool> readable;
    std::string names;
    std::size_t listed = 0;
    for (const WorkloadKey& key : found) {
      if (listed == max_listed || readable.size() == max_listed) break;
      if (!readable.contains(key.ns)) {
        std::vector<Access> accesses(1, read_ledgers(key.ns));
        Person asking = person;
        Result<void> allowed = co_await parts_.authenticator.allowed(std::move(asking), std::move(accesses));
        if (!allowed && !allowed.error().is(Errc::forbidden)) co_return problem_of(allowed.error());
        readable[key.ns] = allowed.has_value();
      }
      if (!readable[key.ns]) continue;
      names += (names.empty() ? "" : ", ") + key.text();
      ++listed;
    }
    const Error several = fail(Errc::conflict, fmt::format("{} workloads run the image {}{}{}; use /v1/workloads/NAMESPACE/deployments/NAME/{}", found.size(),
                                                           wanted->image, names.empty() ? "" : ": ", names, action_of(route.call)));
    co_return problem_of(several);
  }

  const WorkloadKey key = found.front();
  CommandOptions options;
  options.by = person.user;
  options.dry_run = route.dry_run;
  std::vector<Access> accesses = accesses_for(route.call, key);
  Result<void> allowed = co_await parts_.authenticator.allowed(std::move(person), std::move(accesses));
  if (!allowed) co_return problem_of(allowed.error());
  parts_.log.info(shell_events::command(options.by, std::string(action_of(route.call)), key.text(), options.dry_run));
  Result<CommandReply> reply = fail(Errc::not_found, "no such command");
  if (route.call == ApiCall::old_rollout) {
    reply = parts_.core.rollout(key, wanted->image, wanted->tag, options, wall_now());
  } else {
    options.to = wanted->tag;
    reply = parts_.core.rollback(key, options, wall_now());
  }
  parts_.reconciler.hurry();
  co_return answer_of(reply);
}

}  // namespace charon::coordinator
