#include "examples/test-app/node_labels.hpp"
#include "examples/test-app/service.hpp"

#include "lib/net/http_client.hpp"
#include "lib/net/http_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <prometheus/text_serializer.h>

#include <map>

namespace {
using namespace charon;
using namespace charon::test_app;

Result<Release> release_of(const std::map<std::string, std::string>& env) {
  return read_release([&](const char* name) {
    const auto found = env.find(name);
    return found == env.end() ? nullptr : found->second.c_str();
  });
}

boost::asio::awaitable<void> call(Service& service, int times, std::map<unsigned, int>& codes) {
  for (int i = 0; i < times; ++i) {
    HttpRequest request;
    const HttpResponse response = co_await service.handle(std::move(request));
    ++codes[response.status];
  }
}

/// Codes of `times` answers of a release that waits for no backend.
std::map<unsigned, int> answers(Release release, bool faulty, int times) {
  release.backend = Duration{0};
  boost::asio::io_context context;
  Service service(context.get_executor(), release, faulty, 1);
  std::map<unsigned, int> codes;
  boost::asio::co_spawn(context, call(service, times, codes), boost::asio::detached);
  context.run();
  return codes;
}

boost::asio::awaitable<HttpResponse> pass_on(Service& service, HttpRequest request) {
  HttpResponse response = co_await service.handle(std::move(request));
  co_return response;
}

boost::asio::awaitable<void> ask(net::HttpServer& server, boost::asio::any_io_executor executor, Result<HttpResponse>& out) {
  net::HttpClientConfig config;
  config.host = "127.0.0.1";
  config.port = std::to_string(server.port());
  net::HttpClient client(executor, config);
  HttpRequest request;
  out = co_await client.request(std::move(request), Duration{5'000});
  co_await server.stop(Duration{100});
}
}  // namespace

BOOST_AUTO_TEST_SUITE(test_app_service)

BOOST_AUTO_TEST_CASE(a_release_reads_its_environment) {
  const auto release = release_of({{"TEST_APP_RELEASE", "v1.2"}, {"TEST_APP_FAULT", "leak"}, {"TEST_APP_FAULT_WHERE", "memory<64Mi"},
                                   {"TEST_APP_DEADLINE", "1s"}, {"TEST_APP_WORK", "800"}, {"TEST_APP_LEAK_KIB", "64"}});
  BOOST_REQUIRE(release);
  BOOST_TEST(release->version == "v1.2");
  BOOST_TEST((release->fault == Fault::leak));
  BOOST_TEST(release->where.memory_below.value() == 64u << 20);
  BOOST_TEST(release->deadline.count() == 1000);
  BOOST_TEST(release->work == 800u);
  BOOST_TEST(release->leak_bytes == 64u << 10);
}

BOOST_AUTO_TEST_CASE(a_bad_variable_is_named) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"TEST_APP_FAULT", "rain"}, {"TEST_APP_FAULT_WHERE", "memory<64"}, {"TEST_APP_FAULT_SHARE", "2"},
           {"TEST_APP_WORK", "-1"}, {"TEST_APP_DEADLINE", "soon"}, {"TEST_APP_BURST", "0s"}}) {
    const auto release = release_of({{name, value}});
    BOOST_REQUIRE(!release);
    BOOST_TEST(release.error().context.find(name) == 0u, release.error().context);
  }
}

BOOST_AUTO_TEST_CASE(a_fault_shows_on_the_devices_it_is_set_to) {
  Device weak;
  weak.processor_share = 0.1;
  weak.memory_bytes = 64u << 20;
  weak.labels = {{"disk", "slow"}, {"zone", "a"}};
  const Device strong;
  for (const char* where : {"cpu<0.5", "memory<65Mi", "label:disk=slow"}) {
    const auto release = release_of({{"TEST_APP_FAULT_WHERE", where}});
    BOOST_REQUIRE(release);
    BOOST_TEST(shows(release->where, weak), where);
    BOOST_TEST(!shows(release->where, strong), where);
  }
  BOOST_TEST(shows(Where{}, strong));
}

BOOST_AUTO_TEST_CASE(a_busy_neighbour_is_told_from_a_quota_by_one_undisturbed_trial) {
  int trials = 0;
  const auto share = [&](int undisturbed, double enough) {
    trials = 0;
    return best_share([&] { return Trial{++trials == undisturbed ? 0.5 : 0.2, 1}; }, enough);
  };
  BOOST_TEST(share(1, 0.3) == 0.5);
  BOOST_TEST(trials == 1);  // half a core is not below 0.3, though it is no whole one
  BOOST_TEST(share(25, 0.3) == 0.5);
  BOOST_TEST(trials == 25);
  BOOST_TEST(share(0, 0.3) == 0.2);
  BOOST_TEST(trials == 40);
  BOOST_TEST(share(1, 0.2) == 0.5);
  BOOST_TEST(share(2, 0.2) == 0.2);  // as much as was asked for
  BOOST_TEST(trials == 1);
}

