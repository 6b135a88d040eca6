#include "lib/net/gzip.hpp"
#include "tests/integration/net/loopback.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace loopback;

namespace {

std::string response_with(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}
std::string chunk(const std::string& body) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  return size + body + "\r\n";
}
const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_client)

BOOST_AUTO_TEST_CASE(the_request_on_the_wire_has_host_and_length) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", response_with("ok")}});
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    HttpRequest request = post("/v1/reports", "{}");
    request.headers.emplace_back("Authorization", "Bearer t");
    const auto response = co_await client.request(std::move(request), 5s);
    BOOST_REQUIRE(response.has_value());
  });
  BOOST_REQUIRE(peer.heads.size() == 1u);
  BOOST_TEST(peer.heads[0] == "POST /v1/reports HTTP/1.1\r\nAuthorization: Bearer t\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                                  "\r\nContent-Length: 2\r\n\r\n{}");
}

BOOST_AUTO_TEST_CASE(a_request_that_would_forge_lines_is_not_sent) {
  Loop loop;
  HttpClient client = loop.client(1);
  loop.run([&]() -> asio::awaitable<void> {
    std::vector<HttpRequest> bad{get("/a b"), get("/a\r\nX: y"), get(""), get("/")};
    bad[3].headers.emplace_back("X", "1\r\nY: 2");
    for (HttpRequest& request : bad) {
      const auto response = co_await client.request(std::move(request), 1s);
      BOOST_REQUIRE(response.has_error());
      BOOST_TEST(response.error().is(Errc::invalid_input));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_the_server_closed_is_replaced) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", response_with("one")}, {"<request>", response_with("two")}});
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto one = co_await client.request(get("/"), 5s);
    BOOST_REQUIRE(one.has_value());
    co_await sleep(20ms);
    const auto two = co_await client.request(post("/", "not idempotent, but never sent twice"), 5s);
    BOOST_REQUIRE(two.has_value());
    BOOST_TEST(two->body == "two");
  });
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_closes_on_the_request_is_retried_once_if_idempotent) {
  for (const bool idempotent : {true, false}) {
    Loop loop;
    // The first connection answers once, takes the second request and closes without a word.
    ScriptedServer peer(loop.context, {{"<request>", response_with("one"), "<request>"}, {"<request>", response_with("two")}});
    HttpClient client = loop.client(peer.port());
    loop.run([&]() -> asio::awaitable<void> {
      const auto one = co_await client.request(get("/1"), 5s);
      BOOST_REQUIRE(one.has_value());
      HttpRequest second = idempotent ? get("/2") : post("/2", "");
      const auto two = co_await client.request(std::move(second), 5s);
      BOOST_TEST(two.has_value() == idempotent);
      if (!two) BOOST_TEST(two.error().is(Errc::unavailable));
    });
    BOOST_TEST(peer.heads.size() == (idempotent ? 3u : 2u));
  }
}

BOOST_AUTO_TEST_CASE(a_new_connection_that_closes_is_not_retried) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>"}, {"<request>", response_with("two")}});
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto response = co_await client.request(get("/"), 5s);
    BOOST_REQUIRE(response.has_error());
    BOOST_TEST(response.error().is(Errc::unavailable));
  });
}

BOOST_AUTO_TEST_CASE(bodies_over_the_bound_are_too_large_however_they_come) {
  const std::string big(5000, 'x');
  const std::string bomb = deflate_gzip(std::string(1 << 20, 'x'));
  const std::vector<std::string> responses{
      response_with(big),
      chunked_head + chunk(big) + "0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n" + big,
      response_with(bomb, "Content-Encoding: gzip\r\n"),
      "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
  };
  for (const std::string& response : responses) {
    Loop loop;
    ScriptedServer peer(loop.context, {{"<request>", response}});
    HttpClient client = loop.client(peer.port(), nullptr, {}, 4000);
    loop.run([&]() -> asio::awaitable<void> {
      const auto result = co_await client.request(get("/"), 5s);
      BOOST_REQUIRE(result.has_error());
      BOOST_TEST(result.error().is(Errc::too_large), result.error().message());
    });
  }
}

