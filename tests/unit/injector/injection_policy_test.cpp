#include "injector/core/injection_policy.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using test::admitted;
using test::pod;

BOOST_AUTO_TEST_SUITE(injection_policy)

BOOST_AUTO_TEST_CASE(label_truth_table) {
  using Label = std::optional<std::string_view>;
  struct Case {
    Label ns, pod;
    std::optional<Reason> expected;
  };
  const Label none;
  const Case cases[] = {
      {"enabled", none, {}},
      {"enabled", "true", {}},
      {"enabled", "false", Reason::opted_out},
      {"enabled", "yes", Reason::label_value},
      {"enabled", "", Reason::label_value},
      {none, "true", {}},
      {none, none, Reason::not_selected},
      {none, "false", Reason::opted_out},
      {none, "True", Reason::label_value},
      {"disabled", "true", Reason::opted_out},
      {"disabled", none, Reason::opted_out},
      {"disabled", "false", Reason::opted_out},
      {"disabled", "yes", Reason::opted_out},
      {"Enabled", "true", Reason::label_value},
      {"", none, Reason::label_value},
      {"on", "false", Reason::opted_out},
  };
  for (const Case& c : cases) {
    const auto skip = by_labels(c.ns, c.pod);
    BOOST_TEST_CONTEXT("namespace " << c.ns.value_or("(none)") << ", pod " << c.pod.value_or("(none)")) {
      BOOST_TEST(skip.has_value() == c.expected.has_value());
      if (skip && c.expected) BOOST_TEST(name(skip->reason) == name(*c.expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_kinds_of_pods) {
  const auto owner = [](std::string_view api, std::string_view kind) {
    return fmt::format(R"("ownerReferences":[{{"apiVersion":"{}","kind":"{}","name":"o","uid":"u","controller":true}}])", api, kind);
  };
  const std::string asks = R"(,"labels":{"charon.dev/inject":"true"})";
  struct Case {
    std::string what, metadata, spec, expected;
    bool native = true;
    std::string_view ns = "shop";
  };
  const Case cases[] = {
      {"ReplicaSet", "{}", "{}", "injected"},
      {"StatefulSet", "{" + owner("apps/v1", "StatefulSet") + "}", "{}", "injected"},
      {"DaemonSet", "{" + owner("apps/v1", "DaemonSet") + "}", "{}", "injected"},
      {"another group's ReplicaSet", "{" + owner("example.org/v1", "ReplicaSet") + "}", "{}", "ControllerKind"},
      {"ReplicationController", "{" + owner("v1", "ReplicationController") + "}", "{}", "ControllerKind"},
      {"ReplicationController that asks", "{" + owner("v1", "ReplicationController") + asks + "}", "{}", "injected"},
      {"bare", R"({"ownerReferences":null})", "{}", "ControllerKind"},
      {"bare that asks", R"({"ownerReferences":[])" + asks + "}", "{}", "injected"},
      {"owner that is no controller", R"({"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"o","uid":"u"}]})", "{}", "ControllerKind"},
      {"Job", "{" + owner("batch/v1", "Job") + "}", "{}", "Job"},
      {"Job that asks", "{" + owner("batch/v1", "Job") + asks + "}", "{}", "injected"},
      {"Job that asks, without native sidecars", "{" + owner("batch/v1", "Job") + asks + "}", "{}", "Job", false},
      {"bare that asks and ends", R"({"ownerReferences":[])" + asks + "}", R"({"restartPolicy":"Never"})", "injected"},
      {"bare that asks and ends, without native sidecars", R"({"ownerReferences":[])" + asks + "}", R"({"restartPolicy":"Never"})", "RunToCompletion", false},
      {"a workflow's pod that asks, without native sidecars", "{" + owner("argoproj.io/v1alpha1", "Workflow") + asks + "}", R"({"restartPolicy":"OnFailure"})", "RunToCompletion", false},
      {"bare that asks and goes on, without native sidecars", R"({"ownerReferences":[])" + asks + "}", R"({"restartPolicy":"Always"})", "injected", false},
      {"hostNetwork", "{}", R"({"hostNetwork":true})", "HostNetwork"},
      {"hostNetwork that asks", R"({"labels":{"charon.dev/inject":"true"}})", R"({"hostNetwork":true,"dnsPolicy":"ClusterFirstWithHostNet"})", "injected"},
      {"hostNetwork that asks, with the node's DNS", R"({"labels":{"charon.dev/inject":"true"}})", R"({"hostNetwork":true,"dnsPolicy":"ClusterFirst"})", "NoClusterDns"},
      {"hostNetwork that asks, DNS not said", R"({"labels":{"charon.dev/inject":"true"}})", R"({"hostNetwork":true})", "NoClusterDns"},
      {"hostNetwork that asks, DNS of its own", R"({"labels":{"charon.dev/inject":"true"}})", R"({"hostNetwork":true,"dnsPolicy":"None"})", "injected"},
      {"the node's DNS", "{}", R"({"dnsPolicy":"Default"})", "NoClusterDns"},
      {"the cluster's DNS", "{}", R"({"dnsPolicy":"ClusterFirst"})", "injected"},
      {"hostNetwork false", "{}", R"({"hostNetwork":false})", "injected"},
      {"Windows", "{}", R"({"os":{"name":"windows"}})", "Windows"},
      {"Windows by selector", "{}", R"({"nodeSelector":{"kubernetes.io/os":"windows"}})", "Windows"},
      {"Linux", "{}", R"({"os":{"name":"linux"}})", "injected"},
      {"mirror pod", R"({"annotations":{"kubernetes.io/config.mirror":"x"}})", "{}", "MirrorPod"},
      {"Charon's own", R"({"labels":{"app.kubernetes.io/name":"charon"}})", "{}", "CharonItself"},
      {"kube-system", "{}", "{}", "SystemNamespace", true, "kube-system"},
      {"holds the agent", "{}", R"({"initContainers":[{"name":"charon-agent"}]})", "HasAgent"},
      {"holds an ordinary agent", "{}", R"({"containers":[{"name":"web"},{"name":"charon-agent"}]})", "HasAgent"},
      {"opted out", R"({"labels":{"charon.dev/inject":"false"}})", "{}", "OptedOut"},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    test::Given given;
    given.native = c.native;
    given.ns = c.ns;
    BOOST_TEST(admitted(pod(c.metadata, c.spec), given).reason() == c.expected);
  }
}

BOOST_AUTO_TEST_CASE(the_nodes_dns_will_do_where_the_coordinator_is_no_service) {
  const auto given = pod("{}", R"({"dnsPolicy":"Default"})");
  const auto view = PodView::of(given);
  const std::pair<const char*, bool> cases[] = {
      {"https://charon-coordinator.charon-system.svc:8443", false}, {"https://charon-coordinator.charon-system.svc.cluster.local", false},
      {"https://charon.example.org:8443", true},                    {"https://10.0.0.7:8443", true},
      {"https://charon.example.org/a.svc", true},                   {"", true},
  };
  for (const auto& [coordinator, injected] : cases) BOOST_TEST(by_policy(*view, {"shop", "enabled", true, coordinator}).has_value() != injected, coordinator);
}

BOOST_AUTO_TEST_CASE(a_pod_that_may_not_be_touched_gets_no_patch_and_others_are_told_why) {
  for (const auto* untouched : {R"({"labels":{"charon.dev/inject":"false"}})", R"({"annotations":{"kubernetes.io/config.mirror":"x"}})"})
    BOOST_TEST(admitted(pod(untouched)).patch.empty());
  const auto host = admitted(pod("{}", R"({"hostNetwork":true})"));
  BOOST_TEST(host.agent() == nullptr);
  BOOST_TEST(text_of(host.status(), "reason") == "HostNetwork");
  BOOST_TEST(!host.status().at("injected").as_bool());
  BOOST_TEST(not_injected(host.after).value().reason == "HostNetwork");
  test::Given old;
  old.native = false;
  const auto ends = admitted(pod(R"({"labels":{"charon.dev/inject":"true"}})", R"({"restartPolicy":"OnFailure"})"), old);
  BOOST_TEST(ends.agent() == nullptr);
  BOOST_TEST(not_injected(ends.after).value().reason == "RunToCompletion");
  // A Job in a labelled namespace is left out by design: no Event.
  const auto bare = admitted(pod(R"({"ownerReferences":[]})"));
  BOOST_TEST(text_of(bare.status(), "reason") == "ControllerKind");
  BOOST_TEST(!not_injected(bare.after).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
