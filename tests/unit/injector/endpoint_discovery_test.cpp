#include "injector/core/endpoint_discovery.hpp"

#include "tests/unit/injector/pods.hpp"

using namespace charon::injector;
using namespace charon::injector::test;

namespace {

std::string found(const json::object& pod) {
  const auto view = PodView::of(pod);
  const Discovery discovery = discover_endpoint(*view);
  std::string out = discovery.endpoint ? fmt::format("{} {} {} {} by {}", discovery.endpoint->port, discovery.endpoint->path, discovery.endpoint->scheme,
                                                     discovery.endpoint->container, discovery.endpoint->source)
                                       : "none";
  return out + (discovery.warnings.empty() ? "" : fmt::format(", {} warnings", discovery.warnings.size()));
}

const std::string one = R"([{"name":"web","ports":[{"containerPort":8080}]}])";
const std::string two = R"([{"name":"web","ports":[{"containerPort":8080},{"containerPort":8443}]},{"name":"side","ports":[{"name":"metrics","containerPort":9100}]}])";
const std::string many = R"([{"name":"web","ports":[{"containerPort":8080},{"containerPort":8443}]}])";

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint_discovery)

BOOST_AUTO_TEST_CASE(first_that_is_there) {
  struct Case {
    std::string annotations, containers, expected;
  };
  const Case cases[] = {
      {R"({})", one, "8080 /metrics http web by the only TCP port"},
      {R"({})", two, "9100 /metrics http side by port named metrics"},
      {R"({})", many, "none"},
      {R"({})", R"([{"name":"web"}])", "none"},
      {R"({})", R"([{"name":"w","ports":[{"containerPort":53,"protocol":"UDP"},{"containerPort":80,"protocol":"TCP"}]}])", "80 /metrics http w by the only TCP port"},
      {R"({})", R"([{"name":"w","ports":[{"containerPort":53,"protocol":"UDP"}]}])", "none"},
      {R"({})", R"([{"name":"w","ports":[{"name":"prom","containerPort":1},{"name":"http-metrics","containerPort":2}]}])", "2 /metrics http w by port named http-metrics"},
      {R"({})", R"([{"name":"a","ports":[{"containerPort":80}]},{"name":"istio-proxy","ports":[{"containerPort":15090,"name":"http-envoy-prom"}]}])", "80 /metrics http a by the only TCP port"},
      {R"({"prometheus.io/port":"9999"})", two, "9999 /metrics http  by prometheus.io/port"},
      {R"({"prometheus.io/port":"8443","prometheus.io/path":"/p","prometheus.io/scheme":"https"})", two, "8443 /p https web by prometheus.io/port"},
      {R"({"prometheus.io/scrape":"false","prometheus.io/port":"9999"})", two, "9100 /metrics http side by port named metrics"},
      {R"({"prometheus.io/path":"/p"})", two, "9100 /p http side by port named metrics"},
      {R"({"charon.dev/metrics-port":"7","prometheus.io/port":"9999","prometheus.io/path":"/p"})", two, "7 /metrics http  by charon.dev/metrics-port"},
      {R"({"charon.dev/metrics-port":"9999","prometheus.io/port":"9999","prometheus.io/path":"/p"})", two, "9999 /p http  by charon.dev/metrics-port"},
      {R"({"charon.dev/metrics-port":"metrics"})", two, "9100 /metrics http side by charon.dev/metrics-port"},
      {R"({"charon.dev/metrics-path":"/m","charon.dev/metrics-scheme":"https"})", one, "8080 /m https web by the only TCP port"},
      {R"({"charon.dev/metrics-container":"web"})", R"([{"name":"web","ports":[{"containerPort":80}]},{"name":"b","ports":[{"name":"metrics","containerPort":81}]}])", "80 /metrics http web by the only TCP port"},
  };
  for (const Case& c : cases)
    BOOST_TEST_CONTEXT(c.annotations << " " << c.containers)
  BOOST_TEST(found(pod(R"({"annotations":)" + c.annotations + "}", R"({"containers":)" + c.containers + "}")) == c.expected);
}

BOOST_AUTO_TEST_CASE(bad_values_are_passed_over_with_a_warning) {
  const auto passed_over = [&](std::string_view annotation, std::string_view value) {
    json::object metadata;
    metadata["annotations"] = json::object{{annotation, value}};
    return found(pod(json::serialize(metadata), R"({"containers":)" + one + "}"));
  };
  const std::string expected = "8080 /metrics http web by the only TCP port, 1 warnings";
  for (const auto* value : {"0", "65536", "-1", "80x", "", " 80", "http", "1e3", "\xc3\xa9"}) {
    BOOST_TEST(passed_over("charon.dev/metrics-port", value) == expected);
    BOOST_TEST(passed_over("prometheus.io/port", value) == expected);
  }
  for (const auto* value : {"", "metrics", "/a b", "/a#b", "/\n", "//x\x7f", "/\xc3\xa9", "http://x/"}) {
    BOOST_TEST(passed_over("charon.dev/metrics-path", value) == expected);
    BOOST_TEST(passed_over("prometheus.io/path", value) == expected);
  }
  BOOST_TEST(passed_over("charon.dev/metrics-path", "/" + std::string(2000, 'a')) == expected);
  for (const auto* value : {"", "HTTP", "ftp"}) BOOST_TEST(passed_over("charon.dev/metrics-scheme", value) == expected);
  BOOST_TEST(passed_over("charon.dev/metrics-container", "nobody") == expected);
}

BOOST_AUTO_TEST_CASE(the_status_says_what_was_found_and_how) {
  const auto out = admitted(pod(R"({"annotations":{"prometheus.io/port":"9","prometheus.io/path":"no"}})"));
  BOOST_TEST(json::serialize(out.status().at("endpoint")) == R"({"port":9,"path":"/metrics","scheme":"http","source":"prometheus.io/port"})");
  BOOST_TEST(out.response.at("warnings").as_array().size() == 1);
  BOOST_TEST(text_of(out.response.at("auditAnnotations").as_object(), "injection") == "injected: port 9 path /metrics by prometheus.io/port");
}

BOOST_AUTO_TEST_SUITE_END()
