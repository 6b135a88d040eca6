#pragma once
/// Who is calling: TokenReview and SubjectAccessReview objects, built and read without I/O
/// (Kubernetes API reference, authentication.k8s.io/v1 and authorization.k8s.io/v1).
#include "lib/base/ids.hpp"

#include <boost/json.hpp>

#include "lib/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace charon::coordinator {

/// The audience that agents' projected tokens are made for. A token of this audience is worth nothing to the API server.
inline constexpr std::string_view agent_audience = "charon-coordinator";

/// The pod an agent's token is bound to. The agent may speak for this pod only.
struct AgentIdentity {
  std::string ns;
  std::string pod;
  PodUid pod_uid;
  std::string node;      ///< empty before Kubernetes 1.30, whose tokens do not name the node
  std::string node_uid;  ///< as node
  std::string service_account;
};

/// A person or a program with a token, as the API server knows them.
struct Person {
  std::string user, uid;
  std::vector<std::string> groups;
  boost::json::object extra;
};

/// TokenReview to POST. An empty audience asks for the API server's own.
boost::json::object token_review(std::string_view token, std::string_view audience);

/// Reads the answered TokenReview of an agent. Errors: unauthorized (not authenticated, not for agent_audience, not bound
/// to a pod, not a service account), invalid_input (not a TokenReview).
Result<AgentIdentity> read_agent_review(const boost::json::object& review);

/// Reads the answered TokenReview of a person; `audience` as it was asked for. Errors: unauthorized, invalid_input.
Result<Person> read_person_review(const boost::json::object& review, std::string_view audience);

/// What is asked of the API server's authorizer. An empty namespace means every namespace.
struct Access {
  std::string verb, group, resource, subresource, ns, name;
};

/// Reading ledgers of one namespace, or of all (`ns` empty).
Access read_ledgers(std::string_view ns);
/// Acting on a workload takes both: `create` on the ledger's subresource `action` (rollback, freeze, promote, rollout),
/// and `patch` on the workload itself, so that Charon is nobody's way around RBAC. `plural` is the workload's
/// resource in group apps ("deployments").
std::vector<Access> act_on_workload(std::string_view action, std::string_view ns, std::string_view plural, std::string_view workload,
                                    std::string_view ledger);

/// SubjectAccessReview to POST.
boost::json::object access_review(const Person& person, const Access& access);
/// Errors: forbidden, with who may not do what; invalid_input (not a SubjectAccessReview).
Result<void> read_access_review(const boost::json::object& review, const Person& person, const Access& access);

}  // namespace charon::coordinator
