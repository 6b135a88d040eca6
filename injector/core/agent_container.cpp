#include "injector/core/agent_container.hpp"

#include <fmt/format.h>

namespace charon::injector {
namespace {

namespace json = boost::json;

constexpr int user = 65532;

/// Kubernetes expands $(NAME) in values; $$ is a dollar.
std::string literal(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '$' ? std::string("$$") : std::string(1, c);
  return out;
}

json::object variable(std::string_view name, std::string_view value) { return {{"name", name}, {"value", literal(value)}}; }

json::object variable_of_field(std::string_view name, std::string_view path) {
  return {{"name", name}, {"valueFrom", json::object{{"fieldRef", json::object{{"apiVersion", "v1"}, {"fieldPath", path}}}}}};
}

json::array environment(const AgentSettings& settings, const AgentPlan& plan) {
  json::array env;
  env.push_back(variable_of_field("POD_NAME", "metadata.name"));
  env.push_back(variable_of_field("POD_NAMESPACE", "metadata.namespace"));
  env.push_back(variable_of_field("NODE_NAME", "spec.nodeName"));
  env.push_back(variable("CHARON_COORDINATOR", settings.coordinator));
  env.push_back(variable("CHARON_TRUST_ROOTS", settings.trust_roots_pem));
  env.push_back(variable("CHARON_TOKEN_FILE", "/var/run/secrets/charon/token"));
  env.push_back(variable("CHARON_METRICS_PORT", fmt::format("{}", plan.endpoint.port)));
  env.push_back(variable("CHARON_METRICS_PATH", plan.endpoint.path));
  env.push_back(variable("CHARON_METRICS_SCHEME", plan.endpoint.scheme));
  if (plan.scrape_interval) env.push_back(variable("CHARON_SCRAPE_INTERVAL", format_duration(*plan.scrape_interval)));
  env.push_back(variable("CHARON_ADMIN_PORT", fmt::format("{}", plan.admin_port)));
  env.push_back(variable("CHARON_MEMORY_LIMIT_BYTES", fmt::format("{}", plan.resources.memory_limit)));
  if (!settings.log_level.empty()) env.push_back(variable("CHARON_LOG_LEVEL", settings.log_level));
  return env;
}

}  // namespace

// No ports are declared: with hostNetwork each would become a hostPort that the scheduler counts, and Prometheus scrapes
// every declared port of annotated pods. No probes: the pod's readiness is the application's alone.
json::object agent_container(const AgentSettings& settings, const AgentPlan& plan) {
  json::object container{
      {"name", agent_container_name},
      {"image", settings.image},
      {"imagePullPolicy", "IfNotPresent"},
      {"env", environment(settings, plan)},
      {"resources", to_json(plan.resources)},
      {"securityContext",
       json::object{{"runAsUser", user},
                    {"runAsGroup", user},
                    {"runAsNonRoot", true},
                    {"allowPrivilegeEscalation", false},
                    {"readOnlyRootFilesystem", true},
                    {"capabilities", json::object{{"drop", json::array{"ALL"}}}},
                    {"seccompProfile", json::object{{"type", "RuntimeDefault"}}}}},
      {"terminationMessagePolicy", "FallbackToLogsOnError"},
      {"volumeMounts",
       json::array{json::object{{"name", token_volume}, {"mountPath", "/var/run/secrets/charon"}, {"readOnly", true}},
                   // The ServiceAccount admission plugin mounts the API server's token into each container that has no
                   // mount at this path (plugin/pkg/admission/serviceaccount in Kubernetes), and it runs again after webhooks.
                   json::object{{"name", mask_volume}, {"mountPath", "/var/run/secrets/kubernetes.io/serviceaccount"}, {"readOnly", true}}}}};
  if (plan.native) container["restartPolicy"] = "Always";
  return container;
}

json::array agent_volumes() {
  const json::object token{{"audience", "charon-coordinator"}, {"expirationSeconds", 3600}, {"path", "token"}};
  // Not an emptyDir: cluster autoscalers do not move pods with local storage.
  const json::object ns{{"path", "namespace"}, {"fieldRef", json::object{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}}}};
  return {json::object{{"name", token_volume}, {"projected", json::object{{"sources", json::array{json::object{{"serviceAccountToken", token}}}}}}},
          json::object{{"name", mask_volume}, {"downwardAPI", json::object{{"items", json::array{ns}}}}}};
}

}  // namespace charon::injector
