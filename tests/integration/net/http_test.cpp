#include "tests/integration/net/loopback.hpp"

using namespace loopback;

BOOST_AUTO_TEST_SUITE(http)

BOOST_AUTO_TEST_CASE(request_and_response_make_the_round_trip) {
  Loop loop;
  const auto server = loop.serve();
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto response = co_await client.request(post("/a?b=c", "body"), 5s);
      BOOST_REQUIRE(response.has_value());
      BOOST_TEST(response->status == 200u);
      BOOST_TEST(response->body == "POST /a?b=c body");
    }
  });
  BOOST_TEST(server->stats().connections == 1u);
  BOOST_TEST(server->stats().requests == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
