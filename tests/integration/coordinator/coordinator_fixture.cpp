#include "tests/integration/coordinator/coordinator_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>

namespace charon::test {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

net::KeyPair new_root() { return net::make_root("charon test", wall_now() - std::chrono::hours{1}, wall_now() + std::chrono::hours{1}).value(); }

json::array owner(std::string kind, std::string name, std::string uid) {
  return json::array{json::object{{"apiVersion", "apps/v1"}, {"kind", kind}, {"name", name}, {"uid", uid}, {"controller", true}}};
}

std::string tag_of(const std::string& image) { return image.substr(image.rfind(':') + 1); }

}  // namespace

CoordinatorFixture::CoordinatorFixture() : root(new_root()), api(context.get_executor(), root) {
  const Log log([this](std::string_view line) { log_lines.emplace_back(line); }, wall_now);
  kube::ClientConfig kube_config;
  kube_config.host = "localhost";
  kube_config.port = std::to_string(api.port());
  kube_config.ca_pem = root.certificate_pem;
  kube_config.token = "coordinator";
  const auto kube_client = kube::Client::create(context.get_executor(), kube_config, log).value();

  coordinator::CoordinatorServerConfig config;
  config.core.settle_time = Duration{1'500};
  config.core.scrape_interval = Duration{500};
  config.core.report_interval = Duration{500};
  config.ns = "charon-system";
  config.address = "127.0.0.1";
  config.trust_bundle = [this] { return root.certificate_pem; };
  server = std::make_unique<coordinator::CoordinatorServer>(kube_client, config, log);

  add_namespace("shop");
  for (int i = 0; i < 3; ++i) {
    json::object node{{"apiVersion", "v1"}, {"kind", "Node"}};
    node["metadata"] = {{"name", fmt::format("node-{}", i)}};
    node["status"] = {{"conditions", json::array{json::object{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}}};
    api.put("nodes", std::move(node));
  }
}

CoordinatorFixture::~CoordinatorFixture() = default;

void CoordinatorFixture::run(Steps steps) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(context, all(std::move(steps)), [&](std::exception_ptr error) {
    done = true;
    failure = error;
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{40};
  while (!done && std::chrono::steady_clock::now() < end) context.run_one_for(std::chrono::milliseconds{100});
  if (failure) std::rethrow_exception(failure);
  BOOST_TEST(done, "the steps ended in time");
  const auto& result = boost::unit_test::results_collector_t::instance().results(boost::unit_test::framework::current_test_case().p_id);
  if (!result.passed())
    for (const std::string& line : log_lines) BOOST_TEST_MESSAGE(line);
}

asio::awaitable<void> CoordinatorFixture::all(Steps steps) {
  asio::co_spawn(context, api.serve(), asio::detached);
  const auto identity = net::issue_server(root, {"localhost"}, wall_now() - std::chrono::hours{1}, wall_now() + std::chrono::hours{1}).value();
  BOOST_REQUIRE(server->start().has_value());
  BOOST_REQUIRE(server->listen(net::TlsServer::create(identity.certificate_pem, identity.key_pem).value()).has_value());
  net::HttpClientConfig config;
  config.host = "localhost";
  config.port = std::to_string(server->api_port());
  config.tls = net::TlsClient::create(root.certificate_pem).value();
  client = std::make_unique<net::HttpClient>(context.get_executor(), config);
  const bool ready = co_await until([this] { return server->ready(); });
  BOOST_REQUIRE(ready);
  co_await std::move(steps);
  client.reset();
  co_await server->stop();
  co_await api.stop();
}

asio::awaitable<HttpResponse> CoordinatorFixture::call(std::string method, std::string target, std::string token, std::string body) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  request.headers.emplace_back("Content-Type", "application/json");
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  auto response = co_await client->request(std::move(request), Duration{10'000});
  BOOST_REQUIRE_MESSAGE(response.has_value(), (response.has_error() ? response.error().message() : std::string()));
  co_return std::move(*response);
}

asio::awaitable<void> CoordinatorFixture::pause(Duration time) {
  asio::steady_timer timer(context, time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<bool> CoordinatorFixture::until(std::function<bool()> condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) co_return true;
    co_await pause(Duration{10});
  }
  co_return condition();
}

bool CoordinatorFixture::logged(std::string_view part) const {
  for (const std::string& line : log_lines)
    if (line.find(part) != std::string::npos) return true;
  return false;
}

std::string CoordinatorFixture::digest(const std::string& tag) {
  return fmt::format("sha256:{:064x}", std::hash<std::string>{}(tag));
}

void CoordinatorFixture::add_namespace(const std::string& name) {
  json::object ns{{"apiVersion", "v1"}, {"kind", "Namespace"}};
  ns["metadata"] = {{"name", name}, {"labels", {{"kubernetes.io/metadata.name", name}, {"charon.dev/injection", "enabled"}}}};
  api.put("namespaces", std::move(ns));
}

void CoordinatorFixture::add_person(const std::string& name, std::vector<std::string> permissions) {
  json::object user{{"username", name}, {"uid", "u-" + name}, {"groups", json::array{"system:authenticated"}}};
  api.tokens[name + "-token"] = {std::move(user), ""};
  for (const std::string& permission : permissions) api.permissions.insert(name + " " + permission);
}

std::string CoordinatorFixture::image(const std::string& ns, const std::string& name) const {
  return std::string(api.find("deployments", ns, name)->at("spec").at("template").at("spec").at("containers").at(0).at("image").as_string());
}

void CoordinatorFixture::roll_out(const std::string& ns, const std::string& name, const std::string& tag) {
  json::object deployment;
  if (const json::object* old = api.find("deployments", ns, name)) {
    deployment = *old;
    deployment["spec"].at("template").at("spec").at("containers").at(0).as_object()["image"] = "registry.example:5000/" + name + ":" + tag;
  } else {
    json::object container{{"name", "app"}, {"image", "registry.example:5000/" + name + ":" + tag}, {"imagePullPolicy", "IfNotPresent"}};
    container["ports"] = json::array{json::object{{"name", "metrics"}, {"containerPort", 8080}, {"protocol", "TCP"}}};
    json::object pod_spec{{"restartPolicy", "Always"}};
    pod_spec["containers"] = json::array{std::move(container)};
    json::object pod_template{{"metadata", {{"labels", {{"app", name}}}}}};
    pod_template["spec"] = std::move(pod_spec);
    json::object spec{{"replicas", 2}, {"selector", {{"matchLabels", {{"app", name}}}}}, {"progressDeadlineSeconds", 600}};
    spec["template"] = std::move(pod_template);
    deployment = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}};
    deployment["metadata"] = {{"name", name}, {"namespace", ns}, {"uid", "deployment-" + name}, {"generation", 1}, {"labels", {{"app", name}}},
                              {"annotations", {{"charon.dev/follow", "v1.*"}}}};
    deployment["spec"] = std::move(spec);
  }
  put_replicas(ns, name, deployment);
}

void CoordinatorFixture::follow_template(const std::string& ns, const std::string& name) { put_replicas(ns, name, *api.find("deployments", ns, name)); }

void CoordinatorFixture::put_replicas(const std::string& ns, const std::string& name, const json::object& from) {
  json::object deployment = from;
  const std::string the_image(deployment.at("spec").at("template").at("spec").at("containers").at(0).at("image").as_string());
  const std::string tag = tag_of(the_image), replica_set = name + "-" + tag;
  const std::int64_t generation = deployment["metadata"].at("generation").to_number<std::int64_t>() + 1;
  deployment["metadata"].as_object()["generation"] = generation;
  deployment["status"] = {{"observedGeneration", generation}, {"replicas", 2}, {"updatedReplicas", 2}, {"readyReplicas", 2}, {"availableReplicas", 2},
                          {"conditions", json::array{json::object{{"type", "Available"}, {"status", "True"}},
                                                     json::object{{"type", "Progressing"}, {"status", "True"}, {"reason", "NewReplicaSetAvailable"}}}}};
  const json::value pod_template = deployment.at("spec").at("template");
  api.put("deployments", std::move(deployment));

  json::object set{{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}};
  set["metadata"] = {{"name", replica_set}, {"namespace", ns}, {"uid", "set-" + replica_set}, {"labels", {{"app", name}, {"pod-template-hash", tag}}}};
  set["metadata"].as_object()["ownerReferences"] = owner("Deployment", name, "deployment-" + name);
  json::object spec{{"replicas", 2}};
  spec["template"] = pod_template;
  spec["template"].at("metadata").at("labels").as_object()["pod-template-hash"] = tag;
  set["spec"] = std::move(spec);
  api.put("replicasets", std::move(set));

  for (const json::object& pod : api.all("pods"))
    if (text_at(pod, "metadata.namespace") == ns && text_at(pod, "metadata.labels.app") == name) api.remove("pods", ns, text_at(pod, "metadata.name"));
  for (int i = 0; i < 2; ++i) {
    const std::string pod_name = fmt::format("{}-{}", replica_set, i), uid = fmt::format("pod-{}-{}", pod_name, ns);
    json::object pod{{"apiVersion", "v1"}, {"kind", "Pod"}};
    pod["metadata"] = {{"name", pod_name}, {"namespace", ns}, {"uid", uid}, {"labels", {{"app", name}, {"pod-template-hash", tag}}},
                       {"creationTimestamp", format_time(wall_now())}};
    pod["metadata"].as_object()["ownerReferences"] = owner("ReplicaSet", replica_set, "set-" + replica_set);
    json::object agent{{"name", "charon-agent"}, {"image", "charon-agent@sha256:00"}};
    json::object pod_spec = pod_template.at("spec").as_object();
    pod_spec["nodeName"] = fmt::format("node-{}", i);
    pod_spec["containers"].as_array().push_back(agent);
    pod["spec"] = std::move(pod_spec);
    const std::string repository = the_image.substr(0, the_image.rfind(':'));
    json::object app{{"name", "app"}, {"image", the_image}, {"imageID", repository + "@" + digest(tag)}, {"ready", true}, {"started", true}, {"restartCount", 0}};
    app["state"] = {{"running", {{"startedAt", format_time(wall_now())}}}};
    json::object status{{"phase", "Running"}, {"startTime", format_time(wall_now())}};
    status["conditions"] = json::array{json::object{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", format_time(wall_now())}}};
    status["containerStatuses"] = json::array{app};
    pod["status"] = std::move(status);
    api.put("pods", std::move(pod));
    json::object extra;
    extra["authentication.kubernetes.io/pod-name"] = json::array{pod_name};
    extra["authentication.kubernetes.io/pod-uid"] = json::array{uid};
    extra["authentication.kubernetes.io/node-name"] = json::array{fmt::format("node-{}", i)};
    json::object user{{"username", fmt::format("system:serviceaccount:{}:default", ns)}};
    user["extra"] = std::move(extra);
    api.tokens["agent-of-" + pod_name] = {std::move(user), "charon-coordinator"};
  }
}

}  // namespace charon::test
