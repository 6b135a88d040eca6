#include "injector/core/webhook_bundle.hpp"

#include "injector/core/event_subject.hpp"
#include "tests/unit/injector/pods.hpp"

using namespace charon;
using namespace charon::injector;
using namespace charon::injector::test;

BOOST_AUTO_TEST_SUITE(webhook_bundle)

BOOST_AUTO_TEST_CASE(every_entry_gets_the_bundle_and_a_second_time_none) {
  const json::object before = object(R"({"webhooks":[
      {"name":"a","clientConfig":{"service":{"name":"s"}}},
      {"name":"b","clientConfig":{"service":{"name":"s"},"caBundle":"b2xk"}},
      {"name":"c","clientConfig":{"caBundle":"UEVN"}}]})");
  const json::array patch = webhook_bundle_patch(before, "PEM");
  BOOST_TEST(patch.size() == 4);  // two entries, each with its guard
  const auto after = apply_patch(json::value(before), patch);
  for (const json::value& webhook : after->at("webhooks").as_array()) BOOST_TEST(webhook.at("clientConfig").at("caBundle").as_string() == "UEVN");
  BOOST_TEST(webhook_bundle_patch(after->as_object(), "PEM").empty());
}

BOOST_AUTO_TEST_CASE(one_that_is_not_sure_of_its_bundle_fills_gaps_and_overwrites_nothing) {
  const json::object before = object(R"({"webhooks":[{"name":"a","clientConfig":{}},{"name":"b","clientConfig":{"caBundle":"b2xk"}},{"name":"c","clientConfig":{"caBundle":""}}]})");
  const auto after = apply_patch(json::value(before), webhook_bundle_patch(before, "PEM", true));
  const char* expected[] = {"UEVN", "b2xk", "UEVN"};
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(after->at("webhooks").as_array()[i].at("clientConfig").at("caBundle").as_string() == expected[i]);
}

BOOST_AUTO_TEST_CASE(a_configuration_changed_meanwhile_refuses_the_patch) {
  const json::array patch = webhook_bundle_patch(object(R"({"webhooks":[{"name":"a","clientConfig":{}}]})"), "PEM");
  BOOST_TEST(apply_patch(json::value(object(R"({"webhooks":[{"name":"other","clientConfig":{}}]})")), patch).has_error());
}

BOOST_AUTO_TEST_CASE(none_or_odd_entries_need_nothing) {
  for (const auto* text : {"{}", R"({"webhooks":null})", R"({"webhooks":[null,{"name":"a"}]})"}) BOOST_TEST(webhook_bundle_patch(object(text), "PEM").empty());
}

BOOST_AUTO_TEST_CASE(an_event_is_the_same_within_the_hour_for_every_replica) {
  const auto subject = controller_of(pod()).value();
  BOOST_TEST(subject.kind == "ReplicaSet");
  const Time now = parse_time("2026-11-23T12:10:00Z").value();
  BOOST_TEST(event_identity(subject, "r", now) == event_identity(subject, "r", now + std::chrono::minutes{40}));
  BOOST_TEST(event_identity(subject, "r", now) != event_identity(subject, "r", now + std::chrono::minutes{60}));
  BOOST_TEST(event_identity(subject, "r", now) != event_identity(subject, "s", now));
}

BOOST_AUTO_TEST_SUITE_END()
