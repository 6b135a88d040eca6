#pragma once
/// Requests to a Kubernetes API server, built without I/O.
#include "lib/base/http_message.hpp"
#include "lib/base/json_fields.hpp"

#include <string>

namespace charon::kube {

/// Which collection: group "" is the core API.
struct Resource {
  std::string group, version, plural;
};

inline const Resource pods{"", "v1", "pods"}, nodes{"", "v1", "nodes"}, events{"", "v1", "events"}, secrets{"", "v1", "secrets"},
    namespaces{"", "v1", "namespaces"}, limit_ranges{"", "v1", "limitranges"}, resource_quotas{"", "v1", "resourcequotas"},
    deployments{"apps", "v1", "deployments"}, replica_sets{"apps", "v1", "replicasets"}, stateful_sets{"apps", "v1", "statefulsets"},
    daemon_sets{"apps", "v1", "daemonsets"}, token_reviews{"authentication.k8s.io", "v1", "tokenreviews"},
    subject_access_reviews{"authorization.k8s.io", "v1", "subjectaccessreviews"},
    mutating_webhooks{"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"},
    release_ledgers{"charon.dev", "v1alpha1", "releaseledgers"}, release_baselines{"charon.dev", "v1alpha1", "releasebaselines"},
    rollback_policies{"charon.dev", "v1alpha1", "rollbackpolicies"};

enum class PatchType { json, merge, strategic };  ///< RFC 6902, RFC 7386, Kubernetes' own

struct ListOptions {
  std::string label_selector, field_selector;
  unsigned limit = 500;
  std::string continue_token;
};

/// Names are percent-encoded; an empty namespace means cluster-scoped or all namespaces.
HttpRequest get(const Resource& resource, std::string_view ns, std::string_view name);
HttpRequest list(const Resource& resource, std::string_view ns, const ListOptions& options);
HttpRequest watch(const Resource& resource, std::string_view ns, const ListOptions& options, std::string_view resource_version, Duration timeout);
HttpRequest create(const Resource& resource, std::string_view ns, const boost::json::value& object, bool dry_run = false);
HttpRequest replace(const Resource& resource, std::string_view ns, std::string_view name, const boost::json::value& object, std::string_view subresource = {});
HttpRequest patch(const Resource& resource, std::string_view ns, std::string_view name, PatchType type, const boost::json::value& body,
                  std::string_view field_manager = "charon", std::string_view subresource = {}, bool dry_run = false);
HttpRequest remove(const Resource& resource, std::string_view ns, std::string_view name);

/// The object of a 2xx response, else an Error made of its Status (message, reason): 401 unauthorized, 403 forbidden,
/// 404 not_found, 409 conflict, 410 gone, 429 and 5xx unavailable, other 4xx rejected.
Result<boost::json::object> read_response(const HttpResponse& response);
/// The same for a status outside 2xx whose body is at hand: "API server: 409 Conflict the object has been modified".
Error status_error(unsigned status, std::string_view body);

}  // namespace charon::kube
