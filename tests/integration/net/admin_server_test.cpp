#include "lib/net/admin_server.hpp"
#include "lib/net/shutdown.hpp"
#include "tests/integration/net/loopback.hpp"

#include <prometheus/counter.h>

#include <csignal>

using namespace loopback;

BOOST_AUTO_TEST_SUITE(admin_server)

BOOST_AUTO_TEST_CASE(pages_answer_as_monitoring_expects) {
  const auto registry = std::make_shared<prometheus::Registry>();
  prometheus::BuildCounter().Name("charon_scrapes_total").Help("Scrapes.").Register(*registry).Add({{"result", "ok"}}).Increment(3);
  bool ready = false;
  AdminConfig config;
  config.registry = registry;
  config.ready = [&] { return ready; };
  config.pages["/debug/evidence"] = [] { return json_response(200, "{}"); };
  Loop loop;
  const auto server = net::admin_server(loop.context.get_executor(), std::move(config), loop.log);
  BOOST_REQUIRE(server.has_value());
  asio::co_spawn(loop.context, (*server)->serve(), asio::detached);
  HttpClient client = loop.client((*server)->port());
  struct Case { std::string method, target; unsigned status; std::string part; };
  const std::vector<Case> cases{
      {"GET", "/healthz", 200, "ok"},        {"GET", "/readyz?verbose", 503, "not ready"}, {"GET", "/debug/evidence", 200, "{}"},
      {"GET", "/metrics", 200, "charon_scrapes_total{result=\"ok\"} 3"}, {"GET", "/", 404, "no page /"}, {"POST", "/metrics", 405, "only GET"},
  };
  loop.run([&]() -> asio::awaitable<void> {
    for (const Case& c : cases) {
      HttpRequest request = get(c.target);
      request.method = c.method;
      const auto response = co_await client.request(std::move(request), 5s);
      BOOST_REQUIRE(response.has_value());
      BOOST_TEST(response->status == c.status, c.target);
      BOOST_TEST(response->body.find(c.part) != std::string::npos, response->body);
    }
    ready = true;
    const auto now_ready = co_await client.request(get("/readyz"), 5s);
    BOOST_TEST(now_ready->status == 200u);
    const auto metrics = co_await client.request(get("/metrics"), 5s);
    BOOST_TEST(find_header(metrics->headers, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  });
}

BOOST_AUTO_TEST_CASE(a_signal_is_awaited) {
  Loop loop;
  loop.run([&]() -> asio::awaitable<void> {
    const auto raise_soon = []() -> asio::awaitable<void> {
      co_await sleep(10ms);
      std::raise(SIGTERM);
    };
    asio::co_spawn(loop.context, raise_soon(), asio::detached);
    const int number = co_await until_signal(loop.context.get_executor());
    BOOST_TEST(number == SIGTERM);
  });
}

BOOST_AUTO_TEST_SUITE_END()