BOOST_AUTO_TEST_CASE(gzip_is_inflated_and_its_headers_go) {
  const std::string plain(10'000, 'm');
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", response_with(deflate_gzip(plain), "Content-Encoding: GZIP\r\nContent-Type: text/plain\r\n")}});
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto response = co_await client.request(get("/metrics"), 5s);
    BOOST_REQUIRE(response.has_value());
    BOOST_TEST((response->body == plain));
    BOOST_TEST(find_header(response->headers, "Content-Encoding").empty());
    BOOST_TEST(find_header(response->headers, "Content-Length").empty());
    BOOST_TEST(find_header(response->headers, "Content-Type") == "text/plain");
  });
}

BOOST_AUTO_TEST_CASE(what_is_not_a_response_is_an_error_of_the_right_kind) {
  struct Case { ScriptedServer::Script script; Errc error; };
  const std::vector<Case> cases{
      {{"<request>", "SSH-2.0-OpenSSH_9.2\r\n"}, Errc::invalid_input},
      {{"<request>", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, Errc::unavailable},
      {{"<request>", chunked_head + "zz\r\n"}, Errc::invalid_input},
      {{"<request>", "HTTP/1.1 101 Switching Protocols\r\n\r\n"}, Errc::invalid_input},
      {{"<request>", response_with("not gzip", "Content-Encoding: gzip\r\n")}, Errc::invalid_input},
  };
  for (const Case& c : cases) {
    Loop loop;
    ScriptedServer peer(loop.context, {c.script});
    HttpClient client = loop.client(peer.port());
    loop.run([&]() -> asio::awaitable<void> {
      const auto response = co_await client.request(get("/"), 5s);
      BOOST_REQUIRE(response.has_error());
      BOOST_TEST(response.error().is(c.error), response.error().message());
    });
  }
}

BOOST_AUTO_TEST_CASE(interim_responses_are_passed_over) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", response_with("ok")}});
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto response = co_await client.request(get("/"), 5s);
    BOOST_REQUIRE(response.has_value());
    BOOST_TEST(response->body == "ok");
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_meets_the_deadline) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", "HTTP/1.1 200 OK\r\nContent-"}});
  peer.hold_open = true;
  HttpClient client = loop.client(peer.port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto begun = std::chrono::steady_clock::now();
    const auto response = co_await client.request(get("/"), 100ms);
    BOOST_REQUIRE(response.has_error());
    BOOST_TEST(response.error().is(Errc::timeout));
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 2s));
  });
}

BOOST_AUTO_TEST_CASE(nobody_listening_and_no_such_name_are_unavailable) {
  Loop loop;
  HttpClientConfig config;
  config.host = "name.invalid";
  config.port = "80";
  HttpClient nowhere(loop.context.get_executor(), config);
  HttpClient closed = loop.client(1);
  loop.run([&]() -> asio::awaitable<void> {
    const auto refused = co_await closed.request(get("/"), 5s);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().is(Errc::unavailable));
    BOOST_TEST(refused.error().message().find("127.0.0.1:1") != std::string::npos);
    const auto unknown = co_await nowhere.request(get("/"), 5s);
    BOOST_REQUIRE(unknown.has_error());
    BOOST_TEST((unknown.error().is(Errc::unavailable) || unknown.error().is(Errc::timeout)));
  });
}

BOOST_AUTO_TEST_CASE(calls_that_overlap_open_connections_of_their_own) {
  Loop loop;
  const auto server = loop.serve();
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    int ended = 0;
    const auto one = [&]() -> asio::awaitable<void> {
      const auto response = co_await client.request(get("/slow"), 5s);
      BOOST_TEST(response.has_value());
      ++ended;
    };
    for (int i = 0; i < 5; ++i) asio::co_spawn(loop.context, one(), asio::detached);
    const auto all_ended = [&] { return ended == 5; };
    co_await until(all_ended);
  });
  BOOST_TEST(server->stats().connections == 5u);
}

