/// Whatever bytes a review is made of, the answer is JSON, allows the pod, and its patch applies and does not touch a
/// pod that holds the agent.
#include "injector/core/admission.hpp"

#include "injector/core/pod_view.hpp"
#include "lib/base/base64.hpp"
#include "lib/base/json_fields.hpp"
#include "lib/base/json_patch.hpp"

#include <cstdlib>

using namespace charon;
using namespace charon::injector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  AgentSettings settings;
  settings.image = "agent@sha256:1";
  settings.coordinator = "https://c:8443";
  ClusterFacts facts;
  facts.native_sidecars = size % 2 == 0;
  // The same bytes serve as a LimitRange and as a pod seen by the watch.
  if (const auto parsed = parse_json(body, max_review_bytes); parsed && parsed->is_object()) {
    facts.limits = [items = limit_range_items(parsed->get_object())](std::string_view) { return items; };
    (void)not_injected(parsed->get_object());
  }
  const Admission admission = admit(body, "enabled", settings, facts);
  const auto answer = parse_json(admission.body, 16 << 20);
  must(answer.has_value());
  const boost::json::object& response = answer->at("response").as_object();
  must(response.at("allowed").as_bool());
  if (!response.contains("patch")) return 0;

  const auto patch = parse_json(base64_decode(text_of(response, "patch")).value(), 16 << 20);
  must(patch.has_value() && patch->is_array());
  std::string uid;
  const auto request = parse_review(body, uid);
  must(request.has_value());
  const auto after = apply_patch(boost::json::value(request->object), patch->get_array());
  must(after.has_value());
  if (!admission.skipped) {
    const auto pod = PodView::of(after->get_object());
    must(pod.has_value() && pod->has_container(agent_container_name));
  }
  return 0;
}
