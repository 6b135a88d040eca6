#include "injector/core/agent_resources.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

std::string resources(const Outcome& out) {
  if (!out.injected()) return out.reason();
  return fmt::format("{}/{} {}/{}", out.resource("requests", "cpu"), out.resource("limits", "cpu"), out.resource("requests", "memory"), out.resource("limits", "memory"));
}

std::vector<LimitRangeItem> limits(std::string_view items) { return limit_range_items(object(fmt::format(R"({{"spec":{{"limits":[{}]}}}})", items))); }

constexpr std::string_view guaranteed = R"({"containers":[{"name":"web","ports":[{"containerPort":80}],
  "resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1000m","memory":"1024Mi"}}}]})";

}  // namespace

BOOST_AUTO_TEST_SUITE(agent_resources)

BOOST_AUTO_TEST_CASE(annotations_override_and_bad_ones_are_refused) {
  struct Case {
    std::string annotations, expected;
    std::size_t warnings = 0;
  };
  const Case cases[] = {
      {R"({})", "10m/100m 24Mi/48Mi"},
      {R"({"charon.dev/agent-cpu-request":"50m","charon.dev/agent-cpu-limit":"0.5"})", "50m/500m 24Mi/48Mi"},
      {R"({"charon.dev/agent-cpu-request":"200m"})", "200m/200m 24Mi/48Mi"},
      {R"({"charon.dev/agent-memory-limit":"20Mi"})", "10m/100m 20Mi/20Mi"},
      {R"({"charon.dev/agent-memory-limit":"64M"})", "10m/100m 24Mi/64000000"},
      {R"({"charon.dev/agent-memory-limit":"1Mi"})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-memory-limit":"100Gi"})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-memory-limit":"-64Mi"})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-cpu-limit":"lots"})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-cpu-limit":"0"})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-cpu-request":""})", "10m/100m 24Mi/48Mi", 1},
      {R"({"charon.dev/agent-cpu-request":"300m","charon.dev/agent-cpu-limit":"200m"})", "10m/100m 24Mi/48Mi", 1},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.annotations) {
    const auto out = admitted(pod(R"({"annotations":)" + c.annotations + "}"));
    BOOST_TEST(resources(out) == c.expected);
    BOOST_TEST((out.response.contains("warnings") ? out.response.at("warnings").as_array().size() : 0) == c.warnings);
  }
}

BOOST_AUTO_TEST_CASE(a_guaranteed_pod_stays_so_and_only_such_a_pod) {
  BOOST_TEST(resources(admitted(pod("{}", guaranteed))) == "100m/100m 48Mi/48Mi");
  const auto after = admitted(pod("{}", guaranteed)).after;
  BOOST_TEST(is_guaranteed(*PodView::of(after)));
  const auto is = [](std::string_view resources_text, std::string_view init = "[]") {
    const auto p = pod("{}", fmt::format(R"({{"containers":[{{"name":"web","resources":{}}}],"initContainers":{}}})", resources_text, init));
    return is_guaranteed(*PodView::of(p));
  };
  BOOST_TEST(is(R"({"limits":{"cpu":"1","memory":"1Gi"}})"));
  BOOST_TEST(is(R"({"limits":{"cpu":"1","memory":"1Gi","nvidia.com/gpu":"1"},"requests":{"cpu":"1"}})"));
  BOOST_TEST(!is(R"({"limits":{"cpu":"1"}})"));
  BOOST_TEST(!is(R"({"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}})"));
  BOOST_TEST(!is(R"({"limits":{"cpu":"0","memory":"1Gi"}})"));
  BOOST_TEST(!is("{}"));
  BOOST_TEST(!is(R"({"limits":{"cpu":"1","memory":"1Gi"}})", R"([{"name":"init"}])"));
}

BOOST_AUTO_TEST_CASE(limit_ranges_are_met_or_the_pod_starts_without) {
  struct Case {
    std::string what, items, expected;
    std::string spec = R"({"containers":[{"name":"web","ports":[{"containerPort":80}],"resources":{"requests":{"cpu":"100m","memory":"100Mi"},"limits":{"cpu":"200m","memory":"200Mi"}}}]})";
  };
  const Case cases[] = {
      {"none", "", "10m/100m 24Mi/48Mi"},
      {"min", R"({"type":"Container","min":{"cpu":"50m","memory":"32Mi"}})", "50m/100m 32Mi/48Mi"},
      {"min above the limit", R"({"type":"Container","min":{"cpu":"300m","memory":"64Mi"}})", "300m/300m 64Mi/64Mi"},
      {"max", R"({"type":"Container","max":{"cpu":"50m","memory":"32Mi"}})", "10m/50m 24Mi/32Mi"},
      {"max below the request", R"({"type":"Container","max":{"memory":"22Mi"}})", "10m/100m 22Mi/22Mi"},
      {"max too small", R"({"type":"Container","max":{"memory":"16Mi"}})", "LimitRange"},
      {"min above max of another", R"({"type":"Container","max":{"cpu":"50m"}},{"type":"Container","min":{"cpu":"60m"}})", "LimitRange"},
      {"ratio", R"({"type":"Container","maxLimitRequestRatio":{"cpu":"2","memory":"1"}})", "51m/100m 48Mi/48Mi"},
      {"pod max with room", R"({"type":"Pod","max":{"cpu":"1","memory":"1Gi"}})", "10m/100m 24Mi/48Mi"},
      {"pod max with little room", R"({"type":"Pod","max":{"cpu":"220m","memory":"230Mi"}})", "10m/20m 24Mi/30Mi"},
      {"pod max without room", R"({"type":"Pod","max":{"memory":"201Mi"}})", "LimitRange"},
      {"pod ratio", R"({"type":"Pod","maxLimitRequestRatio":{"cpu":"2"}})", "51m/100m 24Mi/48Mi"},
      {"other types", R"({"type":"PersistentVolumeClaim","max":{"storage":"1"}})", "10m/100m 24Mi/48Mi"},
      {"guaranteed and max", R"({"type":"Container","max":{"cpu":"2","memory":"32Mi"}})", "100m/100m 32Mi/32Mi", std::string(guaranteed)},
      {"pod max counts native sidecars", R"({"type":"Pod","max":{"cpu":"350m"}})", "10m/50m 24Mi/48Mi",
       R"({"containers":[{"name":"web","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"200m"}}}],
           "initContainers":[{"name":"i","resources":{"limits":{"cpu":"5"}}},{"name":"s","restartPolicy":"Always","resources":{"limits":{"cpu":"100m"}}}]})"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    Given given;
    given.limits = limits(c.items);
    const auto out = admitted(pod("{}", c.spec), given);
    BOOST_TEST(resources(out) == c.expected);
    if (!out.injected()) BOOST_TEST(text_of(out.status(), "reason") == "LimitRange");
  }
}

