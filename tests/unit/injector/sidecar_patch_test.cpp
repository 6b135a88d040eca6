#include "injector/core/sidecar_patch.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

/// Everything of `before` is in `after`, in the same order; objects and arrays may have grown.
bool contains(const json::value& after, const json::value& before) {
  if (before.is_object()) {
    if (!after.is_object()) return false;
    for (const auto& [key, value] : before.get_object()) {
      const json::value* found = after.get_object().if_contains(key);
      if (!found || !contains(*found, value)) return false;
    }
    return true;
  }
  if (before.is_array()) {
    if (!after.is_array() || after.get_array().size() < before.get_array().size()) return false;
    for (std::size_t i = 0; i < before.get_array().size(); ++i)
      if (!contains(after.get_array()[i], before.get_array()[i])) return false;
    return true;
  }
  return after == before;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sidecar_patch)

BOOST_AUTO_TEST_CASE(a_pod_without_any_parent_gets_all_of_them) {
  const auto out = admitted(pod());
  BOOST_TEST(out.injected());
  BOOST_TEST(out.after.at("spec").at("initContainers").as_array().size() == 1);
  BOOST_TEST(out.after.at("spec").at("containers").as_array().size() == 1);
  BOOST_TEST(out.after.at("spec").at("volumes").as_array().size() == 2);
  BOOST_TEST(out.status().at("injected").as_bool());
  BOOST_TEST(text_of(*out.agent(), "restartPolicy") == "Always");
  BOOST_TEST(contains(out.after, out.before));
}

BOOST_AUTO_TEST_CASE(a_pod_with_every_parent_keeps_what_it_has_unknown_fields_included) {
  const auto given = pod(R"({"labels":{"a":"b"},"annotations":{"a/b~c":"1","x~1y":"2","charon.dev/metrics-path":"/m~1/~0"}, "fieldOfTheFuture":[1.5]})",
                         R"({"futureField":{"x":[1,null,{"y":18446744073709551615}]},
                             "volumes":[{"name":"data","emptyDir":{"futureMedium":"x"}}],
                             "initContainers":[{"name":"init","image":"i"},{"name":"mesh","restartPolicy":"Always","image":"m"}],
                             "containers":[{"name":"web","image":"w","ports":[{"containerPort":1}],"volumeMounts":[{"name":"data","mountPath":"/d"}],"future":true}]})");
  const auto out = admitted(given);
  BOOST_TEST(out.injected());
  BOOST_TEST(contains(out.after, given));
  const auto& init = out.after.at("spec").at("initContainers").as_array();
  BOOST_TEST(init.size() == 3);
  BOOST_TEST(text_of(init.back().as_object(), "name") == "charon-agent");
  BOOST_TEST(out.after.at("metadata").at("annotations").as_object().size() == 4);
  BOOST_TEST(out.env("CHARON_METRICS_PATH") == "/m~1/~0");
  for (const json::value& op : out.patch) BOOST_TEST(text_of(op.as_object(), "op") == "add");
}

BOOST_AUTO_TEST_CASE(null_parents_count_as_missing) {
  const auto out = admitted(pod(R"({"annotations":null,"labels":null})", R"({"volumes":null,"initContainers":null})"));
  BOOST_TEST(out.injected());
  BOOST_TEST(out.after.at("spec").at("volumes").as_array().size() == 2);
}

BOOST_AUTO_TEST_CASE(without_native_sidecars_it_is_the_last_ordinary_container) {
  Given given;
  given.native = false;
  const auto out = admitted(pod("{}", R"({"initContainers":[{"name":"init"}]})"), given);
  BOOST_TEST(text_of(out.after.at("spec").at("containers").as_array().back().as_object(), "name") == "charon-agent");
  BOOST_TEST(!out.agent()->contains("restartPolicy"));
  BOOST_TEST(out.after.at("spec").at("initContainers").as_array().size() == 1);
  BOOST_TEST(text_of(out.status(), "container") == "container");
}

BOOST_AUTO_TEST_CASE(a_second_pass_adds_nothing) {
  for (const bool native : {true, false}) {
    Given given;
    given.native = native;
    const auto first = admitted(pod(), given);
    const auto second = admitted(first.after, given);
    BOOST_TEST(second.reason() == "HasAgent");
    BOOST_TEST(second.patch.empty());
    BOOST_TEST(!second.response.contains("warnings"));
  }
  const auto bare = admitted(pod("{}", R"({"hostNetwork":true})"));
  BOOST_TEST(bare.patch.size() == 1);
  BOOST_TEST(admitted(bare.after).patch.empty());
}

