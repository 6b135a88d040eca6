#include "coordinator/core/registry_notification.hpp"
#include "coordinator/shell/api.hpp"
#include "coordinator/shell/api_problem.hpp"
#include "coordinator/shell/shell_events.hpp"

#include <boost/json/serialize.hpp>

#include <map>

namespace charon::coordinator {
namespace {

/// The namespaces of a secret, by the host under which their images name the registry.
std::map<std::string, std::vector<std::string>> namespaces_by_host(const std::vector<RegistryGrant>& grants, const std::string& notified_host) {
  std::map<std::string, std::vector<std::string>> out;
  for (const RegistryGrant& grant : grants) out[grant.host.empty() ? notified_host : grant.host].push_back(grant.ns);
  return out;
}

}  // namespace

/// A registry sends one envelope after another and repeats a refused one for ever. So what is refused is only what a
/// repetition can cure (401: the secret; 503: not synced) or what no registry sends (400, 413); all else is accepted and
/// said in the answer and the log. The core takes a push at once; its PATCH follows by the ledger, on its own.
HttpResponse Api::registry_events(const HttpRequest& request) {
  const auto grants = parts_.feed.registry_grants().find(bearer_token(request));
  if (grants.empty()) return problem_of(fail(Errc::unauthorized, "a secret of a registry is needed (Secret charon-registries)"));
  if (!parts_.feed.synced()) return problem_of(fail(Errc::unavailable, "the coordinator does not know the cluster yet"));
  const auto notification = read_registry_notification(request.body, wire::max_message_bytes);
  if (!notification) {
    parts_.log.warn(shell_events::push_refused(notification.error().context));
    if (notification.error().is(Errc::too_large)) return problem_of(notification.error());
    return net::problem(400, "Not an envelope", notification.error().context);
  }
  for (const std::string& why : notification->refused) {
    parts_.log.warn(shell_events::push_refused(why));
    parts_.metrics.pushes("unreadable");
  }

  boost::json::array results;
  std::size_t number = 0;
  for (ImagePush push : notification->pushes) {
    parts_.log.info(shell_events::processing_push(++number, notification->pushes.size(), push.name()));
    std::size_t followers = 0;
    for (const auto& [host, namespaces] : namespaces_by_host(grants, push.host)) {
      push.host = host;
      for (const CommandReply& reply : parts_.core.image_pushed(push, namespaces, wall_now())) {
        ++followers;
        parts_.metrics.pushes(reply.changed ? "deployed" : "refused");
        results.push_back(to_json(reply));
      }
    }
    if (followers == 0) {
      parts_.metrics.pushes("unfollowed");
      parts_.log.info(shell_events::push_unfollowed(push.host, push.name()));
    }
  }
  if (number > 0) parts_.reconciler.hurry();
  boost::json::object answer{{"pushes", number}, {"ignored", notification->ignored}, {"refused", notification->refused.size()}};
  answer["workloads"] = std::move(results);
  return net::json_response(202, boost::json::serialize(answer));
}

}  // namespace charon::coordinator
