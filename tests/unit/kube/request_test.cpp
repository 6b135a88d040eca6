#include "lib/kube/request.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::kube;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(kube_request)

BOOST_AUTO_TEST_CASE(names_the_place_of_each_request) {
  ListOptions selected;
  selected.label_selector = "app in (a,b),x!=y";
  selected.field_selector = "spec.nodeName=n1";
  ListOptions following;
  following.limit = 2;
  following.continue_token = "a+/=";
  const json::object object{{"a", 1}};
  struct Case {
    HttpRequest request;
    std::string_view method, target, content_type;
  };
  const Case cases[] = {
      {get(pods, "shop", "web-1"), "GET", "/api/v1/namespaces/shop/pods/web-1", ""},
      {get(nodes, "", "node-1"), "GET", "/api/v1/nodes/node-1", ""},
      {get(deployments, "shop", "../x y?"), "GET", "/apis/apps/v1/namespaces/shop/deployments/..%2Fx%20y%3F", ""},
      {list(pods, "", {}), "GET", "/api/v1/pods?limit=500", ""},
      {list(release_ledgers, "shop", following), "GET", "/apis/charon.dev/v1alpha1/namespaces/shop/releaseledgers?limit=2&continue=a%2B%2F%3D", ""},
      {list(pods, "", selected), "GET", "/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29%2Cx%21%3Dy&fieldSelector=spec.nodeName%3Dn1&limit=500", ""},
      {watch(pods, "shop", {}, "12", Duration{299'001}), "GET",
       "/api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=12&timeoutSeconds=300", ""},
      {create(events, "shop", object), "POST", "/api/v1/namespaces/shop/events", "application/json"},
      {create(token_reviews, "", object, true), "POST", "/apis/authentication.k8s.io/v1/tokenreviews?dryRun=All", "application/json"},
      {replace(release_ledgers, "shop", "web", object, "status"), "PUT", "/apis/charon.dev/v1alpha1/namespaces/shop/releaseledgers/web/status", "application/json"},
      {patch(deployments, "shop", "web", PatchType::json, json::array{}), "PATCH", "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=charon",
       "application/json-patch+json"},
      {patch(deployments, "shop", "web", PatchType::merge, object, "charonctl", "scale", true), "PATCH",
       "/apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=charonctl&dryRun=All", "application/merge-patch+json"},
      {patch(deployments, "shop", "web", PatchType::strategic, object), "PATCH", "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=charon",
       "application/strategic-merge-patch+json"},
      {remove(secrets, "charon", "tls"), "DELETE", "/api/v1/namespaces/charon/secrets/tls", ""},
  };
  for (const Case& c : cases) {
    BOOST_TEST(c.request.method == c.method, c.target);
    BOOST_TEST(c.request.target == c.target);
    BOOST_TEST(find_header(c.request.headers, "Content-Type") == c.content_type, c.target);
    BOOST_TEST(find_header(c.request.headers, "Accept") == "application/json", c.target);
    BOOST_TEST(c.request.body.empty() == c.content_type.empty(), c.target);
  }
}

BOOST_AUTO_TEST_CASE(reads_an_object) {
  const auto object = read_response({201, {}, R"({"kind":"Pod"})"});
  BOOST_REQUIRE(object);
  BOOST_TEST(object->at("kind").as_string() == "Pod");
}

// Bodies as https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ describes and API servers send.
BOOST_AUTO_TEST_CASE(makes_an_error_of_every_other_answer) {
  struct Case {
    unsigned status;
    std::string_view body;
    Errc code;
    std::string_view context;
  };
  const Case cases[] = {
      {400, R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"the object provided is unrecognized","reason":"BadRequest","code":400})", Errc::rejected,
       "API server: 400 BadRequest the object provided is unrecognized"},
      {401, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401})", Errc::unauthorized,
       "API server: 401 Unauthorized Unauthorized"},
      {403, R"({"kind":"Status","status":"Failure","message":"pods is forbidden: User \"u\" cannot list","reason":"Forbidden","details":{"kind":"pods"},"code":403})",
       Errc::forbidden, "API server: 403 Forbidden pods is forbidden: User \"u\" cannot list"},
      {404, R"({"kind":"Status","status":"Failure","message":"pods \"a\" not found","reason":"NotFound","code":404})", Errc::not_found,
       "API server: 404 NotFound pods \"a\" not found"},
      {404, "404 page not found\n", Errc::not_found, "API server: 404 404 page not found"},
      {409, R"({"kind":"Status","status":"Failure","message":"the object has been modified","reason":"Conflict","code":409})", Errc::conflict,
       "API server: 409 Conflict the object has been modified"},
      {409, R"({"kind":"Status","status":"Failure","message":"pods \"a\" already exists","reason":"AlreadyExists","code":409})", Errc::conflict,
       "API server: 409 AlreadyExists pods \"a\" already exists"},
      {410, R"({"kind":"Status","status":"Failure","message":"The provided continue parameter is too old","reason":"Expired","code":410})", Errc::gone,
       "API server: 410 Expired The provided continue parameter is too old"},
      {413, R"({"kind":"Status","message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413})", Errc::rejected,
       "API server: 413 RequestEntityTooLarge Request entity too large: limit is 3145728"},
      {415, R"({"kind":"Status","message":"unsupported","reason":"UnsupportedMediaType","code":415})", Errc::rejected, "API server: 415 UnsupportedMediaType unsupported"},
      {422, R"({"kind":"Status","message":"spec.replicas: Invalid value","reason":"Invalid","code":422})", Errc::rejected,
       "API server: 422 Invalid spec.replicas: Invalid value"},
      {429, "Too many requests, please try again later.\n", Errc::unavailable, "API server: 429 Too many requests, please try again later."},
      {500, R"({"kind":"Status","message":"etcdserver: leader changed","code":500})", Errc::unavailable, "API server: 500 Unknown etcdserver: leader changed"},
      {503, "", Errc::unavailable, "API server: 503 "},
      {504, R"({"message":"Timeout: request did not complete","reason":"Timeout"})", Errc::unavailable, "API server: 504 Timeout Timeout: request did not complete"},
      {302, "", Errc::rejected, "API server: 302 "},
      {400, R"({"message":7,"reason":null})", Errc::rejected, R"(API server: 400 {"message":7,"reason":null})"},
      {400, "[1]", Errc::rejected, "API server: 400 [1]"},
  };
  for (const Case& c : cases) {
    const auto result = read_response({c.status, {}, std::string(c.body)});
    BOOST_REQUIRE_MESSAGE(!result, c.status);
    BOOST_TEST(result.error().is(c.code), c.context);
    BOOST_TEST(result.error().context == c.context);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_object_and_cuts_long_messages) {
  for (const std::string_view body : {"", "[]", "{", "\"x\""}) BOOST_TEST(read_response({200, {}, std::string(body)}).error().is(Errc::invalid_input), body);
  const auto result = read_response({500, {}, json::serialize(json::object{{"message", std::string(511, 'x') + "\xc3\xa4" + std::string(9, 'y')}})});
  BOOST_TEST(result.error().context == "API server: 500 Unknown " + std::string(511, 'x') + "...");
}

BOOST_AUTO_TEST_SUITE_END()
