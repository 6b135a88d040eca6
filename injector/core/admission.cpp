#include "injector/core/admission.hpp"

#include "injector/core/injection_policy.hpp"
#include "injector/core/sidecar_patch.hpp"
#include "injector/core/utf8_prefix.hpp"
#include "lib/base/wire_policy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::injector {
namespace {

std::optional<Duration> scrape_interval(const PodView& pod, std::vector<std::string>& warnings) {
  const auto value = pod.annotation("charon.dev/scrape-interval");
  if (!value) return std::nullopt;
  const auto parsed = parse_duration(*value);
  if (parsed && wire::is_scrape_interval(*parsed)) return *parsed;
  warnings.push_back(fmt::format("charon: charon.dev/scrape-interval '{}' is not 500ms to 1h; passed over", utf8_prefix(*value, 40)));
  return std::nullopt;
}

/// Which agent the pod gets, or why none.
std::variant<AgentPlan, Skip> plan_agent(const PodView& pod, const PolicyInput& policy, const AgentSettings& settings,
                                         const ClusterFacts& facts, std::vector<std::string>& warnings) {
  if (auto skip = by_policy(pod, policy)) return std::move(*skip);
  for (const std::string_view volume : {token_volume, mask_volume})
    if (pod.has_volume(volume)) return Skip{Reason::name_taken, fmt::format("the pod has a volume of the name {}", volume)};

  Discovery found = discover_endpoint(pod);
  warnings = std::move(found.warnings);
  if (!found.endpoint)
    return Skip{Reason::no_endpoint, "no metrics endpoint found: set charon.dev/metrics-port, or name a container port metrics"};
  AgentPlan plan;
  plan.endpoint = std::move(*found.endpoint);
  plan.admin_port = admin_port(pod, plan.endpoint);
  plan.native = policy.native_sidecars;
  plan.scrape_interval = scrape_interval(pod, warnings);
  const AgentResources wanted = annotated_resources(pod, settings.resources, warnings);
  auto fitted = fit_resources(pod, wanted, facts.limits ? facts.limits(policy.ns) : std::vector<LimitRangeItem>{});
  if (auto* skip = std::get_if<Skip>(&fitted)) return std::move(*skip);
  plan.resources = std::get<AgentResources>(fitted);
  return plan;
}

void explain(const Skip& skip, AdmissionAnswer& answer) {
  answer.audit.emplace_back("injection", fmt::format("{}: {}", name(skip.reason), skip.detail));
  // A pod that holds an agent is a second pass, and no news.
  if (skip.reason != Reason::has_agent) answer.warnings.push_back(fmt::format("charon: no agent ({}): {}", name(skip.reason), skip.detail));
}

}  // namespace

Admission admit(std::string_view body, std::optional<std::string_view> namespace_value, const AgentSettings& settings, const ClusterFacts& facts) {
  Admission out;
  AdmissionAnswer answer;
  const auto skip = [&](Skip why) {
    explain(why, answer);
    out.skipped = std::move(why);
    out.body = render_answer(answer);
    return std::move(out);
  };

  const auto request = parse_review(body, answer.uid);
  if (!request) return skip({Reason::malformed, request.error().message()});
  out.ns = request->ns;
  out.dry_run = request->dry_run;
  if (!request->pod_creation) return skip({Reason::malformed, "not the creation of a pod"});
  const auto pod = PodView::of(request->object);
  if (!pod) return skip({Reason::malformed, pod.error().message()});
  constexpr std::size_t longest_name = 253;  // of a Kubernetes object; who sends more is no API server
  if (const auto& controller = pod->controller(); controller && std::max({request->ns.size(), controller->kind.size(), controller->name.size()}) <= longest_name)
    out.workload = WorkloadKey{request->ns, controller->kind, controller->name};

  auto decided = plan_agent(*pod, {request->ns, namespace_value, facts.native_sidecars, settings.coordinator}, settings, facts, answer.warnings);
  if (std::holds_alternative<AgentPlan>(decided) && facts.hold)
    if (auto held = facts.hold(out.workload, request->dry_run)) decided = std::move(*held);

  const auto told = [&](std::string status) {
    if (!status_fits(*pod, status)) answer.warnings.push_back("charon: the pod's annotations leave no room for charon.dev/status");
    return status;
  };
  if (auto* why = std::get_if<Skip>(&decided)) {
    if (writes_status(why->reason)) answer.patch = status_patch(*pod, told(skipped_status(settings, *why)));
    return skip(std::move(*why));
  }
  const AgentPlan& plan = std::get<AgentPlan>(decided);
  answer.patch = sidecar_patch(*pod, settings, plan, told(injected_status(settings, plan, answer.warnings)));
  answer.audit.emplace_back("injection", fmt::format("injected: port {} path {} by {}", plan.endpoint.port, plan.endpoint.path, plan.endpoint.source));
  out.body = render_answer(answer);
  return out;
}

}  // namespace charon::injector
