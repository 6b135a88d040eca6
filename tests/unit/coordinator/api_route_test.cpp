#include "coordinator/core/api_route.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::coordinator;

BOOST_AUTO_TEST_SUITE(api_route)

BOOST_AUTO_TEST_CASE(every_documented_call_is_found) {
  struct Case {
    std::string_view method, target;
    ApiCall call;
  };
  const Case cases[] = {
      {"POST", "/v1/agents/hello", ApiCall::hello},
      {"POST", "/v1/reports", ApiCall::report},
      {"GET", "/v1/agents/baseline?version=7", ApiCall::baseline},
      {"GET", "/v1/workloads", ApiCall::workloads},
      {"GET", "/v1/workloads/shop/deployments/test-app", ApiCall::workload},
      {"POST", "/v1/workloads/shop/deployments/test-app/rollback", ApiCall::rollback},
      {"POST", "/v1/workloads/shop/Deployment/test-app/freeze", ApiCall::freeze},
      {"POST", "/v1/workloads/shop/deploy/test-app/unfreeze", ApiCall::unfreeze},
      {"POST", "/v1/workloads/shop/deployment/test-app/promote?dryRun=true", ApiCall::promote},
      {"POST", "/v1/registry/events", ApiCall::registry_events},
      {"POST", "/rollout", ApiCall::old_rollout},
      {"POST", "/rollback", ApiCall::old_rollback},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.method << " " << c.target) {
    const auto answer = route(c.method, c.target);
    const ApiRoute* found = std::get_if<ApiRoute>(&answer);
    BOOST_REQUIRE(found);
    BOOST_TEST((found->call == c.call));
    if (!found->name.empty()) BOOST_TEST((found->ns == "shop" && found->kind == "deployments" && found->name == "test-app"));
  }
}

BOOST_AUTO_TEST_CASE(parameters_are_decoded_and_bounded) {
  const auto rollback = std::get<ApiRoute>(route("POST", "/v1/workloads/shop/deployments/test%2dapp/rollback?dryRun=true&to=v1.0%2B1&new=1"));
  BOOST_TEST(rollback.name == "test-app");
  BOOST_TEST(rollback.dry_run);
  BOOST_TEST(rollback.to == "v1.0+1");
  BOOST_TEST(std::get<ApiRoute>(route("GET", "/v1/agents/baseline?version=18446744073709551615")).version == 18446744073709551615u);
  BOOST_TEST(std::get<ApiRoute>(route("GET", "/v1/workloads?namespace=shop")).ns == "shop");
  BOOST_TEST(!std::get<ApiRoute>(route("POST", "/rollback?dryRun=false")).dry_run);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_call_is_refused_with_its_status) {
  struct Case {
    std::string_view method;
    std::string target;
    unsigned status;
  };
  const Case cases[] = {
      {"GET", "/", 404},
      {"GET", "", 404},
      {"GET", "/v1", 404},
      {"GET", "/v1/workloads/", 404},
      {"GET", "/v2/workloads", 404},
      {"POST", "/v1/workloads", 405},
      {"DELETE", "/v1/workloads/shop/deployments/a", 405},
      {"GET", "/rollback", 405},
      {"GET", "/v1/workloads/shop/pods/a", 404},
      {"GET", "/v1/workloads/shop/deployments/..", 404},
      {"GET", "/v1/workloads/sh%2Fop/deployments/a", 404},
      {"GET", "/v1/workloads/sh%0aop/deployments/a", 404},
      {"GET", "/v1/workloads/sh%2/deployments/a", 400},
      {"GET", "/v1/workloads?namespace=%zz", 400},
      {"GET", "/v1/workloads?namespace=A_b", 400},
      {"GET", "/v1/agents/baseline?version=-1", 400},
      {"GET", "/v1/agents/baseline?version=18446744073709551616", 400},
      {"POST", "/rollback?dryRun=yes", 400},
      {"POST", "/rollback?dryRun", 400},
      {"GET", "/" + std::string(5000, 'a'), 414},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.method << " " << c.target) {
    const auto answer = route(c.method, c.target);
    const ApiRefusal* refusal = std::get_if<ApiRefusal>(&answer);
    BOOST_REQUIRE(refusal);
    BOOST_TEST(refusal->status == c.status);
    BOOST_TEST((c.status == 405) == !refusal->allow.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
