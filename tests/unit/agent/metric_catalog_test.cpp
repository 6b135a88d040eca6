#include "agent/core/metric_catalog.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace charon::agent;

namespace {

std::optional<Meaning> meaning(std::string_view name, std::vector<LabelView> labels, FamilyType type) {
  return meaning_of({.family = name, .name = name, .labels = labels, .value = 1, .type = type, .timestamp = {}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metric_catalog)

BOOST_AUTO_TEST_CASE(requests_by_outcome_are_known_by_name_and_label) {
  struct Case { std::string_view name, label, value; bool bad; };
  const Case cases[] = {
      {"http_requests_total", "code", "500", true},
      {"http_requests_total", "code", "200", false},
      {"http_requests_total", "status", "404", false},
      {"http_requests_total", "status", "5xx", true},
      {"myapp_http_requests_total", "status_code", "503", true},
      {"flask_http_request_total", "status", "500", true},
      {"http_server_requests_seconds_count", "status", "500", true},
      {"http_server_requests_seconds_count", "outcome", "SERVER_ERROR", true},
      {"http_server_requests_seconds_count", "outcome", "CLIENT_ERROR", false},
      {"http_server_request_duration_seconds_count", "http_response_status_code", "502", true},
      {"http_server_duration_milliseconds_count", "http_status_code", "200", false},
      {"http_requests_received_total", "code", "500", false},  // not a name that is known
      {"grpc_server_handled_total", "grpc_code", "OK", false},
      {"grpc_server_handled_total", "grpc_code", "NotFound", false},
      {"grpc_server_handled_total", "grpc_code", "Internal", true},
      {"grpc_server_handled_total", "grpc_code", "DeadlineExceeded", true},
      {"grpc_server_handled_total", "grpc_code", "DATA_LOSS", true},
      {"rpc_server_requests_total", "rpc_grpc_status_code", "13", true},
      {"rpc_server_requests_total", "rpc_grpc_status_code", "5", false},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.name << " " << c.label << "=" << c.value) {
      const bool count = c.name.ends_with("_count");
      const auto found = meaning(c.name, {{"method", "GET"}, {c.label, c.value}}, count ? FamilyType::histogram : FamilyType::counter);
      if (c.name == "http_requests_received_total") {
        BOOST_TEST(!found);
        continue;
      }
      BOOST_TEST_REQUIRE(found.has_value());
      BOOST_TEST((found->role == Role::outcome));
      BOOST_TEST(found->label == c.label);
      BOOST_TEST(found->bad == c.bad);
    }
  }
}

BOOST_AUTO_TEST_CASE(latency_buckets_are_in_seconds) {
  struct Case { std::string_view name, le; double bound; };
  const Case cases[] = {
      {"http_request_duration_seconds_bucket", "0.25", 0.25},
      {"http_server_duration_milliseconds_bucket", "250", 0.25},
      {"request_latency_ms_bucket", "5.0", 0.005},
      {"grpc_server_handling_seconds_bucket", "1e-3", 0.001},
      {"http_request_duration_seconds_bucket", "+Inf", HUGE_VAL},
  };
  for (const Case& c : cases) {
    const auto found = meaning(c.name, {{"path", "/"}, {"le", c.le}}, FamilyType::histogram);
    BOOST_TEST_CONTEXT(c.name) {
      BOOST_TEST_REQUIRE(found.has_value());
      BOOST_TEST((found->role == Role::bucket));
      BOOST_TEST(found->bound == c.bound, boost::test_tools::tolerance(1e-12));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_show_served_requests_is_left_out) {
  struct Case { std::string_view name; std::vector<LabelView> labels; FamilyType type; };
  const Case cases[] = {
      {"promhttp_metric_handler_requests_total", {{"code", "500"}}, FamilyType::counter},
      {"rest_client_requests_total", {{"code", "500"}}, FamilyType::counter},
      {"http_client_request_duration_seconds_bucket", {{"le", "1"}}, FamilyType::histogram},
      {"http_requests_total", {{"code", "200"}, {"handler", "/metrics"}}, FamilyType::counter},
      {"http_requests_total", {{"code", "503"}, {"path", "/healthz"}}, FamilyType::counter},
      {"go_gc_duration_seconds_bucket", {{"le", "1"}}, FamilyType::histogram},
      {"workqueue_queue_duration_seconds_bucket", {{"le", "1"}}, FamilyType::histogram},
      {"job_duration_seconds_bucket", {{"le", "1"}}, FamilyType::histogram},
      {"response_size_bytes_bucket", {{"le", "1"}}, FamilyType::histogram},
      {"http_request_duration_seconds_bucket", {{"le", "wide"}}, FamilyType::histogram},
      {"http_request_duration_seconds_bucket", {}, FamilyType::histogram},
      {"http_requests_total", {{"code", "500"}}, FamilyType::gauge},
      {"up", {}, FamilyType::gauge},
      {"", {}, FamilyType::unknown},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.name) BOOST_TEST(!meaning(c.name, c.labels, c.type));
}

BOOST_AUTO_TEST_CASE(names_are_not_left_out_for_containing_a_runtimes_letters) {
  BOOST_TEST(meaning("cargo_requests_total", {{"code", "200"}}, FamilyType::counter).has_value());
  BOOST_TEST(!meaning("go_requests_total", {{"code", "200"}}, FamilyType::counter).has_value());
}

BOOST_AUTO_TEST_CASE(error_counters_pair_with_requests_of_the_same_stem) {
  const auto all = meaning("shop_requests_total", {}, FamilyType::counter);
  BOOST_TEST_REQUIRE(all.has_value());
  BOOST_TEST((all->role == Role::all_requests));
  BOOST_TEST(all->stem == "shop");
  for (const std::string_view name : {"shop_errors_total", "shop_request_errors_total", "shop_requests_failed_total", "shop_failures_total"}) {
    const auto failures = meaning(name, {}, FamilyType::counter);
    BOOST_TEST_REQUIRE(failures.has_value());
    BOOST_TEST((failures->role == Role::failures));
    BOOST_TEST(failures->stem == "shop");
  }
}

BOOST_AUTO_TEST_CASE(untyped_samples_are_known_by_name_alone) {
  BOOST_TEST(meaning("http_requests_total", {{"code", "200"}}, FamilyType::unknown).has_value());
  BOOST_TEST(meaning("http_request_duration_seconds_bucket", {{"le", "1"}}, FamilyType::unknown).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