BOOST_AUTO_TEST_CASE(a_reason_that_no_longer_holds_is_replaced_and_nothing_else) {
  auto bare = admitted(pod("{}", R"({"containers":[{"name":"web"}]})"));
  BOOST_TEST(bare.reason() == "NoMetricsEndpoint");
  // Another webhook adds the port, and the API server asks again.
  bare.after["spec"].as_object()["containers"] = json::parse(R"([{"name":"web","ports":[{"name":"metrics","containerPort":80}]}])");
  const auto out = admitted(bare.after);
  BOOST_TEST(out.injected());
  BOOST_TEST(out.status().at("injected").as_bool());
  for (const json::value& op : out.patch)
    if (text_of(op.as_object(), "op") != "add") {
      BOOST_TEST(text_of(op.as_object(), "op") == "replace");
      BOOST_TEST(text_of(op.as_object(), "path") == "/metadata/annotations/charon.dev~1status");
    }
}

BOOST_AUTO_TEST_CASE(a_pod_whose_annotations_are_nearly_full_is_admitted_without_a_status) {
  const auto bytes = [](const json::object& of) { return PodView::of(of)->annotation_bytes(); };
  const auto padded = [](std::size_t size, std::string_view spec = "{}") {
    auto out = pod("{}", spec);
    out["metadata"].as_object()["annotations"] = json::object{{"pad", std::string(size, 'x')}};
    return out;
  };
  for (const auto* spec : {"{}", R"({"containers":[{"name":"no port"}]})"}) {
    const std::size_t status = bytes(admitted(padded(0, spec)).after) - 3;
    const std::size_t room = max_annotation_bytes - spare_annotation_bytes - 3 - status;
    const auto fits = admitted(padded(room, spec));
    BOOST_TEST(fits.status().contains("injected"));
    for (const std::size_t size : {room + 1, max_annotation_bytes - 200, max_annotation_bytes - 3}) {
      const auto full = admitted(padded(size, spec));
      BOOST_TEST(bytes(full.after) <= max_annotation_bytes);
      BOOST_TEST(full.status().empty());
      BOOST_TEST(full.reason() == fits.reason());
      BOOST_TEST((full.agent() != nullptr) == full.injected());
      BOOST_TEST(json::serialize(full.response.at("warnings")).find("no room") != std::string::npos);
    }
  }
  // A status of an earlier pass makes room for itself, and goes where the new one does not fit.
  auto again = padded(max_annotation_bytes - spare_annotation_bytes - 100);
  again["metadata"].as_object()["annotations"].as_object()[status_annotation] = R"({"injected":false})";
  const auto out = admitted(again);
  BOOST_TEST(out.injected());
  BOOST_TEST(out.status().empty());
}

BOOST_AUTO_TEST_CASE(the_container_passes_pod_security_restricted_whatever_the_pod_says) {
  const auto out = admitted(pod("{}", R"({"securityContext":{"runAsUser":0,"runAsNonRoot":false,"seccompProfile":{"type":"Unconfined"}}})"));
  const json::object& security = out.agent()->at("securityContext").as_object();
  BOOST_TEST(security.at("runAsUser").as_int64() == 65532);
  BOOST_TEST(security.at("runAsNonRoot").as_bool());
  BOOST_TEST(!security.at("allowPrivilegeEscalation").as_bool());
  BOOST_TEST(security.at("readOnlyRootFilesystem").as_bool());
  BOOST_TEST(json::serialize(security.at("capabilities")) == R"({"drop":["ALL"]})");
  BOOST_TEST(text_of(security.at("seccompProfile").as_object(), "type") == "RuntimeDefault");
  for (const auto* absent : {"readinessProbe", "livenessProbe", "startupProbe", "ports"}) BOOST_TEST(!out.agent()->contains(absent));
  BOOST_TEST(text_of(*out.agent(), "imagePullPolicy") == "IfNotPresent");
}

