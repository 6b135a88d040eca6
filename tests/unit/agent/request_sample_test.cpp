#include "agent/core/request_sample.hpp"

#include "agent/core/exposition_parser.hpp"
#include "agent/core/family_meanings.hpp"
#include "agent/core/request_counts.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

using namespace charon::agent;

namespace {

std::optional<RequestSample> meaning(std::string_view name, std::vector<LabelView> labels, FamilyType type) {
  std::string_view family = name;
  if (type == FamilyType::histogram && !family.empty()) family = family.substr(0, family.rfind('_'));
  const SampleView sample{.family = family, .name = name, .labels = labels, .value = 1, .type = type, .timestamp = {}};
  return request_sample(sample, FamilyMeanings{}.of(sample).meaning);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(request_sample_of)

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
      {"http_requests_received_total", "code", "500", true},
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
      {"myapp_promhttp_metric_handler_requests_total", {{"code", "500"}}, FamilyType::counter},
      {"http_requests_created", {{"code", "500"}}, FamilyType::counter},
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

/// Roles and stems as the agent read them when names had rules of their own beside the table, save one: the disk's
/// node_disk_flush_requests_total is the node's, and had no errors beside it to be a share of.
BOOST_AUTO_TEST_CASE(real_payloads_show_the_requests_that_they_always_did) {
  const std::string folder = "../shared/data/exposition/";
  if (!std::ifstream(folder + "node_exporter-e2e-output.txt")) {
    BOOST_TEST_MESSAGE("SKIPPED: " << folder << " is absent");
    return;
  }
  const std::set<std::string> server{
      "outcome prometheus_http_requests_total", "bucket prometheus_http_request_duration_seconds", "process_start process_start_time_seconds",
      "failures prometheus_engine_query_log", "failures prometheus_notifications", "failures prometheus_rule_evaluation", "failures prometheus_sd_azure",
      "failures prometheus_sd_consul_rpc", "failures prometheus_sd_dns_lookup", "failures prometheus_sd_file_read", "failures prometheus_sd_file_watcher",
      "failures prometheus_sd_http", "failures prometheus_sd_kubernetes", "failures prometheus_sd_kuma_fetch", "failures prometheus_sd_linode",
      "failures prometheus_sd_nomad", "failures prometheus_template_text_expansion", "failures prometheus_treecache_zookeeper",
      "failures prometheus_tsdb_reloads", "failures prometheus_web_federation"};
  const struct { std::string_view file; std::set<std::string> expected; } cases[] = {
      {"1histogram.om.txt", {}},
      {"alltypes.5mfs.om.txt", {"all rpc", "bucket rpc_durations_histogram_seconds"}},
      {"alltypes.237mfs.prom.txt", server},
      {"alltypes.237mfs.nometa.prom.txt", server},
      {"node_exporter-e2e-output.txt",
       {"all node_mountstats_nfs_operations", "all node_nfs", "all node_nfsd", "failures node_bcachefs", "failures node_bcachefs_device_io",
        "failures node_edac_channel_correctable", "failures node_edac_channel_uncorrectable", "failures node_edac_correctable",
        "failures node_edac_csrow_correctable", "failures node_edac_csrow_uncorrectable", "failures node_edac_uncorrectable", "failures node_nfsd_rpc"}}};
  const std::string_view roles[] = {"outcome", "all", "failures", "bucket", "process_start"};
  for (const auto& test : cases) {
    std::ifstream in(folder + std::string(test.file), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    ExpositionParser parser;
    parser.start(text, test.file.find(".om.") != std::string_view::npos ? Dialect::openmetrics : Dialect::prometheus);
    FamilyMeanings meanings;
    std::set<std::string> found;
    for (ExpositionItem item = parser.next(); item != ExpositionItem::end; item = parser.next()) {
      BOOST_REQUIRE((item != ExpositionItem::error));
      if (item != ExpositionItem::sample) continue;
      const auto request = request_sample(parser.sample(), meanings.of(parser.sample()).meaning);
      if (request) found.insert(std::string(roles[static_cast<std::size_t>(request->role)]) + " " + std::string(request->stem));
    }
    BOOST_TEST_CONTEXT(test.file) BOOST_TEST(found == test.expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
