#include "lib/net/task_group.hpp"

#include "tests/integration/net/loopback.hpp"

using namespace loopback;

BOOST_AUTO_TEST_SUITE(task_group)

BOOST_AUTO_TEST_CASE(stop_cancels_all_and_waits_for_them) {
  Loop loop;
  int ended = 0;
  const auto forever = [&]() -> asio::awaitable<void> {
    asio::steady_timer timer(loop.context, 1h);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    ++ended;
  };
  const auto short_lived = [&]() -> asio::awaitable<void> {
    ++ended;
    co_return;
  };
  TaskGroup tasks(loop.context.get_executor());
  loop.run([&]() -> asio::awaitable<void> {
    tasks.spawn(forever());
    tasks.spawn(short_lived());
    tasks.spawn(forever());
    const auto short_one_ended = [&] { return ended == 1; };
    co_await until(short_one_ended);
    co_await tasks.stop(Duration(10'000));
    BOOST_TEST(ended == 3);
    co_await tasks.stop(Duration(10'000));
  });
}

BOOST_AUTO_TEST_CASE(a_server_stops_with_its_group) {
  Loop loop;
  HttpServerConfig config;
  config.address = "127.0.0.1";
  const auto server = *HttpServer::listen(loop.context.get_executor(), config, echo, loop.log);
  TaskGroup tasks(loop.context.get_executor());
  tasks.spawn(server->serve());
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto response = co_await client.request(get("/"), 5s);
    BOOST_TEST(response.has_value());
    co_await server->stop(Duration(5'000));
    co_await tasks.stop(Duration(5'000));
  });
}

BOOST_AUTO_TEST_SUITE_END()