BOOST_AUTO_TEST_CASE(a_little_of_a_busy_machine_is_no_quota) {
  BOOST_TEST(best_share([] { return Trial{0.1, 0.1}; }, 0.3) == 1);  // no trial tells
  BOOST_TEST(best_share([] { return Trial{0.4, 0}; }, 0.3) == 0.4);  // as much all the same
  int trials = 0;
  BOOST_TEST(best_share([&] { return Trial{0.1, ++trials == 40 ? 0.9 : 0.0}; }, 0.3) == 0.1);
}

BOOST_AUTO_TEST_CASE(another_label_or_value_is_no_reason_for_the_fault) {
  Device device;
  device.labels = {{"disk", "fast"}, {"zone", "slow"}};
  const auto release = release_of({{"TEST_APP_FAULT_WHERE", "label:disk=slow"}});
  BOOST_REQUIRE(release);
  BOOST_TEST(!shows(release->where, device));
}

BOOST_AUTO_TEST_CASE(labels_come_from_the_node_object) {
  const auto labels = [](const char* text) { return labels_of(boost::json::parse(text).as_object()); };
  const std::map<std::string, std::string> expected{{"disk", "slow"}, {"kubernetes.io/hostname", "n"}};
  BOOST_TEST((labels(R"({"metadata": {"name": "n", "labels": {"disk": "slow", "kubernetes.io/hostname": "n"}}})") == expected));
  for (const char* none : {"{}", R"({"metadata": {}})", R"({"metadata": {"labels": null}})", R"({"metadata": 1})"}) BOOST_TEST(labels(none).empty(), none);
}

BOOST_AUTO_TEST_CASE(a_pod_that_was_not_told_its_node_says_so) {
  const auto labels = read_node_labels(Log([](std::string_view) {}, wall_now));
  BOOST_REQUIRE(!labels);
  BOOST_TEST(labels.error().context.find("TEST_APP_NODE") != std::string::npos, labels.error().context);
}

BOOST_AUTO_TEST_CASE(the_memory_limit_includes_the_parents_where_the_kernel_shows_them) {
  BOOST_TEST(read_memory_limit("cache 0\nhierarchical_memory_limit 67108864\n", "") == 67108864u);
  BOOST_TEST(read_memory_limit("", "134217728\n") == 134217728u);
  BOOST_TEST(read_memory_limit("", "max\n") == UINT64_MAX);
  BOOST_TEST(read_memory_limit("", "") == UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(only_the_faulty_release_fails) {
  Release release;
  release.work = 1;
  release.error_share = 0;
  release.fault = Fault::errors;
  release.fault_share = 0.5;
  BOOST_TEST(answers(release, false, 200)[200] == 200);
  const auto codes = answers(release, true, 200);
  BOOST_TEST(codes.at(500) > 60);
  BOOST_TEST(codes.at(200) > 60);
}

BOOST_AUTO_TEST_CASE(work_that_misses_its_deadline_is_given_up) {
  Release release;
  release.error_share = 0;
  release.work = 1'000'000;  // seconds
  release.deadline = Duration{5};
  BOOST_TEST(answers(release, false, 3)[503] == 3);
}

BOOST_AUTO_TEST_CASE(a_leak_ends_at_its_limit) {
  Release release;
  release.backend = Duration{0};
  release.fault = Fault::leak;
  release.leak_bytes = 1024;
  release.leak_limit = 10 * 1024;
  boost::asio::io_context context;
  Service service(context.get_executor(), release, true, 1);
  std::map<unsigned, int> codes;
  boost::asio::co_spawn(context, call(service, 20, codes), boost::asio::detached);
  context.run();
  BOOST_TEST(service.leaked_bytes() == 10u * 1024);
}

BOOST_AUTO_TEST_CASE(requests_over_http_are_counted) {
  Release release;
  release.error_share = 0;
  boost::asio::io_context context;
  Service service(context.get_executor(), release, false, 1);
  net::HttpServerConfig config;
  config.address = "127.0.0.1";
  const auto server = net::HttpServer::listen(context.get_executor(), config,
      [&](HttpRequest request) { return pass_on(service, std::move(request)); }, Log([](std::string_view) {}, wall_now));
  BOOST_REQUIRE(server);
  Result<HttpResponse> response = fail(Errc::timeout, "not asked");
  boost::asio::co_spawn(context, (*server)->serve(), boost::asio::detached);
  boost::asio::co_spawn(context, ask(**server, context.get_executor(), response), boost::asio::detached);
  context.run();
  BOOST_REQUIRE(response);
  BOOST_TEST(response->status == 200u);
  BOOST_TEST(response->body == "test-app v1.0\n");
  service.sample_process();
  const std::string text = prometheus::TextSerializer().Serialize(service.registry()->Collect());
  BOOST_TEST(text.find("http_requests_total{code=\"200\",method=\"GET\",path=\"/\"} 1") != std::string::npos, text);
  BOOST_TEST(text.find("http_request_duration_seconds_count{path=\"/\"} 1") != std::string::npos, text);
  BOOST_TEST(text.find("process_resident_memory_bytes") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
