#include "tests/integration/net/loopback.hpp"

using namespace loopback;

namespace {

// Writes raw bytes, then reads until the server closes.
asio::awaitable<std::string> raw(unsigned short port, std::string bytes, bool half_close = false) {
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
  if (half_close) socket.shutdown(asio::ip::tcp::socket::shutdown_send);
  std::string answer;
  char block[4096];
  for (;;) {
    auto [ec, n] = co_await socket.async_read_some(asio::buffer(block), asio::as_tuple(asio::use_awaitable));
    answer.append(block, n);
    if (ec) break;
  }
  co_return answer;
}

HttpServerConfig short_deadlines() {
  HttpServerConfig config;
  config.header_deadline = 80ms;
  config.handler_deadline = 150ms;
  config.idle = 80ms;
  return config;
}

bool starts_with(const std::string& text, std::string_view start) { return text.substr(0, start.size()) == start; }

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

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

BOOST_AUTO_TEST_CASE(head_tells_the_length_and_sends_no_body) {
  Loop loop;
  const auto server = loop.serve();
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      HttpRequest request = get("/x");
      request.method = "HEAD";
      const auto response = co_await client.request(std::move(request), 5s);
      BOOST_REQUIRE(response.has_value());
      BOOST_TEST(response->body.empty());
      BOOST_TEST(find_header(response->headers, "Content-Length") == "8");
    }
  });
  BOOST_TEST(server->stats().connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_body_over_the_bound_is_answered_413_announced_or_not) {
  HttpServerConfig config;
  config.max_body_bytes = 1000;
  Loop loop;
  const auto server = loop.serve(config);
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto fits = co_await client.request(post("/", std::string(1000, 'x')), 5s);
    BOOST_REQUIRE(fits.has_value());
    BOOST_TEST(fits->status == 200u);
    const auto over = co_await client.request(post("/", std::string(1 << 20, 'x')), 5s);
    BOOST_REQUIRE_MESSAGE(over.has_value(), over.error().message());
    BOOST_TEST(over->status == 413u);
    std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 100; ++i) chunked += "10\r\n0123456789abcdef\r\n";
    const std::string answer = co_await raw(server->port(), chunked, true);
    BOOST_TEST(starts_with(answer, "HTTP/1.1 413 "));
  });
  BOOST_TEST(server->stats().too_large == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_refused) {
  struct Case { std::string bytes, answer; };
  const std::vector<Case> cases{
      {"\x16\x03\x01 no HTTP\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},  // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400 "},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
      {"GET / HTTP/1.1\r\nHos", ""},  // cut off
  };
  Loop loop;
  const auto server = loop.serve();
  loop.run([&]() -> asio::awaitable<void> {
    for (const Case& c : cases) {
      const std::string answer = co_await raw(server->port(), c.bytes, true);
      BOOST_TEST(starts_with(answer, c.answer), c.bytes.substr(0, 40) << " -> " << answer.substr(0, 40));
      BOOST_TEST((c.answer.empty() == answer.empty()));
    }
  });
  BOOST_TEST(server->stats().requests == 0u);
}

BOOST_AUTO_TEST_CASE(expect_100_continue_is_answered_before_the_body) {
  Loop loop;
  const auto server = loop.serve();
  loop.run([&]() -> asio::awaitable<void> {
    asio::ip::tcp::socket socket(loop.context);
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), server->port());
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
    std::string interim;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(interim), "\r\n\r\n", asio::use_awaitable);
    BOOST_TEST(interim == "HTTP/1.1 100 Continue\r\n\r\n");
    const std::string body = "abc";
    co_await asio::async_write(socket, asio::buffer(body), asio::use_awaitable);
    std::string answer;
    auto [ec, n] = co_await asio::async_read(socket, asio::dynamic_buffer(answer), asio::as_tuple(asio::use_awaitable));
    BOOST_TEST((ec == asio::error::eof));
    BOOST_TEST(starts_with(answer, "HTTP/1.1 200 OK"));
    BOOST_TEST(answer.find("POST / abc") != std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_request_that_trickles_in_is_cut_off_at_the_deadline) {
  Loop loop;
  const auto server = loop.serve(short_deadlines());
  loop.run([&]() -> asio::awaitable<void> {
    asio::ip::tcp::socket socket(loop.context);
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), server->port());
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    const auto begun = std::chrono::steady_clock::now();
    boost::system::error_code ec;
    for (int i = 0; i < 200 && !ec; ++i) {
      const std::string byte = i == 0 ? "G" : "E";
      auto [write_error, n] = co_await asio::async_write(socket, asio::buffer(byte), asio::as_tuple(asio::use_awaitable));
      ec = write_error;
      co_await sleep(10ms);
    }
    BOOST_TEST(ec.failed());
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 1500ms));
  });
  BOOST_TEST(server->stats().late_requests == 1u);
}