BOOST_AUTO_TEST_CASE(its_token_is_for_the_coordinator_and_the_api_servers_is_masked) {
  const auto out = admitted(pod());
  const auto& volumes = out.after.at("spec").at("volumes").as_array();
  const auto& token = volumes[0].at("projected").at("sources").as_array()[0].at("serviceAccountToken").as_object();
  BOOST_TEST(text_of(token, "audience") == "charon-coordinator");
  BOOST_TEST(token.at("expirationSeconds").as_int64() == 3600);
  BOOST_TEST(text_of(token, "path") == "token");
  const auto& mounts = out.agent()->at("volumeMounts").as_array();
  BOOST_TEST(text_of(mounts[0].as_object(), "mountPath") == "/var/run/secrets/charon");
  BOOST_TEST(text_of(mounts[1].as_object(), "mountPath") == "/var/run/secrets/kubernetes.io/serviceaccount");
  BOOST_TEST(text_of(mounts[1].as_object(), "name") == text_of(volumes[1].as_object(), "name"));
}

BOOST_AUTO_TEST_CASE(the_environment_is_the_agents_contract) {
  const auto out = admitted(pod(R"j({"annotations":{"charon.dev/scrape-interval":"2s","charon.dev/metrics-path":"/m?$(POD_NAME)"}})j"));
  BOOST_TEST(out.env("CHARON_COORDINATOR") == "https://charon-coordinator.charon-system.svc:8443");
  BOOST_TEST(out.env("CHARON_TRUST_ROOTS") == "PEM");
  BOOST_TEST(out.env("CHARON_TOKEN_FILE") == "/var/run/secrets/charon/token");
  BOOST_TEST(out.env("CHARON_METRICS_PORT") == "8080");
  BOOST_TEST(out.env("CHARON_METRICS_SCHEME") == "http");
  BOOST_TEST(out.env("CHARON_SCRAPE_INTERVAL") == "2s");
  BOOST_TEST(out.env("CHARON_ADMIN_PORT") == "19095");
  BOOST_TEST(out.env("CHARON_MEMORY_LIMIT_BYTES") == "50331648");
  // Kubernetes would expand the name of a variable.
  BOOST_TEST(out.env("CHARON_METRICS_PATH") == "/m?$$(POD_NAME)");
  for (const auto* name : {"POD_NAME", "POD_NAMESPACE", "NODE_NAME"}) BOOST_TEST(out.env(name) == "");
}

BOOST_AUTO_TEST_CASE(a_bad_scrape_interval_is_refused_with_a_warning) {
  for (const auto* bad : {"1ms", "2h", "soon", "-5s", ""}) {
    const auto out = admitted(pod(fmt::format(R"({{"annotations":{{"charon.dev/scrape-interval":"{}"}}}})", bad)));
    BOOST_TEST(out.injected());
    BOOST_TEST(out.env("CHARON_SCRAPE_INTERVAL") == "(absent)");
    BOOST_TEST(out.response.at("warnings").as_array().size() == 1);
    BOOST_TEST(out.status().at("warnings").as_array().size() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_taken_volume_name_and_a_stopped_injection_are_said) {
  BOOST_TEST(admitted(pod("{}", R"({"volumes":[{"name":"charon-token"}]})")).reason() == "NameTaken");
  Given held;
  held.hold = Skip{Reason::agent_image, "pods wait (ImagePullBackOff)"};
  const auto out = admitted(pod(), held);
  BOOST_TEST(out.agent() == nullptr);
  BOOST_TEST(text_of(out.status(), "reason") == "AgentImageUnavailable");
  BOOST_TEST(text_of(out.response.at("auditAnnotations").as_object(), "injection") == "AgentImageUnavailable: pods wait (ImagePullBackOff)");
  BOOST_TEST(out.response.at("warnings").as_array().size() == 1);
}

BOOST_AUTO_TEST_CASE(a_breaker_is_asked_only_where_all_else_speaks_for_an_agent) {
  int asked = 0;
  ClusterFacts facts;
  facts.hold = [&](const std::optional<WorkloadKey>& workload, bool dry_run) -> std::optional<Skip> {
    ++asked;
    BOOST_TEST(workload->name == "web-1");
    BOOST_TEST(dry_run);
    return std::nullopt;
  };
  const auto without_port = pod("{}", R"({"containers":[{"name":"web"}]})");
  BOOST_TEST(admit(review(without_port, "shop", true), "enabled", settings(), facts).skipped.has_value());
  BOOST_TEST(asked == 0);
  BOOST_TEST(!admit(review(pod(), "shop", true), "enabled", settings(), facts).skipped.has_value());
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()