BOOST_AUTO_TEST_CASE(a_request_outlives_its_client) {
  Loop loop;
  const auto server = loop.serve();
  loop.run([&]() -> asio::awaitable<void> {
    auto client = std::make_unique<HttpClient>(loop.client(server->port()));
    auto call = client->request(get("/slow"), 5s);
    client.reset();
    const auto response = co_await std::move(call);
    BOOST_TEST(response.has_value());
  });
}

BOOST_AUTO_TEST_CASE(lines_come_whole_however_they_are_cut) {
  Loop loop;
  ScriptedServer peer(loop.context, {{"<request>", chunked_head, chunk("{\"a\":"), chunk("1}\n{\"b\""), "5\r\n:2}", "\n\n\r\n", chunk("{\"c\":3}"), "0\r\n\r\n"}});
  HttpClient client = loop.client(peer.port());
  std::vector<std::string> lines;
  loop.run([&]() -> asio::awaitable<void> {
    const std::function<void(std::string_view)> keep = [&](std::string_view line) { lines.emplace_back(line); };
    const auto end = co_await client.lines(get("/watch"), 5s, keep);
    BOOST_REQUIRE_MESSAGE(end.has_value(), end.error().message());
    BOOST_TEST(end->status == 200u);
  });
  const std::vector<std::string> expected{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_end_with_the_reason) {
  const std::function<void(std::string_view)> ignore = [](std::string_view) {};
  Loop loop;
  ScriptedServer peer(loop.context, {
      {"<request>", "HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone"},
      {"<request>", chunked_head, chunk("one\n")},             // then closes in the middle
      {"<request>", chunked_head, chunk(std::string(5000, 'x'))},
      {"<request>", chunked_head, chunk("one\n")},             // then says nothing
  });
  peer.hold_open = true;
  HttpClient client = loop.client(peer.port(), nullptr, {}, 4000);
  loop.run([&]() -> asio::awaitable<void> {
    const auto gone = co_await client.lines(get("/"), 5s, ignore);
    BOOST_REQUIRE(gone.has_value());
    BOOST_TEST(gone->status == 410u);
    BOOST_TEST(gone->body == "gone");
    for (const Errc expected : {Errc::unavailable, Errc::too_large, Errc::timeout}) {
      const auto end = co_await client.lines(get("/"), 100ms, ignore);
      BOOST_REQUIRE(end.has_error());
      BOOST_TEST(end.error().is(expected), end.error().message());
    }
  });
}

BOOST_AUTO_TEST_CASE(lines_and_requests_end_when_cancelled) {
  for (const bool lines : {true, false}) {
    Loop loop;
    ScriptedServer peer(loop.context, {{"<request>", chunked_head, chunk("one\n")}});
    peer.hold_open = true;
    HttpClient client = loop.client(peer.port());
    asio::cancellation_signal cancel;
    bool ended = false;
    Error error;
    const auto call = [&]() -> asio::awaitable<void> {
      std::function<void(std::string_view)> ignore = [](std::string_view) {};
      auto pending = lines ? client.lines(get("/"), 10s, ignore) : client.request(get("/"), 10s);
      const auto end = co_await std::move(pending);
      if (end.has_error()) error = end.error();
      ended = true;
    };
    loop.run([&]() -> asio::awaitable<void> {
      asio::co_spawn(loop.context, call(), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
      const auto request_sent = [&] { return peer.heads.size() == 1; };
      co_await until(request_sent);
      co_await sleep(20ms);  // into the body
      cancel.emit(asio::cancellation_type::terminal);
      const auto call_ended = [&] { return ended; };
      co_await until(call_ended);
    });
    BOOST_TEST(error.is(Errc::shutting_down));
  }
}

BOOST_AUTO_TEST_SUITE_END()
