#include "tests/integration/coordinator/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::test;
namespace json = boost::json;

namespace {

const std::string secret = "0123456789abcdef";

void put_secret(CoordinatorFixture& f) {
  json::object object{{"apiVersion", "v1"}, {"kind", "Secret"}};
  object["metadata"] = {{"name", "charon-registries"}, {"namespace", "charon-system"}};
  object["data"] = {{"shop", "MDEyMzQ1Njc4OWFiY2RlZg=="}};  // 0123456789abcdef
  f.api.put("secrets", std::move(object));
}

std::string push(std::string tag, std::string digest) {
  return R"({"events":[{"id":"1","timestamp":"2026-11-23T12:00:00Z","action":"push","target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":700,"digest":")" +
         digest + R"(","length":700,"repository":"test-app","url":"http://x/","tag":")" + tag +
         R"("},"request":{"id":"2","addr":"10.0.0.9:1","host":"registry.example:5000","method":"PUT","useragent":"skopeo"},"actor":{},"source":{}}]})";
}

std::string stable(CoordinatorFixture& f) {
  const json::object* ledger = f.api.find("releaseledgers", "shop", "deployment.test-app");
  return ledger ? text_at(*ledger, "status.stable") : std::string();
}

Steps pushes(CoordinatorFixture& f) {
  put_secret(f);
  f.roll_out("shop", "test-app", "v1.0");
  const bool adopted = co_await f.until([&] { return stable(f).find("v1.0") != std::string::npos; });
  BOOST_TEST(adopted);
  const bool granted = co_await f.until([&] { return f.logged("Registries may deploy to 1 namespaces"); });
  BOOST_TEST(granted);

  for (const std::string wrong : {"", "0123456789abcdeF", "shop"}) {
    const HttpResponse refused = co_await f.call("POST", "/v1/registry/events", wrong, push("v1.1", f.digest("v1.1")));
    BOOST_TEST(refused.status == 401u);
  }
  const HttpResponse garbage = co_await f.call("POST", "/v1/registry/events", secret, "{}");
  BOOST_TEST(garbage.status == 400u);
  const HttpResponse unfollowed = co_await f.call("POST", "/v1/registry/events", secret, push("nightly", f.digest("nightly")));
  BOOST_TEST(unfollowed.status == 202u);
  co_await f.pause(Duration{1'200});
  BOOST_TEST(f.api.patches.empty());

  const HttpResponse accepted = co_await f.call("POST", "/v1/registry/events", secret, push("v1.1", f.digest("v1.1")));
  BOOST_TEST(accepted.status == 202u, accepted.body);
  BOOST_TEST(f.logged("Processing event 1 of 1 test-app:v1.1"));
  const bool deployed = co_await f.until([&] { return f.image("shop", "test-app").find(":v1.1") != std::string::npos; });
  BOOST_TEST(deployed);

  // It crashes: the release is rolled back and its digest quarantined.
  f.follow_template("shop", "test-app");
  for (json::object pod : f.api.all("pods")) {
    json::value& app = pod.at("status").at("containerStatuses").at(0);
    app.as_object()["ready"] = false;
    app.as_object()["restartCount"] = 5;
    app.as_object()["state"] = {{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", "back-off 40s restarting failed container"}}}};
    app.as_object()["lastState"] = {{"terminated", {{"exitCode", 1}, {"reason", "Error"}, {"finishedAt", format_time(wall_now())}}}};
    f.api.put("pods", std::move(pod));
  }
  const bool back = co_await f.until([&] { return f.image("shop", "test-app").find(":v1.0") != std::string::npos; });
  BOOST_TEST(back);
  f.follow_template("shop", "test-app");
  const std::size_t patches = f.api.patches.size();
  for (const std::string tag : {"v1.1", "v1.2"}) {  // the same digest, under its own and under another tag
    const HttpResponse again = co_await f.call("POST", "/v1/registry/events", secret, push(tag, f.digest("v1.1")));
    BOOST_TEST(again.status == 202u);
    const json::value answer = json::parse(again.body);
    BOOST_REQUIRE(answer.at("workloads").as_array().size() == 1u);
    BOOST_TEST(answer.at("workloads").at(0).at("changed").as_bool() == false, again.body);
  }
  co_await f.pause(Duration{1'500});
  BOOST_TEST(f.api.patches.size() == patches);
  BOOST_TEST(f.image("shop", "test-app").find(":v1.0") != std::string::npos);
}

Steps no_secret(CoordinatorFixture& f) {
  const HttpResponse refused = co_await f.call("POST", "/v1/registry/events", secret, push("v1.1", f.digest("v1.1")));
  BOOST_TEST(refused.status == 401u);
}

Steps other_namespace(CoordinatorFixture& f) {
  put_secret(f);
  f.add_namespace("bank");
  f.roll_out("bank", "test-app", "v1.0");
  const bool known = co_await f.until([&] { return f.api.find("releaseledgers", "bank", "deployment.test-app") && f.logged("Registries may deploy"); });
  BOOST_TEST(known);
  const HttpResponse accepted = co_await f.call("POST", "/v1/registry/events", secret, push("v1.1", f.digest("v1.1")));
  BOOST_TEST(accepted.status == 202u);
  co_await f.pause(Duration{1'500});
  BOOST_TEST(f.api.patches.empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(a_push_is_deployed_and_a_quarantined_one_is_not) { CoordinatorFixture f; f.run(pushes(f)); }
BOOST_AUTO_TEST_CASE(without_a_secret_nobody_pushes) { CoordinatorFixture f; f.run(no_secret(f)); }
BOOST_AUTO_TEST_CASE(a_secret_reaches_only_its_namespaces) { CoordinatorFixture f; f.run(other_namespace(f)); }

BOOST_AUTO_TEST_SUITE_END()
