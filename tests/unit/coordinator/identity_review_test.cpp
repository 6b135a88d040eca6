#include "coordinator/core/identity_review.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::coordinator;
namespace json = boost::json;

namespace {

/// As an API server of 1.31 answers for a projected token.
json::object answered() {
  return json::parse(R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},
    "spec":{"token":"t","audiences":["charon-coordinator"]},
    "status":{"authenticated":true,"audiences":["charon-coordinator"],
      "user":{"username":"system:serviceaccount:shop:default","uid":"5e1c",
        "groups":["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"],
        "extra":{"authentication.kubernetes.io/credential-id":["JTI=7"],
          "authentication.kubernetes.io/node-name":["node-2"],"authentication.kubernetes.io/node-uid":["9a"],
          "authentication.kubernetes.io/pod-name":["test-app-6b7-x2x"],"authentication.kubernetes.io/pod-uid":["c0ffee"]}}}})").as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(identity_review)

BOOST_AUTO_TEST_CASE(an_agent_is_the_pod_its_token_is_bound_to) {
  const auto agent = read_agent_review(answered());
  BOOST_REQUIRE(agent.has_value());
  BOOST_TEST(agent->ns == "shop");
  BOOST_TEST(agent->service_account == "default");
  BOOST_TEST(agent->pod == "test-app-6b7-x2x");
  BOOST_TEST(agent->pod_uid.value == "c0ffee");
  BOOST_TEST(agent->node == "node-2");
  BOOST_TEST(agent->node_uid == "9a");
}

BOOST_AUTO_TEST_CASE(a_token_that_names_no_node_is_enough) {
  auto review = answered();
  auto& extra = review["status"].at("user").at("extra").as_object();
  extra.erase("authentication.kubernetes.io/node-name");
  extra.erase("authentication.kubernetes.io/node-uid");
  const auto agent = read_agent_review(review);
  BOOST_REQUIRE(agent.has_value());
  BOOST_TEST(agent->node.empty());
}

BOOST_AUTO_TEST_CASE(agents_are_refused_for_every_missing_proof) {
  struct Case {
    std::string_view what;
    void (*change)(json::object& status);
    Errc error;
  };
  const Case cases[] = {
      {"not authenticated", [](json::object& s) { s["authenticated"] = false; }, Errc::unauthorized},
      {"says nothing", [](json::object& s) { s.erase("authenticated"); }, Errc::unauthorized},
      {"another audience", [](json::object& s) { s["audiences"] = json::array({"https://kubernetes.default.svc"}); }, Errc::unauthorized},
      {"no audiences", [](json::object& s) { s.erase("audiences"); }, Errc::unauthorized},
      {"a person", [](json::object& s) { s["user"].as_object()["username"] = "jane"; }, Errc::unauthorized},
      {"half a name", [](json::object& s) { s["user"].as_object()["username"] = "system:serviceaccount:shop"; }, Errc::unauthorized},
      {"no namespace", [](json::object& s) { s["user"].as_object()["username"] = "system:serviceaccount::default"; }, Errc::unauthorized},
      {"not bound", [](json::object& s) { s["user"].as_object().erase("extra"); }, Errc::unauthorized},
      {"no pod uid", [](json::object& s) { s["user"].at("extra").as_object()["authentication.kubernetes.io/pod-uid"] = json::array{}; }, Errc::unauthorized},
      {"no user", [](json::object& s) { s.erase("user"); }, Errc::invalid_input},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.what) {
    auto review = answered();
    c.change(review["status"].as_object());
    const auto agent = read_agent_review(review);
    BOOST_REQUIRE(agent.has_error());
    BOOST_TEST(agent.error().is(c.error));
  }
  BOOST_TEST(read_agent_review({}).error().is(Errc::invalid_input));
}

BOOST_AUTO_TEST_CASE(requests_name_token_and_audience) {
  BOOST_TEST(json::serialize(token_review("abc", agent_audience)) ==
             R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"abc","audiences":["charon-coordinator"]}})");
  BOOST_TEST(!token_review("abc", "").at("spec").as_object().contains("audiences"));
}

BOOST_AUTO_TEST_CASE(a_person_is_asked_about_with_all_that_is_known_of_them) {
  const auto person = read_person_review(answered(), "");
  BOOST_REQUIRE(person.has_value());
  const auto accesses = act_on_workload("rollback", "shop", "deployments", "test-app", "deployment.test-app");
  BOOST_REQUIRE(accesses.size() == 2u);
  const auto ledger = access_review(*person, accesses[0]);
  BOOST_TEST(json::serialize(ledger.at("spec").at("resourceAttributes")) ==
             R"({"verb":"create","group":"charon.dev","resource":"releaseledgers","subresource":"rollback","namespace":"shop","name":"deployment.test-app"})");
  BOOST_TEST(ledger.at("spec").at("user").as_string() == "system:serviceaccount:shop:default");
  BOOST_TEST(ledger.at("spec").at("uid").as_string() == "5e1c");
  BOOST_TEST(ledger.at("spec").at("groups").as_array().size() == 3u);
  BOOST_TEST(ledger.at("spec").at("extra").as_object().contains("authentication.kubernetes.io/pod-uid"));
  BOOST_TEST(json::serialize(access_review(*person, accesses[1]).at("spec").at("resourceAttributes")) ==
             R"({"verb":"patch","group":"apps","resource":"deployments","namespace":"shop","name":"test-app"})");
}

BOOST_AUTO_TEST_CASE(only_a_plain_yes_allows) {
  Person jane;
  jane.user = "jane";
  const Access access = read_ledgers("");
  BOOST_TEST(access.verb == "list");
  BOOST_TEST(read_ledgers("shop").verb == "get");
  const auto read = [&](std::string_view text) { return read_access_review(json::parse(text).as_object(), jane, access); };
  BOOST_TEST(read(R"({"status":{"allowed":true}})").has_value());
  for (const std::string_view no : {R"({"status":{"allowed":false}})", R"({"status":{"denied":true}})", R"({"status":{"allowed":"true"}})"}) {
    BOOST_REQUIRE(read(no).has_error());
    BOOST_TEST(read(no).error().is(Errc::forbidden));
    BOOST_TEST(read(no).error().context == "jane may not list releaseledgers in every namespace");
  }
  BOOST_TEST(read("{}").error().is(Errc::invalid_input));
}

BOOST_AUTO_TEST_SUITE_END()
