#include "injector/shell/program.hpp"

#include "lib/base/base64.hpp"
#include "lib/net/http_client.hpp"
#include "tests/integration/injector/fake_api_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <csignal>

using namespace charon;
using namespace charon::injector;
using namespace charon::injector::test;

namespace {

const std::string webhook_path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/charon-injector";

// As an API server of 1.31 posts it, with what does not matter here left out.
constexpr std::string_view recorded = R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{
  "uid":"705ab4f5-6393-11e8-b7cc-42010a800002","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},
  "requestKind":{"group":"","version":"v1","kind":"Pod"},"requestResource":{"group":"","version":"v1","resource":"pods"},
  "namespace":"shop","operation":"CREATE","userInfo":{"username":"system:serviceaccount:kube-system:replicaset-controller","groups":["system:authenticated"]},
  "object":{"kind":"Pod","apiVersion":"v1","metadata":{"generateName":"web-7d4b9c6f5-","creationTimestamp":null,"labels":{"app":"web","pod-template-hash":"7d4b9c6f5"},
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7d4b9c6f5","uid":"u-rs","controller":true,"blockOwnerDeletion":true}]},
    "spec":{"volumes":[{"name":"kube-api-access-x","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}],"defaultMode":420}}],
      "containers":[{"name":"web","image":"web:1","ports":[{"name":"metrics","containerPort":8080,"protocol":"TCP"}],"resources":{},
        "volumeMounts":[{"name":"kube-api-access-x","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],
        "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],
      "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","securityContext":{},"schedulerName":"default-scheduler"},"status":{}},
  "oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}})";

unsigned short free_port() {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::tcp::v4(), 0});
  return acceptor.local_endpoint().port();
}

/// The injector with a fake API server, and what a test does meanwhile.
struct World {
  asio::io_context context;
  FakeApiServer api{context.get_executor()};
  Settings settings;
  std::vector<std::string> lines;
  Log log{[this](std::string_view line) { lines.emplace_back(line); }, wall_now};
  int status = -1;
  bool told_to_end = false;  ///< by the test itself

  World() {
    settings.listen = free_port();
    settings.admin = free_port();
    settings.ns = "system";
    settings.agent.image = "agent@sha256:1";
    settings.agent.version = "0.1.0";
    settings.agent.coordinator = "https://charon-coordinator.system.svc:8443";
    settings.drain = Duration{0};
    api.lists["/api/v1/nodes"] = {json::parse(R"({"metadata":{"name":"n1","uid":"n1"},"status":{"nodeInfo":{"kubeletVersion":"v1.31.2"}}})")};
    for (const auto* plural : {"limitranges", "pods", "events"}) api.lists[std::string("/api/v1/") + plural] = {};
    api.objects[webhook_path] = json::parse(R"({"metadata":{"name":"charon-injector","uid":"w","resourceVersion":"1"},"webhooks":[{"name":"a","clientConfig":{}},{"name":"b","clientConfig":{}}]})").as_object();
    api.lists["/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"] = {api.objects[webhook_path]};
    api.objects["/apis/apps/v1/namespaces/system/deployments/charon-injector"] = json::parse(R"({"metadata":{"name":"charon-injector","uid":"u-own","resourceVersion":"1"}})").as_object();
  }

  bool logged(std::string_view text) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  const json::object* event(std::string_view reason) const {
    for (const auto& [path, object] : api.objects)
      if (path.find("/events/") != std::string::npos && text_of(object, "reason") == reason) return &object;
    return nullptr;
  }
  template <class Condition>
  asio::awaitable<void> until(std::string_view what, Condition condition) {
    asio::steady_timer timer(context);
    for (int i = 0; i < 2000 && !condition(); ++i) {
      timer.expires_after(std::chrono::milliseconds{5});
      co_await timer.async_wait(asio::use_awaitable);
    }
    BOOST_TEST(condition(), what);
  }
  asio::awaitable<HttpResponse> admin(std::string path) {
    net::HttpClientConfig config;
    config.host = "127.0.0.1";
    config.port = std::to_string(settings.admin);
    net::HttpClient client(context.get_executor(), config);
    HttpRequest request;
    request.target = std::move(path);
    const auto response = co_await client.request(std::move(request), Duration{2'000});
    co_return response ? *response : HttpResponse{0, {}, {}};
  }
  asio::awaitable<void> ready() {
    for (int i = 0; i < 500; ++i) {
      const HttpResponse response = co_await admin("/readyz");
      if (response.status == 200) co_return;
      asio::steady_timer timer(context, std::chrono::milliseconds{10});
      co_await timer.async_wait(asio::use_awaitable);
    }
    BOOST_TEST(false, "never ready");
  }
  /// As the API server calls: it verifies the Service's name against the bundle in the webhook configuration.
  asio::awaitable<json::object> call(std::string path, std::string body) {
    const HttpResponse response = co_await post(std::move(path), std::move(body));
    BOOST_TEST(response.status == 200);
    co_return json::parse(response.body).at("response").as_object();
  }
  asio::awaitable<HttpResponse> post(std::string path, std::string body) {
    net::HttpClientConfig config;
    config.host = "127.0.0.1";
    config.port = std::to_string(settings.listen);
    config.verify_name = "charon-injector.system.svc";
    const std::string bundle = base64_decode(text_of(api.objects.at(webhook_path).at("webhooks").as_array()[0].at("clientConfig").as_object(), "caBundle")).value();
    config.tls = net::TlsClient::create(bundle).value();
    net::HttpClient client(context.get_executor(), config);
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(path);
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(body);
    const auto response = co_await client.request(std::move(request), Duration{2'000});
    BOOST_REQUIRE_MESSAGE(response, (response ? "" : response.error().message()));
    co_return *response;
  }
  asio::awaitable<void> injector() { status = co_await injector::run(settings, api.client(), log); }
  asio::awaitable<void> drive(asio::awaitable<void> test) {
    co_await std::move(test);
    if (!told_to_end) std::raise(SIGTERM);
    co_await until("ended", [this] { return status != -1; });
    co_await api.stop();
  }
  void run(asio::awaitable<void> test) {
    const auto rethrow = [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(context, api.serve(), asio::detached);
    asio::co_spawn(context, injector(), rethrow);
    asio::co_spawn(context, drive(std::move(test)), rethrow);
    context.run();
    BOOST_TEST(status == 0);
  }
  asio::awaitable<void> bundle_written() {
    return until("the bundle is written", [this] { return api.objects.at(webhook_path).at("webhooks").as_array()[1].at("clientConfig").as_object().contains("caBundle"); });
  }
};

json::array patch_of(const json::object& response) { return json::parse(base64_decode(text_of(response, "patch")).value()).as_array(); }

asio::awaitable<void> injects(World& world) {
  co_await world.ready();
  co_await world.bundle_written();
  const json::object response = co_await world.call("/inject/enabled?timeout=2s", std::string(recorded));
  BOOST_TEST(text_of(response, "uid") == "705ab4f5-6393-11e8-b7cc-42010a800002");
  const auto after = apply_patch(json::parse(recorded).at("request").at("object"), patch_of(response));
  BOOST_REQUIRE(after.has_value());
  const json::object& agent = after->at("spec").at("initContainers").as_array()[0].as_object();
  BOOST_TEST(text_of(agent, "restartPolicy") == "Always");
  BOOST_TEST(json::serialize(agent.at("env")).find("BEGIN CERTIFICATE") != std::string::npos);
  const json::object unasked = co_await world.call("/inject/requested", std::string(recorded));
  BOOST_TEST(!unasked.contains("patch"));
  const json::object nonsense = co_await world.call("/inject/enabled", "no review");
  BOOST_TEST(nonsense.at("allowed").as_bool());
  const HttpResponse metrics = co_await world.admin("/metrics");
  BOOST_TEST(metrics.body.find(R"(charon_injector_admissions_total{outcome="injected",reason=""} 1)") != std::string::npos, metrics.body);
  BOOST_TEST(metrics.body.find(R"(charon_injector_breaker_state{state="closed"} 1)") != std::string::npos);
  BOOST_TEST(world.logged("Injected a pod of ReplicaSet shop/web-7d4b9c6f5"));
}

asio::awaitable<void> drains(World& world) {
  co_await world.ready();
  co_await world.bundle_written();
  const HttpResponse before = co_await world.post("/inject/enabled", std::string(recorded));
  BOOST_TEST(find_header(before.headers, "Connection") != "close");
  std::raise(SIGTERM);
  world.told_to_end = true;
  co_await world.until("it drains", [&] { return world.logged("draining"); });
  const HttpResponse during = co_await world.post("/inject/enabled", std::string(recorded));
  BOOST_TEST(during.status == 200);
  BOOST_TEST(find_header(during.headers, "Connection") == "close");
  const HttpResponse ready = co_await world.admin("/readyz");
  BOOST_TEST(ready.status == 503);
}

asio::awaitable<void> stops(World& world) {
  co_await world.ready();
  co_await world.bundle_written();
  co_await world.until("the breaker opens", [&] { return world.logged("INJECTION STOPPED: 2 pods wait on the agent's container (ImagePullBackOff)"); });
  const json::object response = co_await world.call("/inject/enabled", std::string(recorded));
  const json::array patch = patch_of(response);
  BOOST_TEST(patch.size() == 1);
  BOOST_TEST(json::serialize(patch).find("AgentImageUnavailable") != std::string::npos);
  co_await world.until("the Event is written", [&] { return world.event("InjectionStopped") != nullptr; });
  BOOST_TEST(text_of(world.event("InjectionStopped")->at("involvedObject").as_object(), "uid") == "u-own");
}

asio::awaitable<void> tells(World& world) {
  co_await world.until("the Event is written", [&] { return world.event("NotInjectedNoMetricsEndpoint") != nullptr; });
  const json::object& about = world.event("NotInjectedNoMetricsEndpoint")->at("involvedObject").as_object();
  BOOST_TEST(text_of(about, "kind") == "Deployment");
  BOOST_TEST(text_of(about, "name") == "web");
  BOOST_TEST(text_of(about, "uid") == "u-d");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(injector_program)

BOOST_AUTO_TEST_CASE(a_recorded_review_is_answered_over_tls_under_the_bundle_of_the_configuration) {
  World world;
  world.run(injects(world));
}

BOOST_AUTO_TEST_CASE(while_it_drains_it_answers_and_sends_the_api_server_elsewhere) {
  World world;
  world.settings.drain = Duration{500};
  world.run(drains(world));
}

// Anyone may create pods with a container of this name; the release before this one had another image as well.
BOOST_AUTO_TEST_CASE(pods_that_wait_on_another_image_stop_nothing) {
  World world;
  for (const auto* uid : {"p1", "p2", "p3"})
    world.api.lists["/api/v1/pods"].push_back(json::parse(std::string(R"({"metadata":{"name":")") + uid + R"(","namespace":"shop","uid":")" + uid + R"("},
      "spec":{"initContainers":[{"name":"charon-agent","image":"agent@sha256:2"}],"containers":[{"name":"web"}]},
      "status":{"phase":"Pending","initContainerStatuses":[{"name":"charon-agent","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}})"));
  world.run(injects(world));
  BOOST_TEST(!world.logged("INJECTION STOPPED"));
}

BOOST_AUTO_TEST_CASE(two_pods_that_wait_on_the_agents_image_stop_injection) {
  World world;
  for (const auto* uid : {"p1", "p2"})
    world.api.lists["/api/v1/pods"].push_back(json::parse(std::string(R"({"metadata":{"name":")") + uid + R"(","namespace":"shop","uid":")" + uid + R"("},
      "spec":{"initContainers":[{"name":"charon-agent","image":"agent@sha256:1"}],"containers":[{"name":"web"}]},
      "status":{"phase":"Pending","initContainerStatuses":[{"name":"charon-agent","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}})"));
  world.run(stops(world));
}

BOOST_AUTO_TEST_CASE(the_deployment_is_told_why_its_pods_have_no_agent) {
  World world;
  world.api.lists["/api/v1/pods"].push_back(json::parse(R"({"metadata":{"name":"web-1-x","namespace":"shop","uid":"p1",
      "annotations":{"charon.dev/status":"{\"version\":\"0.1.0\",\"injected\":false,\"reason\":\"NoMetricsEndpoint\",\"message\":\"no metrics endpoint found\"}"},
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1","uid":"u-rs","controller":true}]},"spec":{"containers":[{"name":"web"}]},"status":{"phase":"Pending"}})"));
  world.api.objects["/apis/apps/v1/namespaces/shop/replicasets/web-1"] = json::parse(R"({"metadata":{"name":"web-1","namespace":"shop","resourceVersion":"1",
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u-d","controller":true}]}})").as_object();
  world.run(tells(world));
}

BOOST_AUTO_TEST_SUITE_END()