// A ResourceQuota asks every container of a pod for what it counts (pkg/quota/v1/evaluator/core/pods.go); a pod that it
// would refuse anyway is nothing to the agent.
BOOST_AUTO_TEST_CASE(local_storage_is_asked_for_where_the_pod_does_and_nowhere_else) {
  struct Case {
    std::string what, resources, expected;
    std::string limits = "", init = "[]";
  };
  const std::string equal = R"("cpu":"1","memory":"1Gi")", little = R"("cpu":"10m","memory":"1Mi")";
  const Case cases[] = {
      {"BestEffort", "{}", "none/none"},
      {"Burstable, none", "{\"requests\":{" + little + "}}", "none/none"},
      {"Burstable, requested", R"({"requests":{"ephemeral-storage":"1Gi"}})", "8Mi/none"},
      {"Burstable, limited", R"({"limits":{"ephemeral-storage":"1Gi"}})", "8Mi/128Mi"},
      {"Burstable, both", R"({"requests":{"ephemeral-storage":"1Gi"},"limits":{"ephemeral-storage":"2Gi"}})", "8Mi/128Mi"},
      {"Guaranteed, none", "{\"limits\":{" + equal + "}}", "none/none"},
      {"Guaranteed, requested", "{\"limits\":{" + equal + R"(},"requests":{"ephemeral-storage":"1Gi"}})", "8Mi/none"},
      {"Guaranteed, both", "{\"limits\":{" + equal + R"(,"ephemeral-storage":"1Gi"}})", "8Mi/128Mi"},
      {"an init container alone is limited", "{}", "8Mi/128Mi", "", R"([{"name":"i","resources":{"limits":{"ephemeral-storage":"1Gi"}}}])"},
      {"min", R"({"limits":{"ephemeral-storage":"1Gi"}})", "64Mi/128Mi", R"({"type":"Container","min":{"ephemeral-storage":"64Mi"}})"},
      {"max", R"({"limits":{"ephemeral-storage":"1Gi"}})", "8Mi/100Mi", R"({"type":"Container","max":{"ephemeral-storage":"100Mi"}})"},
      {"max too small", R"({"limits":{"ephemeral-storage":"16Mi"}})", "LimitRange", R"({"type":"Container","max":{"ephemeral-storage":"16Mi"}})"},
      {"max of the pod", R"({"limits":{"ephemeral-storage":"1Gi"}})", "8Mi/40Mi", R"({"type":"Pod","max":{"ephemeral-storage":"1064Mi"}})"},
      {"ratio", R"({"limits":{"ephemeral-storage":"1Gi"}})", "67108865/128Mi", R"({"type":"Container","maxLimitRequestRatio":{"ephemeral-storage":"2"}})"},
      {"a bound that touches nobody", "{}", "none/none", R"({"type":"Pod","max":{"ephemeral-storage":"1Mi"}})"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    Given given;
    given.limits = limits(c.limits);
    const auto before = pod("{}", fmt::format(R"({{"containers":[{{"name":"web","ports":[{{"containerPort":80}}],"resources":{}}}],"initContainers":{}}})", c.resources, c.init));
    const auto out = admitted(before, given);
    const auto shown = [&](std::string_view list) {
      const std::string text = out.resource(list, "ephemeral-storage");
      return text.empty() ? "none" : text;
    };
    BOOST_TEST((out.injected() ? shown("requests") + "/" + shown("limits") : out.reason()) == c.expected);
    BOOST_TEST(is_guaranteed(*PodView::of(out.after)) == is_guaranteed(*PodView::of(before)));
  }
}

BOOST_AUTO_TEST_CASE(resources_of_the_whole_pod_are_not_shared) {
  BOOST_TEST(admitted(pod("{}", R"({"resources":{"limits":{"cpu":"1"}}})")).reason() == "PodLevelResources");
}

BOOST_AUTO_TEST_SUITE_END()
