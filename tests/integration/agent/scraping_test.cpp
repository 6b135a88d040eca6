#include "agent/core/exposition_format.hpp"
#include "lib/net/gzip.hpp"
#include "tests/integration/agent/agent_fixture.hpp"

namespace charon::agent::test {
namespace {

BOOST_FIXTURE_TEST_SUITE(agent_scraping, World)

BOOST_AUTO_TEST_CASE(asks_for_openmetrics_and_takes_gzip) {
  app.answer = [this] {
    HttpResponse response;
    response.headers = {{"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"}, {"Content-Encoding", "gzip"}};
    response.body = deflate_gzip(fmt::format("# TYPE http_requests counter\nhttp_requests_total{{code=\"200\"}} {} # {{id=\"x\"}} 1\n# EOF\n", app.good));
    return response;
  };
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return detector.evidence().scrapes > detector.evidence().scrape_failures + 2; });
    co_await end();
  };
  run(test);
  BOOST_TEST(detector.evidence().series == 1u);
  BOOST_TEST(find_header(app.scrapes.front(), "Accept") == exposition_accept);
  BOOST_TEST(find_header(app.scrapes.front(), "Accept-Encoding") == "gzip");
}

struct Trouble {
  const char *name, *log_line;
  HttpResponse response;
};

BOOST_AUTO_TEST_CASE(what_is_no_exposition_is_a_failed_scrape_and_later_ones_go_on) {
  HttpResponse status, malformed, cut;
  status.status = 500;
  malformed.body = "http_requests_total{code=\"200\"} 1\nhttp_requests_total{code=} 1\n";
  cut.headers.emplace_back("Content-Type", "application/openmetrics-text");
  cut.body = "a 1\n";
  const Trouble troubles[] = {{"status", "Scrape failed: HTTP status 500", status},
                              {"malformed", "Scrape failed: line 2, column 26: expected '\"' before the label value", malformed},
                              {"cut", "expected # EOF at the end", cut}};
  start();
  auto test = [&]() -> asio::awaitable<void> {
    for (const Trouble& trouble : troubles) {
      app.answer = [&trouble] { return trouble.response; };
      const auto failures = detector.evidence().scrape_failures;
      co_await until([&] { return detector.evidence().scrape_failures > failures && logged(trouble.log_line); });
      BOOST_TEST(logged(trouble.log_line), trouble.name);
      app.answer = nullptr;
      lines.clear();
      co_await until([&] { return logged("Scrape works: 2 samples"); });
    }
    co_await end();
  };
  run(test);
}

BOOST_AUTO_TEST_CASE(an_application_that_listens_on_ipv6_only_is_found) {
  HttpServerConfig config;
  config.address = "::1";
  auto listening = HttpServer::listen(context.get_executor(), config, app.handler(), log);
  if (!listening) {
    BOOST_TEST_MESSAGE("SKIPPED: no IPv6 on this machine: " << listening.error().message());
    return;
  }
  const std::shared_ptr<HttpServer> server = *listening;
  asio::co_spawn(context, server->serve(), asio::detached);
  settings.metrics_port = server->port();
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("Scrape works: 2 samples"); });
    co_await server->stop(Duration{100});
    co_await end();
  };
  run(test);
}

BOOST_AUTO_TEST_CASE(an_https_target_is_scraped_whoever_signed_it) {
  HttpServerConfig config;
  config.tls = TlsServer::create(identity.certificate_pem, identity.key_pem).value();
  const auto server = serve(config, app.handler());
  settings.metrics_port = server->port();
  settings.metrics_tls = true;
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("Scrape works: 2 samples"); });
    co_await server->stop(Duration{100});
    co_await end();
  };
  run(test);
}

BOOST_AUTO_TEST_CASE(nothing_listening_is_told_once) {
  co_spawn(context, app_server->stop(Duration{1}), asio::detached);
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return detector.evidence().scrape_failures >= 3; });
    co_await end();
  };
  run(test);
  BOOST_TEST(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.find("Scrape failed") != std::string::npos; }) == 1);
  BOOST_TEST(!detector.evidence().started);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