BOOST_AUTO_TEST_CASE(a_silent_connection_is_closed_at_the_deadline_and_a_kept_one_when_idle) {
  Loop loop;
  const auto server = loop.serve(short_deadlines());
  loop.run([&]() -> asio::awaitable<void> {
    const std::string silent = co_await raw(server->port(), "");
    BOOST_TEST(silent.empty());
    const std::string kept = co_await raw(server->port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(starts_with(kept, "HTTP/1.1 200 OK"));
  });
}

BOOST_AUTO_TEST_CASE(a_handler_that_hangs_is_answered_503_and_one_that_throws_500) {
  HttpServerConfig config;
  config.handler_deadline = 150ms;
  Loop loop;
  const auto server = loop.serve(config);
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto hung = co_await client.request(get("/hang?token=secret"), 5s);
    BOOST_REQUIRE(hung.has_value());
    BOOST_TEST(hung->status == 503u);
    const auto threw = co_await client.request(get("/throw"), 5s);
    BOOST_REQUIRE(threw.has_value());
    BOOST_TEST(threw->status == 500u);
    BOOST_TEST(threw->body.find("broken handler") == std::string::npos);
    const auto good = co_await client.request(get("/"), 5s);
    BOOST_TEST(good.has_value());
  });
  BOOST_TEST(loop.logged("No answer to GET /hang within 150ms: answered 503"));
  BOOST_TEST(loop.logged("the handler of GET /throw threw: broken handler"));
  BOOST_TEST(!loop.logged("secret"));
}

BOOST_AUTO_TEST_CASE(a_bad_header_of_a_handler_cannot_split_the_response) {
  Loop loop;
  const auto server = loop.serve({}, [](HttpRequest) -> asio::awaitable<HttpResponse> {
    HttpResponse response = text("ok");
    response.headers.emplace_back("X-A", "1\r\nX-Forged: 2");
    response.headers.emplace_back("X-B", "3");
    co_return response;
  });
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto response = co_await client.request(get("/"), 5s);
    BOOST_REQUIRE(response.has_value());
    BOOST_TEST(find_header(response->headers, "X-Forged").empty());
    BOOST_TEST(find_header(response->headers, "X-B") == "3");
    BOOST_TEST(find_header(response->headers, "Date").size() == 29u);
  });
}

BOOST_AUTO_TEST_CASE(connections_over_the_bound_wait_and_idle_ones_make_room) {
  HttpServerConfig config;
  config.max_connections = 2;
  Loop loop;
  const auto server = loop.serve(config);
  loop.run([&]() -> asio::awaitable<void> {
    std::size_t most = 0, ended = 0;
    const auto one = [&](int i) -> asio::awaitable<void> {
      HttpClient client = loop.client(server->port());  // its connection is kept until the end of this coroutine
      const auto response = co_await client.request(get("/slow?" + std::to_string(i)), 5s);
      BOOST_TEST(response.has_value());
      most = std::max(most, static_cast<std::size_t>(server->stats().connections));
      ++ended;
    };
    for (int i = 0; i < 6; ++i) asio::co_spawn(loop.context, one(i), asio::detached);
    const auto all_ended = [&] { return ended == 6; };
    co_await until(all_ended);
    BOOST_TEST(most == 6u);
    HttpClient first = loop.client(server->port()), second = loop.client(server->port()), third = loop.client(server->port());
    const auto a = co_await first.request(get("/1"), 5s);
    const auto b = co_await second.request(get("/2"), 5s);
    const auto c = co_await third.request(get("/3"), 5s);
    BOOST_TEST((a.has_value() && b.has_value() && c.has_value()));
  });
  BOOST_TEST(server->stats().evicted > 0u);
}

