#include "lib/kube/event.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::kube;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(kube_event)

const Time now{std::chrono::seconds{1'795'435'200}};

BOOST_AUTO_TEST_CASE(points_at_its_object) {
  const auto object = json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{},
    "metadata":{"name":"web","namespace":"shop","uid":"u-1","resourceVersion":"7","labels":{"a":"b"}}})").as_object();
  const auto event = make_event(object, {EventType::warning, "RolledBack", "v1.1 degraded on node-2"}, now, 0xabc);
  const auto expected = json::parse(R"({"apiVersion":"v1","kind":"Event","metadata":{"name":"web.abc","namespace":"shop"},
    "involvedObject":{"apiVersion":"apps/v1","kind":"Deployment","namespace":"shop","name":"web","uid":"u-1","resourceVersion":"7"},
    "reason":"RolledBack","message":"v1.1 degraded on node-2","type":"Warning","source":{"component":"charon"},
    "reportingComponent":"charon","reportingInstance":"charon",
    "firstTimestamp":"2026-11-23T12:00:00.000Z","lastTimestamp":"2026-11-23T12:00:00.000Z","count":1})");
  BOOST_TEST((json::value(event) == expected), json::serialize(event));
}

BOOST_AUTO_TEST_CASE(of_a_cluster_scoped_object_lives_in_default) {
  const auto node = json::parse(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"node-2","uid":"u"}})").as_object();
  const auto event = make_event(node, {EventType::normal, "NodeSuspect", "m"}, now, 1);
  BOOST_TEST(event.at("metadata").at("namespace").as_string() == "default");
  BOOST_TEST(!event.at("involvedObject").as_object().contains("namespace"));
  BOOST_TEST(event.at("type").as_string() == "Normal");
  BOOST_TEST(event_namespace({}) == "default");
}

BOOST_AUTO_TEST_CASE(keeps_within_the_bounds_of_the_api_server) {
  const json::object object{{"metadata", json::object{{"name", std::string(253, 'n')}}}};
  const std::string message = std::string(1023, 'x') + "\xc3\xa4";
  const auto event = make_event(object, {EventType::normal, "R", message}, now, ~std::uint64_t{0});
  BOOST_TEST(event.at("metadata").at("name").as_string().size() == 253U);
  BOOST_TEST(event.at("metadata").at("name").as_string().ends_with(".ffffffffffffffff"));
  BOOST_TEST(event.at("message").as_string() == std::string(1023, 'x'));
}

BOOST_AUTO_TEST_SUITE_END()
