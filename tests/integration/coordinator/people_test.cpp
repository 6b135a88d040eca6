#include "tests/integration/coordinator/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::test;
namespace json = boost::json;

namespace {

const std::vector<std::string> operator_rights{"list releaseledgers ", "get releaseledgers shop", "create releaseledgers/rollback shop",
                                               "create releaseledgers/rollout shop", "create releaseledgers/freeze shop", "patch deployments shop"};

std::string state(CoordinatorFixture& f, std::string_view field) {
  const json::object* ledger = f.api.find("releaseledgers", "shop", "deployment.test-app");
  return ledger ? text_at(*ledger, field) : std::string();
}

/// v1.0 runs and is adopted, v1.1 is its candidate.
Steps adopt_and_roll_out(CoordinatorFixture& f) {
  f.roll_out("shop", "test-app", "v1.0");
  const bool adopted = co_await f.until([&] { return state(f, "status.stable").find("v1.0") != std::string::npos; });
  BOOST_REQUIRE_MESSAGE(adopted, state(f, "status"));
  f.roll_out("shop", "test-app", "v1.1");
  const bool candidate = co_await f.until([&] { return state(f, "status.candidate").find("v1.1") != std::string::npos; });
  BOOST_REQUIRE_MESSAGE(candidate, state(f, "status"));
}

Steps reading(CoordinatorFixture& f) {
  f.roll_out("shop", "test-app", "v1.0");
  f.add_person("jane", {"get releaseledgers shop"});
  f.add_person("mallory", {});
  const bool known = co_await f.until([&] { return f.api.find("releaseledgers", "shop", "deployment.test-app") != nullptr; });
  BOOST_TEST(known);
  const HttpResponse nobody = co_await f.call("GET", "/v1/workloads", "");
  BOOST_TEST(nobody.status == 401u);
  const HttpResponse all = co_await f.call("GET", "/v1/workloads", "jane-token");
  BOOST_TEST(all.status == 403u);
  BOOST_TEST(all.body.find("jane may not list releaseledgers in every namespace") != std::string::npos);
  const HttpResponse shop = co_await f.call("GET", "/v1/workloads?namespace=shop", "jane-token");
  BOOST_TEST(shop.status == 200u);
  BOOST_TEST(shop.body.find("test-app") != std::string::npos);
  const HttpResponse one = co_await f.call("GET", "/v1/workloads/shop/deployments/test-app", "jane-token");
  BOOST_TEST(one.status == 200u);
  const HttpResponse none = co_await f.call("GET", "/v1/workloads/shop/deployments/other", "jane-token");
  BOOST_TEST(none.status == 404u);
  const HttpResponse other = co_await f.call("GET", "/v1/workloads/shop/deployments/test-app", "mallory-token");
  BOOST_TEST(other.status == 403u);
  const HttpResponse method = co_await f.call("POST", "/v1/workloads", "jane-token");
  BOOST_TEST(method.status == 405u);
  BOOST_TEST(find_header(method.headers, "Allow") == "GET");
  const HttpResponse path = co_await f.call("GET", "/v1/secrets", "jane-token");
  BOOST_TEST(path.status == 404u);
  // A token made for Charon alone does as well.
  json::object user{{"username", "ci"}};
  f.api.tokens["ci-token"] = {std::move(user), "charon-coordinator"};
  f.api.permissions.insert("ci get releaseledgers shop");
  const HttpResponse ci = co_await f.call("GET", "/v1/workloads?namespace=shop", "ci-token");
  BOOST_TEST(ci.status == 200u);
}

Steps both_permissions(CoordinatorFixture& f) {
  co_await adopt_and_roll_out(f);
  f.add_person("viewer", {"get releaseledgers shop"});
  f.add_person("half", {"create releaseledgers/rollback shop"});
  f.add_person("other-half", {"patch deployments shop"});
  for (const std::string token : {"viewer-token", "half-token", "other-half-token"}) {
    const HttpResponse old = co_await f.call("POST", "/rollback", token, R"({"image":"test-app"})");
    BOOST_TEST(old.status == 403u, token);
    const HttpResponse direct = co_await f.call("POST", "/v1/workloads/shop/deployments/test-app/rollback", token);
    BOOST_TEST(direct.status == 403u, token);
  }
  // Who may neither read nor do anything there cannot tell a workload that is there from one that is not.
  f.add_person("mallory", {});
  const HttpResponse there = co_await f.call("POST", "/rollback", "mallory-token", R"({"image":"test-app"})");
  BOOST_TEST(there.status == 404u);
  const HttpResponse not_there = co_await f.call("POST", "/rollback", "mallory-token", R"({"image":"no-app--"})");
  BOOST_TEST(not_there.status == 404u);
  std::string same = there.body;
  if (const auto at = same.find("test-app"); at != std::string::npos) same.replace(at, 8, "no-app--");
  BOOST_TEST(same == not_there.body);
  co_await f.pause(Duration{1'500});
  BOOST_TEST(f.api.patches.empty());
  BOOST_TEST(f.image("shop", "test-app") == "registry.example:5000/test-app:v1.1");
}

Steps old_client(CoordinatorFixture& f) {
  co_await adopt_and_roll_out(f);
  f.add_person("jane", operator_rights);
  const HttpResponse unknown = co_await f.call("POST", "/rollback", "jane-token", R"({"image":"other"})");
  BOOST_TEST(unknown.status == 404u);
  const HttpResponse garbage = co_await f.call("POST", "/rollback", "jane-token", "test-app");
  BOOST_TEST(garbage.status == 422u);
  const HttpResponse dry = co_await f.call("POST", "/rollback?dryRun=true", "jane-token", R"({"image":"test-app"})");
  BOOST_TEST(dry.status == 200u, dry.body);
  BOOST_TEST(json::parse(dry.body).at("changed").as_bool() == false);
  co_await f.pause(Duration{1'200});
  BOOST_TEST(f.api.patches.empty());

  f.api.conflicts = 2;  // someone else writes in between, twice
  const HttpResponse done = co_await f.call("POST", "/rollback", "jane-token", R"({"image":"test-app"})");
  BOOST_TEST(done.status == 200u, done.body);
  const bool back = co_await f.until([&] { return f.image("shop", "test-app") == "registry.example:5000/test-app:v1.0"; });
  BOOST_TEST(back);
  BOOST_TEST(f.api.conflicts == 0);
  BOOST_TEST(f.api.patches.size() == 1u);
  BOOST_TEST(f.logged("changed meanwhile, reading it again (try 3)"));
  const json::object& deployment = *f.api.find("deployments", "shop", "test-app");
  BOOST_TEST(deployment.at("metadata").at("annotations").as_object().contains("charon.dev/rollback"));
  BOOST_TEST(text_at(deployment, "spec.replicas") == "2");
  // The intent was in the ledger before the PATCH.
  const auto patch = std::find(f.api.writes.begin(), f.api.writes.end(), "PATCH deployments");
  BOOST_TEST((std::find(f.api.writes.begin(), patch, "PUT releaseledgers/status") != patch));
  const bool told = co_await f.until([&] { return !f.api.all("events").empty(); });
  BOOST_TEST(told);
}

Steps several(CoordinatorFixture& f) {
  f.add_namespace("bank");
  f.add_namespace("vault");
  for (const std::string ns : {"shop", "bank", "vault"}) f.roll_out(ns, "test-app", "v1.0");
  std::vector<std::string> rights = operator_rights;
  rights.push_back("get releaseledgers bank");
  f.add_person("jane", rights);
  const bool known = co_await f.until([&] { return f.api.all("releaseledgers").size() == 3; });
  BOOST_TEST(known);
  const HttpResponse response = co_await f.call("POST", "/rollback", "jane-token", R"({"image":"test-app"})");
  BOOST_TEST(response.status == 409u);
  BOOST_TEST(response.body.find("2 workloads run the image test-app: bank/test-app, shop/test-app;") != std::string::npos, response.body);
  BOOST_TEST(response.body.find("vault/") == std::string::npos);  // not hers to see
  // Of several, whoever may see one alone means that one.
  f.add_person("victor", {"get releaseledgers vault"});
  const HttpResponse one = co_await f.call("POST", "/rollback", "victor-token", R"({"image":"test-app"})");
  BOOST_TEST(one.status == 403u, one.body);
}

Steps rollout_and_freeze(CoordinatorFixture& f) {
  f.roll_out("shop", "test-app", "v1.0");
  f.add_person("jane", operator_rights);
  const bool known = co_await f.until([&] { return state(f, "status.stable").find("v1.0") != std::string::npos; });
  BOOST_TEST(known);
  const HttpResponse untagged = co_await f.call("POST", "/rollout", "jane-token", R"({"image":"test-app"})");
  BOOST_TEST(untagged.status == 422u);
  const HttpResponse done = co_await f.call("POST", "/rollout", "jane-token", R"({"image":"test-app","tag":"v1.1"})");
  BOOST_TEST(done.status == 200u, done.body);
  const bool deployed = co_await f.until([&] { return f.image("shop", "test-app") == "registry.example:5000/test-app:v1.1"; });
  BOOST_TEST(deployed);
  const HttpResponse frozen = co_await f.call("POST", "/v1/workloads/shop/deployments/test-app/freeze", "jane-token");
  BOOST_TEST(frozen.status == 200u, frozen.body);
  BOOST_TEST(f.logged("jane asks: freeze shop/test-app"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(people)

BOOST_AUTO_TEST_CASE(readers_see_what_they_may_read) { CoordinatorFixture f; f.run(reading(f)); }
BOOST_AUTO_TEST_CASE(acting_takes_both_permissions) { CoordinatorFixture f; f.run(both_permissions(f)); }
BOOST_AUTO_TEST_CASE(an_old_client_rolls_back_through_conflicts) { CoordinatorFixture f; f.run(old_client(f)); }
BOOST_AUTO_TEST_CASE(an_image_that_fits_several_workloads_is_refused_with_the_list) { CoordinatorFixture f; f.run(several(f)); }
BOOST_AUTO_TEST_CASE(rollout_and_freeze_do_as_they_say) { CoordinatorFixture f; f.run(rollout_and_freeze(f)); }

BOOST_AUTO_TEST_SUITE_END()
