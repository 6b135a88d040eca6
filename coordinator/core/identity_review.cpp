#include "coordinator/core/identity_review.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::coordinator {
namespace {

namespace json = boost::json;

const json::object* object_at(const json::object& in, std::string_view key) {
  const json::value* found = in.if_contains(key);
  return found ? found->if_object() : nullptr;
}

std::string text_at(const json::object& in, std::string_view key) {
  const json::value* found = in.if_contains(key);
  const json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

std::vector<std::string> texts_at(const json::object& in, std::string_view key) {
  std::vector<std::string> out;
  const json::value* found = in.if_contains(key);
  if (const json::array* array = found ? found->if_array() : nullptr)
    for (const json::value& element : *array)
      if (element.is_string()) out.emplace_back(element.get_string());
  return out;
}

bool true_at(const json::object& in, std::string_view key) {
  const json::value* found = in.if_contains(key);
  return found && found->is_bool() && found->get_bool();
}

/// The first value of one of a user's extras, which are lists of strings.
std::string extra(const json::object& user, std::string_view key) {
  const json::object* extras = object_at(user, "extra");
  if (!extras) return {};
  const auto values = texts_at(*extras, key);
  return values.empty() ? std::string() : values.front();
}

/// The `user` of an authenticated review. status.audiences must hold the audience asked for: an authenticator that knows
/// nothing of audiences leaves it out, and then the token is good for the API server only.
Result<const json::object*> authenticated_user(const json::object& review, std::string_view audience) {
  const json::object* status = object_at(review, "status");
  if (!status) return fail(Errc::invalid_input, "TokenReview without a status");
  if (!true_at(*status, "authenticated")) return fail(Errc::unauthorized, "the API server does not know this token");
  if (!audience.empty()) {
    const auto audiences = texts_at(*status, "audiences");
    if (std::find(audiences.begin(), audiences.end(), audience) == audiences.end())
      return fail(Errc::unauthorized, fmt::format("the token is not for the audience {}", audience));
  }
  const json::object* user = object_at(*status, "user");
  if (!user || text_at(*user, "username").empty()) return fail(Errc::invalid_input, "TokenReview without a user");
  return user;
}

}  // namespace

json::object token_review(std::string_view token, std::string_view audience) {
  json::object spec{{"token", token}};
  if (!audience.empty()) spec["audiences"] = json::array{audience};
  return {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenReview"}, {"spec", std::move(spec)}};
}

Result<AgentIdentity> read_agent_review(const json::object& review) {
  const auto user = authenticated_user(review, agent_audience);
  if (!user) return user.error();
  constexpr std::string_view prefix = "system:serviceaccount:";
  const std::string name = text_at(**user, "username");
  const std::size_t colon = name.find(':', prefix.size());
  if (!name.starts_with(prefix) || colon == std::string::npos || colon == prefix.size() || colon + 1 == name.size())
    return fail(Errc::unauthorized, "the token is not a service account's");
  AgentIdentity agent;
  agent.ns = name.substr(prefix.size(), colon - prefix.size());
  agent.service_account = name.substr(colon + 1);
  agent.pod = extra(**user, "authentication.kubernetes.io/pod-name");
  agent.pod_uid = PodUid{extra(**user, "authentication.kubernetes.io/pod-uid")};
  agent.node = extra(**user, "authentication.kubernetes.io/node-name");
  agent.node_uid = extra(**user, "authentication.kubernetes.io/node-uid");
  if (agent.pod.empty() || agent.pod_uid.empty()) return fail(Errc::unauthorized, "the token is not bound to a pod");
  return agent;
}

Result<Person> read_person_review(const json::object& review, std::string_view audience) {
  const auto user = authenticated_user(review, audience);
  if (!user) return user.error();
  Person person;
  person.user = text_at(**user, "username");
  person.uid = text_at(**user, "uid");
  person.groups = texts_at(**user, "groups");
  if (const json::object* extras = object_at(**user, "extra")) person.extra = *extras;
  return person;
}

Access read_ledgers(std::string_view ns) {
  return {ns.empty() ? "list" : "get", "charon.dev", "releaseledgers", "", std::string(ns), ""};
}

std::vector<Access> act_on_workload(std::string_view action, std::string_view ns, std::string_view plural, std::string_view workload,
                                    std::string_view ledger) {
  return {{"create", "charon.dev", "releaseledgers", std::string(action), std::string(ns), std::string(ledger)},
          {"patch", "apps", std::string(plural), "", std::string(ns), std::string(workload)}};
}

json::object access_review(const Person& person, const Access& access) {
  json::object attributes{{"verb", access.verb}, {"group", access.group}, {"resource", access.resource}};
  if (!access.subresource.empty()) attributes["subresource"] = access.subresource;
  if (!access.ns.empty()) attributes["namespace"] = access.ns;
  if (!access.name.empty()) attributes["name"] = access.name;
  json::object spec{{"user", person.user}, {"groups", json::array(person.groups.begin(), person.groups.end())},
                    {"extra", person.extra}, {"resourceAttributes", std::move(attributes)}};
  if (!person.uid.empty()) spec["uid"] = person.uid;
  return {{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", std::move(spec)}};
}

Result<void> read_access_review(const json::object& review, const Person& person, const Access& access) {
  const json::object* status = object_at(review, "status");
  if (!status) return fail(Errc::invalid_input, "SubjectAccessReview without a status");
  if (true_at(*status, "allowed")) return {};
  return fail(Errc::forbidden,
              fmt::format("{} may not {} {}{}{}{}{}", person.user, access.verb, access.resource, access.subresource.empty() ? "" : "/",
                          access.subresource, access.name.empty() ? "" : " " + access.name,
                          access.ns.empty() ? " in every namespace" : " in namespace " + access.ns));
}

}  // namespace charon::coordinator
