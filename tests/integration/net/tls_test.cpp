#include "lib/net/certificates.hpp"
#include "lib/net/client_tls.hpp"
#include "tests/integration/net/loopback.hpp"

#include <boost/asio/ssl.hpp>

using namespace loopback;

namespace {

struct Authority {
  Time begin = wall_now() - std::chrono::hours(1);
  Time end = wall_now() + std::chrono::hours(1);
  KeyPair root = *make_root("charon", begin, end);

  KeyPair issue(std::vector<std::string> names) const { return *issue_server(root, names, begin, end); }
  std::shared_ptr<TlsServer> server(std::vector<std::string> names) const {
    const KeyPair pair = issue(std::move(names));
    return *TlsServer::create(pair.certificate_pem, pair.key_pem);
  }
  std::shared_ptr<TlsClient> client() const { return *TlsClient::create(root.certificate_pem); }
};

HttpServerConfig with(std::shared_ptr<TlsServer> tls) {
  HttpServerConfig config;
  config.tls = std::move(tls);
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(a_trusted_server_is_talked_to_by_name_and_by_address) {
  Authority authority;
  Loop loop;
  const auto server = loop.serve(with(authority.server({"charon.svc", "127.0.0.1"})));
  HttpClient by_name = loop.client(server->port(), authority.client(), "charon.svc");
  HttpClient by_address = loop.client(server->port(), authority.client());
  loop.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto named = co_await by_name.request(post("/", std::string(100'000, 'x')), 5s);
      BOOST_REQUIRE_MESSAGE(named.has_value(), named.error().message());
      BOOST_TEST(named->body.size() == 100'007u);
      const auto addressed = co_await by_address.request(get("/"), 5s);
      BOOST_TEST(addressed.has_value());
    }
  });
  BOOST_TEST(server->stats().connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_wrong_name_address_or_root_is_refused_with_the_reason) {
  Authority authority, stranger;
  Loop loop;
  const auto server = loop.serve(with(authority.server({"charon.svc"})));
  HttpClient wrong_name = loop.client(server->port(), authority.client(), "other.svc");
  HttpClient wrong_address = loop.client(server->port(), authority.client());
  HttpClient wrong_root = loop.client(server->port(), stranger.client(), "charon.svc");
  loop.run([&]() -> asio::awaitable<void> {
    const auto name = co_await wrong_name.request(get("/"), 5s);
    BOOST_REQUIRE(name.has_error());
    BOOST_TEST(name.error().is(Errc::unavailable));
    BOOST_TEST(name.error().message().find("hostname mismatch") != std::string::npos, name.error().message());
    const auto address = co_await wrong_address.request(get("/"), 5s);
    BOOST_REQUIRE(address.has_error());
    BOOST_TEST(address.error().message().find("IP address mismatch") != std::string::npos, address.error().message());
    const auto root = co_await wrong_root.request(get("/"), 5s);
    BOOST_REQUIRE(root.has_error());
    BOOST_TEST(root.error().is(Errc::unavailable));
    co_await sleep(20ms);
  });
  BOOST_TEST(server->stats().requests == 0u);
  BOOST_TEST(server->stats().handshake_failures == 3u);
}

BOOST_AUTO_TEST_CASE(new_handshakes_see_a_new_certificate_while_old_connections_live) {
  Authority old_authority, new_authority;
  Loop loop;
  const auto tls = old_authority.server({"charon.svc"});
  const auto server = loop.serve(with(tls));
  HttpClient old_client = loop.client(server->port(), old_authority.client(), "charon.svc");
  HttpClient late_client = loop.client(server->port(), old_authority.client(), "charon.svc");
  HttpClient new_client = loop.client(server->port(), new_authority.client(), "charon.svc");
  loop.run([&]() -> asio::awaitable<void> {
    const auto before = co_await old_client.request(get("/"), 5s);
    BOOST_TEST(before.has_value());
    const KeyPair fresh = new_authority.issue({"charon.svc"});
    BOOST_REQUIRE(tls->replace(fresh.certificate_pem, fresh.key_pem).has_value());
    const auto kept = co_await old_client.request(get("/"), 5s);
    BOOST_TEST(kept.has_value());
    const auto newcomer = co_await new_client.request(get("/"), 5s);
    BOOST_TEST(newcomer.has_value());
    const auto late = co_await late_client.request(get("/"), 5s);
    BOOST_TEST(late.has_error());
  });
  BOOST_TEST(server->stats().connections == 3u);
}

BOOST_AUTO_TEST_CASE(replaced_roots_hold_for_the_next_request) {
  Authority authority, stranger;
  Loop loop;
  const auto server = loop.serve(with(authority.server({"charon.svc"})));
  const auto trust = authority.client();
  HttpClient client = loop.client(server->port(), trust, "charon.svc");
  loop.run([&]() -> asio::awaitable<void> {
    const auto before = co_await client.request(get("/"), 5s);
    BOOST_TEST(before.has_value());
    BOOST_REQUIRE(trust->replace_roots(stranger.root.certificate_pem).has_value());
    const auto after = co_await client.request(get("/"), 5s);
    BOOST_TEST(after.has_error());
  });
}

BOOST_AUTO_TEST_CASE(a_cross_signed_chain_is_served_to_who_trusts_the_old_root) {
  Authority old_authority, new_authority;
  const KeyPair leaf = new_authority.issue({"charon.svc"});
  const std::string bridge = *cross_sign(old_authority.root, new_authority.root, old_authority.begin, old_authority.end);
  Loop loop;
  const auto server = loop.serve(with(*TlsServer::create(leaf.certificate_pem + bridge, leaf.key_pem)));
  HttpClient old_client = loop.client(server->port(), old_authority.client(), "charon.svc");
  HttpClient new_client = loop.client(server->port(), new_authority.client(), "charon.svc");
  loop.run([&]() -> asio::awaitable<void> {
    const auto a = co_await old_client.request(get("/"), 5s);
    BOOST_TEST(a.has_value());
    const auto b = co_await new_client.request(get("/"), 5s);
    BOOST_TEST(b.has_value());
  });
}

BOOST_AUTO_TEST_CASE(protocol_versions_and_alpn_are_what_we_say) {
  struct Case { const char* name; int newest; std::string alpn; bool accepted; };
  using namespace std::string_literals;
  const std::vector<Case> cases{
      {"TLS 1.3, as the API server offers", TLS1_3_VERSION, "\x02h2\x08http/1.1"s, true},
      {"TLS 1.2, no ALPN", TLS1_2_VERSION, "", true},
      {"HTTP/2 only", TLS1_3_VERSION, "\x02h2"s, false},
      {"TLS 1.1", TLS1_1_VERSION, "", false},
  };
  Authority authority;
  Loop loop;
  const auto server = loop.serve(with(authority.server({"charon.svc"})));
  loop.run([&]() -> asio::awaitable<void> {
    for (const Case& c : cases) {
      asio::ssl::context context(asio::ssl::context::tls_client);
      SSL_CTX_set_max_proto_version(context.native_handle(), c.newest);
      SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
      SSL_CTX_set_security_level(context.native_handle(), 0);
      SSL_CTX_set_alpn_protos(context.native_handle(), reinterpret_cast<const unsigned char*>(c.alpn.data()), static_cast<unsigned>(c.alpn.size()));
      asio::ssl::stream<asio::ip::tcp::socket> stream(loop.context, context);
      const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), server->port());
      co_await stream.next_layer().async_connect(endpoint, asio::use_awaitable);
      auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::client, asio::as_tuple(asio::use_awaitable));
      BOOST_TEST(!ec.failed() == c.accepted, c.name << ": " << ec.message());
      const unsigned char* chosen = nullptr;
      unsigned size = 0;
      SSL_get0_alpn_selected(stream.native_handle(), &chosen, &size);
      const std::string protocol(reinterpret_cast<const char*>(chosen), size);
      BOOST_TEST(protocol == (c.accepted && !c.alpn.empty() ? "http/1.1" : ""), c.name);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_shake_hands_is_cut_off) {
  Authority authority;
  HttpServerConfig config = with(authority.server({"charon.svc"}));
  config.header_deadline = 80ms;
  Loop loop;
  const auto server = loop.serve(config);
  loop.run([&]() -> asio::awaitable<void> {
    asio::ip::tcp::socket socket(loop.context);
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), server->port());
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    char byte = 0;
    auto [ec, n] = co_await socket.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
    BOOST_TEST(ec.failed());
  });
  BOOST_TEST(server->stats().handshake_failures == 1u);
}

BOOST_AUTO_TEST_CASE(lines_and_413_work_over_tls) {
  Authority authority;
  HttpServerConfig config = with(authority.server({"charon.svc"}));
  config.max_body_bytes = 1000;
  Loop loop;
  const auto server = loop.serve(config, [](HttpRequest) -> asio::awaitable<HttpResponse> { co_return text("one\ntwo\n"); });
  HttpClient client = loop.client(server->port(), authority.client(), "charon.svc");
  std::vector<std::string> lines;
  loop.run([&]() -> asio::awaitable<void> {
    const std::function<void(std::string_view)> keep = [&](std::string_view line) { lines.emplace_back(line); };
    const auto end = co_await client.lines(get("/"), 5s, keep);
    BOOST_REQUIRE_MESSAGE(end.has_value(), end.error().message());
    const auto over = co_await client.request(post("/", std::string(300'000, 'x')), 5s);
    BOOST_REQUIRE_MESSAGE(over.has_value(), over.error().message());
    BOOST_TEST(over->status == 413u);
  });
  BOOST_TEST(lines.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
