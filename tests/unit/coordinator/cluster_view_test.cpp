#include "coordinator/core/cluster.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

boost::json::object json(std::string_view text) { return boost::json::parse(text).as_object(); }

BOOST_AUTO_TEST_SUITE(cluster_view)

BOOST_AUTO_TEST_CASE(injection_truth_table) {
  const struct { const char *ns, *pod; bool wanted; } rows[] = {
      {"", "", false}, {"", "true", true}, {"", "false", false}, {"", "yes", false}, {"enabled", "", true}, {"enabled", "true", true},
      {"enabled", "false", false}, {"enabled", "yes", false}, {"disabled", "", false}, {"disabled", "true", false}, {"maybe", "true", false}, {"maybe", "", false}};
  for (const auto& row : rows) BOOST_TEST(injection_wanted(row.ns, row.pod) == row.wanted, row.ns << "/" << row.pod);
}

BOOST_AUTO_TEST_CASE(reads_a_pod) {
  const PodView pod = read_pod(json(R"({"metadata":{"uid":"u","namespace":"n","name":"p","ownerReferences":[{"kind":"X","uid":"x"},{"kind":"ReplicaSet","uid":"r","name":"rs","controller":true}]},
      "spec":{"nodeName":"node","initContainers":[{"name":"charon-agent","image":"a"}],"containers":[{"name":"app","image":"i"}]},
      "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-23T12:00:00Z"}],"containerStatuses":[{"name":"app","imageID":"i@sha256:1","ready":true,"restartCount":2,
      "state":{"running":{"startedAt":"2026-11-23T12:00:01Z"}},"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2026-11-23T11:00:00Z"}}}]}})"));
  BOOST_TEST(pod.has_agent);
  BOOST_TEST(pod.ready);
  BOOST_TEST(pod.owner.uid == "r");
  BOOST_TEST(pod.containers.size() == 2u);
  BOOST_TEST(pod.containers[1].restarts == 2);
  BOOST_TEST(pod.containers[1].last->reason == "OOMKilled");
  BOOST_TEST(format_time(*pod.app_started()) == "2026-11-23T12:00:01.000Z");
}

BOOST_AUTO_TEST_CASE(objects_with_nothing_or_nonsense_in_them_are_read_without_harm) {
  for (const char* text : {"{}", R"({"metadata":7,"spec":[],"status":"x"})", R"({"metadata":{"ownerReferences":[1]},"spec":{"containers":[2,{}],"template":3},"status":{"containerStatuses":[3],"conditions":[4]}})"}) {
    (void)read_pod(json(text));
    (void)read_deployment(json(text));
    (void)read_replica_set(json(text));
    (void)read_node(json(text));
  }
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(reads_who_manages_the_template_newest_first) {
  const DeploymentView d = read_deployment(json(R"({"metadata":{"managedFields":[
      {"manager":"helm","operation":"Update","time":"2026-11-23T10:00:00Z","fieldsV1":{"f:spec":{"f:template":{}}}},
      {"manager":"kubectl-scale","operation":"Update","time":"2026-11-23T12:00:00Z","fieldsV1":{"f:spec":{"f:replicas":{}}}},
      {"manager":"jenkins","operation":"Apply","time":"2026-11-23T11:00:00Z","fieldsV1":{"f:spec":{"f:template":{}}}},
      {"manager":"kube-controller-manager","operation":"Update","subresource":"status","time":"2026-11-23T13:00:00Z","fieldsV1":{}}]}})"));
  BOOST_TEST(d.template_managers.size() == 2u);
  BOOST_TEST(d.template_managers[0].name == "jenkins");
  BOOST_TEST(d.managers.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_pod_is_resolved_to_its_deployment_only_through_controllers) {
  Cluster cluster;
  PodView pod;
  pod.uid = PodUid("p");
  pod.ns = "n";
  BOOST_TEST(cluster.workload_of(pod).error().is(Errc::forbidden));
  pod.owner = {"StatefulSet", "s", "s"};
  BOOST_TEST(cluster.workload_of(pod).error().is(Errc::forbidden));
  pod.owner = {"ReplicaSet", "rs", "rs-uid"};
  cluster.put(pod);
  BOOST_TEST(cluster.workload_of(pod).error().is(Errc::unavailable));
  cluster.put(ReplicaSetView{"rs-uid", "n", "rs", {"Deployment", "d", "d-uid"}, {}});
  BOOST_TEST(cluster.workload_of(pod).error().is(Errc::unavailable));
  DeploymentView d;
  d.uid = "another";
  d.ns = "n";
  d.name = "d";
  cluster.put(d);
  BOOST_TEST(cluster.workload_of(pod).error().is(Errc::unavailable));  // deleted and created again
  d.uid = "d-uid";
  cluster.put(d);
  BOOST_TEST(cluster.workload_of(pod)->name == "d");
  BOOST_TEST(cluster.pods_of(d).size() == 1u);
  cluster.drop_pod("p");
  BOOST_TEST(cluster.pods_of(d).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
