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
  HttpResponse status, malformed, cut, page, large;
  status.status = 500;
  malformed.body = "http_requests_total{code=\"200\"} 1\nhttp_requests_total{code=} 1\n";
  cut.headers.emplace_back("Content-Type", "application/openmetrics-text");
  cut.body = "a 1\n";
  page.headers.emplace_back("Content-Type", "text/html; charset=utf-8");
  page.body = "<html>Sign in</html>";
  large.body.assign((8 << 20) + 1, '\n');
  const Trouble troubles[] = {{"status", "Scrape failed: HTTP status 500 of port", status},
                              {"malformed", "Scrape failed: line 2, column 26: expected '\"' before the label value", malformed},
                              {"cut", "expected # EOF at the end", cut},
                              {"page", "Scrape failed: the answer is text/html; charset=utf-8, no exposition: line 1, column 1", page},
                              {"large", "response body: too large; beyond the agent's bounds (a body of 8 MiB) nothing is judged", large}};
  for (const Trouble& trouble : troubles) BOOST_TEST_CONTEXT(trouble.name) {
    World world;
    world.app.answer = [&trouble] { return trouble.response; };
    world.start();
    auto test = [&]() -> asio::awaitable<void> {
      co_await until([&] { return world.logged(trouble.log_line) && world.detector.evidence().scrapes == world.detector.evidence().scrape_failures; });
      world.app.answer = nullptr;
      co_await until([&] { return world.logged("Scrape works: 2 samples; it did not for"); });
      co_await world.end();
    };
    world.run(test);
    BOOST_TEST(world.count_logged("Scrape failed") == 1);
  }
}

HttpResponse redirect(std::string location) {
  HttpResponse response;
  response.status = 302;
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

BOOST_AUTO_TEST_CASE(a_redirect_within_the_application_is_followed) {
  app.answer_to = [this](const std::string& target) -> std::optional<HttpResponse> {
    if (target == "/metrics") return redirect("/metrics/");
    if (target == "/metrics/") return redirect(fmt::format("http://localhost:{}/internal/metrics?all=1", settings.metrics_port));
    return std::nullopt;
  };
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("Scrape works: 2 samples"); });
    co_await end();
  };
  run(test);
  BOOST_TEST(app.targets.at(2) == "/internal/metrics?all=1");
  BOOST_TEST(!logged("Scrape failed"));
}

BOOST_AUTO_TEST_CASE(a_redirect_elsewhere_or_without_end_is_a_failed_scrape_told_once) {
  const std::pair<std::string, std::string> cases[] = {
      {"http://10.1.2.3/metrics", "Scrape failed: redirected to 'http://10.1.2.3/metrics': only redirects within http://localhost:"},
      {"/metrics", "Scrape failed: redirected 6 times, last by /metrics"}};
  for (const auto& [location, line] : cases) BOOST_TEST_CONTEXT(location) {
    World world;
    const std::string to = location, expected = line;
    world.app.answer = [to] { return redirect(to); };
    world.start();
    auto test = [&]() -> asio::awaitable<void> {
      co_await until([&] { return world.detector.evidence().scrape_failures >= 3; });
      co_await world.end();
    };
    world.run(test);
    BOOST_TEST(world.logged(expected));
    BOOST_TEST(world.count_logged("Scrape failed") == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_application_that_shows_nothing_to_judge_is_told_of_once) {
  app.answer = [] {
    HttpResponse response;
    response.body = "go_goroutines 7\n";
    return response;
  };
  start(Duration{10});
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return detector.evidence().scrapes > 80; });
    co_await end();
  };
  run(test);
  BOOST_TEST(count_logged("No requests to judge among 1 samples") == 1);
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
  BOOST_TEST(count_logged("Scrape failed: connect to 127.0.0.1:") == 1);
  BOOST_TEST(count_logged("Scrape failed") == 1);
  BOOST_TEST(!detector.evidence().started);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