BOOST_AUTO_TEST_CASE(stop_finishes_the_request_in_hand_and_closes_idle_connections_at_once) {
  Loop loop;
  const auto server = loop.serve({}, [](HttpRequest request) -> asio::awaitable<HttpResponse> {
    if (request.target == "/slow") co_await sleep(100ms);
    co_return text("done");
  });
  HttpClient idle = loop.client(server->port());
  HttpClient busy = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto first = co_await idle.request(get("/"), 5s);
    BOOST_TEST(first.has_value());
    bool answered = false;
    const auto in_hand = [&]() -> asio::awaitable<void> {
      const auto response = co_await busy.request(get("/slow"), 5s);
      BOOST_REQUIRE(response.has_value());
      BOOST_TEST(response->body == "done");
      BOOST_TEST(find_header(response->headers, "Connection") == "close");
      answered = true;
    };
    asio::co_spawn(loop.context, in_hand(), asio::detached);
    const auto request_in_hand = [&] { return server->stats().requests == 2; };
    co_await until(request_in_hand);
    co_await server->stop(5s);
    const auto was_answered = [&] { return answered; };
    co_await until(was_answered);
    const auto refused = co_await idle.request(get("/"), 5s);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().is(Errc::unavailable));
  });
  BOOST_TEST(!loop.logged("did not finish in time"));
}

BOOST_AUTO_TEST_CASE(a_draining_server_answers_and_sends_its_clients_away) {
  Loop loop;
  const auto server = loop.serve();
  HttpClient kept = loop.client(server->port()), fresh = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto before = co_await kept.request(get("/"), 5s);
    BOOST_REQUIRE(before.has_value());
    BOOST_TEST(find_header(before->headers, "Connection") != "close");
    server->drain();
    for (HttpClient* client : {&kept, &fresh, &kept}) {
      const auto response = co_await client->request(get("/"), 5s);
      BOOST_REQUIRE(response.has_value());
      BOOST_TEST(response->status == 200u);
      BOOST_TEST(find_header(response->headers, "Connection") == "close");
    }
  });
  BOOST_TEST(server->stats().connections == 3u);
}

BOOST_AUTO_TEST_CASE(stop_does_not_wait_longer_than_its_grace) {
  Loop loop;
  const auto server = loop.serve();
  HttpClient client = loop.client(server->port());
  loop.run([&]() -> asio::awaitable<void> {
    const auto in_hand = [&]() -> asio::awaitable<void> {
      const auto response = co_await client.request(get("/hang"), 5s);
      BOOST_TEST(response.has_error());
    };
    asio::co_spawn(loop.context, in_hand(), asio::detached);
    const auto request_in_hand = [&] { return server->stats().requests == 1; };
    co_await until(request_in_hand);
    const auto begun = std::chrono::steady_clock::now();
    co_await server->stop(50ms);
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 900ms));
    co_await sleep(20ms);
  });
  BOOST_TEST(loop.logged("Closed 1 connections whose requests did not finish in time"));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_unavailable_and_names_the_address) {
  Loop loop;
  const auto server = loop.serve();
  HttpServerConfig config;
  config.address = "127.0.0.1";
  config.port = server->port();
  const auto second = HttpServer::listen(loop.context.get_executor(), config, echo, loop.log);
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error().is(Errc::unavailable));
  BOOST_TEST(second.error().message().find("127.0.0.1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_unspecified_address_listens_on_both_families) {
  Loop loop;
  HttpServerConfig config;
  config.address = "::";
  const auto server = HttpServer::listen(loop.context.get_executor(), config, echo, loop.log);
  BOOST_REQUIRE(server.has_value());
  asio::co_spawn(loop.context, (*server)->serve(), asio::detached);
  loop.run([&]() -> asio::awaitable<void> {
    HttpClient by_name = [&] {
      HttpClientConfig c;
      c.host = "localhost";
      c.port = std::to_string((*server)->port());
      return HttpClient(loop.context.get_executor(), std::move(c));
    }();
    const auto v4 = co_await loop.client((*server)->port()).request(get("/"), 5s);
    BOOST_TEST(v4.has_value());
    const auto named = co_await by_name.request(get("/"), 5s);
    BOOST_TEST(named.has_value());
  });
}

BOOST_AUTO_TEST_SUITE_END()
