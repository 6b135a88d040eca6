#include "injector/core/injection_status.hpp"

#include "injector/core/utf8_prefix.hpp"

namespace charon::injector {

namespace json = boost::json;

std::string injected_status(const AgentSettings& settings, const AgentPlan& plan, const std::vector<std::string>& warnings) {
  const Endpoint& at = plan.endpoint;
  json::object endpoint{{"port", at.port}, {"path", at.path}, {"scheme", at.scheme}};
  if (!at.container.empty()) endpoint["container"] = at.container;
  endpoint["source"] = at.source;
  json::object status{{"version", settings.version},
                      {"injected", true},
                      {"container", plan.native ? "native sidecar" : "container"},
                      {"endpoint", std::move(endpoint)},
                      {"adminPort", plan.admin_port}};
  if (!warnings.empty()) status["warnings"] = json::value_from(warnings);
  return json::serialize(status);
}

std::string skipped_status(const AgentSettings& settings, const Skip& skip) {
  return json::serialize(json::object{
      {"version", settings.version}, {"injected", false}, {"reason", name(skip.reason)}, {"message", utf8_prefix(skip.detail, 512)}});
}

std::optional<NotInjected> not_injected(const json::object& pod) {
  const json::object* metadata = object_of(pod, "metadata");
  const json::object* annotations = metadata ? object_of(*metadata, "annotations") : nullptr;
  if (!annotations) return std::nullopt;
  const auto parsed = parse_json(text_of(*annotations, status_annotation), 16 * 1024);
  const json::object* status = parsed ? parsed->if_object() : nullptr;
  const json::value* injected = status ? status->if_contains("injected") : nullptr;
  if (!injected || !injected->is_bool() || injected->get_bool()) return std::nullopt;
  const std::string_view reason = text_of(*status, "reason");
  for (const auto& [value, text] : names_of(Reason{}))
    if (text == reason && deserves_event(value)) return NotInjected{std::string(reason), utf8_prefix(text_of(*status, "message"), 512)};
  return std::nullopt;
}

}  // namespace charon::injector
