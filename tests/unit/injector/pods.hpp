#pragma once
/// Pods and reviews for the injector's tests.
#include "injector/core/admission.hpp"
#include "lib/base/base64.hpp"
#include "lib/base/json_patch.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace charon::injector::test {

namespace json = boost::json;

inline json::object object(std::string_view text) { return json::parse(text).as_object(); }

/// A ReplicaSet's pod with one container that names a metrics port; `metadata` and `spec` add to it.
inline json::object pod(std::string_view metadata = "{}", std::string_view spec = "{}") {
  json::object out = object(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"generateName":"web-","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1","uid":"u1","controller":true}]},
    "spec":{"containers":[{"name":"web","image":"web:1","ports":[{"name":"metrics","containerPort":8080}]}]}})");
  for (const auto& [key, value] : object(metadata)) out["metadata"].as_object()[key] = value;
  for (const auto& [key, value] : object(spec)) out["spec"].as_object()[key] = value;
  return out;
}

inline std::string review(const json::object& pod, std::string_view ns = "shop", bool dry_run = false) {
  return json::serialize(json::object{
      {"apiVersion", "admission.k8s.io/v1"},
      {"kind", "AdmissionReview"},
      {"request", json::object{{"uid", "review-1"},
                               {"operation", "CREATE"},
                               {"namespace", ns},
                               {"dryRun", dry_run},
                               {"resource", json::object{{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
                               {"object", pod}}}});
}

inline AgentSettings settings() {
  AgentSettings out;
  out.image = "registry.example/charon-agent@sha256:abc";
  out.version = "0.1.0";
  out.coordinator = "https://charon-coordinator.charon-system.svc:8443";
  out.trust_roots_pem = "PEM";
  return out;
}

struct Given {
  std::optional<std::string_view> ns_label = "enabled";
  std::string_view ns = "shop";
  bool native = true;
  std::vector<LimitRangeItem> limits;
  std::optional<Skip> hold;
};

struct Outcome {
  Admission admission;
  json::object response;
  json::array patch;
  json::object before, after;

  bool injected() const { return !admission.skipped.has_value(); }
  std::string reason() const { return admission.skipped ? std::string(name(admission.skipped->reason)) : "injected"; }
  const json::object* agent() const {
    for (const std::string_view list : {"initContainers", "containers"})
      if (const json::array* all = array_of(after.at("spec").as_object(), list))
        for (const json::value& each : *all)
          if (text_of(each.as_object(), "name") == agent_container_name) return &each.as_object();
    return nullptr;
  }
  json::object status() const {
    const json::object* annotations = object_of(after.at("metadata").as_object(), "annotations");
    if (!annotations || !annotations->if_contains(status_annotation)) return {};
    return object(std::string(text_of(*annotations, status_annotation)));
  }
  std::string env(std::string_view variable) const {
    for (const json::value& each : agent()->at("env").as_array())
      if (text_of(each.as_object(), "name") == variable) return std::string(text_of(each.as_object(), "value"));
    return "(absent)";
  }
  std::string resource(std::string_view list, std::string_view kind) const {
    return std::string(text_of(agent()->at("resources").at(list).as_object(), kind));
  }
};

/// Admits the pod and applies the answer's patch to it, as the API server does.
inline Outcome admitted(const json::object& pod, const Given& given = {}) {
  ClusterFacts facts;
  facts.native_sidecars = given.native;
  facts.limits = [&](std::string_view) { return given.limits; };
  facts.hold = [&](const std::optional<WorkloadKey>&, bool) { return given.hold; };
  Outcome out;
  out.admission = admit(review(pod, given.ns), given.ns_label, settings(), facts);
  const json::object answer = object(out.admission.body);
  out.response = answer.at("response").as_object();
  BOOST_TEST(out.response.at("allowed").as_bool());
  BOOST_TEST(text_of(out.response, "uid") == "review-1");
  if (out.response.contains("patch")) {
    BOOST_TEST(text_of(out.response, "patchType") == "JSONPatch");
    out.patch = json::parse(base64_decode(text_of(out.response, "patch")).value()).as_array();
  }
  out.before = pod;
  const auto applied = apply_patch(json::value(pod), out.patch);
  BOOST_REQUIRE_MESSAGE(applied, (applied ? "" : applied.error().message()));
  out.after = applied->as_object();
  return out;
}

}  // namespace charon::injector::test
