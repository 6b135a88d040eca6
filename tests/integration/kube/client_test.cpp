#include "lib/kube/client.hpp"

#include "lib/net/certificates.hpp"
#include "tests/integration/kube/api_server.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace loopback;
using namespace kube_test;

namespace {

struct Directory {
  std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("charon-kube-{}", std::random_device{}());
  Directory() { std::filesystem::create_directories(path); }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path / name) << text;
    return path / name;
  }
};

Result<json::object> call(Loop& loop, ClientConfig config, HttpRequest request) {
  Result<json::object> result = fail(Errc::unavailable, "not called");
  Client client(loop.context.get_executor(), std::move(config), nullptr, loop.log);
  loop.run([&]() -> asio::awaitable<void> { result = co_await client.call(request); });
  return result;
}

const HttpRequest read_pod = charon::kube::get(pods, "ns", "a");
const HttpRequest create_event = create(events, "ns", json::object{{"a", 1}});

}  // namespace

BOOST_AUTO_TEST_SUITE(kube_client)

BOOST_AUTO_TEST_CASE(shows_its_token_and_name) {
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(200, R"({"kind":"Pod"})")}});
  const auto object = call(loop, plain(server.port()), read_pod);
  BOOST_REQUIRE(object);
  BOOST_TEST(object->at("kind").as_string() == "Pod");
  BOOST_TEST(server.heads.at(0).starts_with("GET /api/v1/namespaces/ns/pods/a HTTP/1.1\r\n"));
  BOOST_TEST(server.heads[0].find("Authorization: Bearer secret-token\r\n") != std::string::npos);
  BOOST_TEST(server.heads[0].find("User-Agent: charon/" CHARON_VERSION "\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tries_again_what_may_be_and_never_logs_the_token) {
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(503, "")}, {"<request>"}, {"<request>", answer(200, "{}")}});
  BOOST_TEST(call(loop, plain(server.port()), read_pod).has_value());
  BOOST_TEST(server.heads.size() == 3u);
  BOOST_TEST(loop.logged("is tried again in"));
  BOOST_TEST(!loop.logged("secret-token"));
}

BOOST_AUTO_TEST_CASE(a_create_is_tried_again_only_when_it_was_not_served) {
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(503, "down")}, {"<request>", answer(429, "busy", "Retry-After: 0\r\n")}, {"<request>", answer(201, "{}")}});
  const auto first = call(loop, plain(server.port()), create_event);
  BOOST_TEST((!first && first.error().is(Errc::unavailable)));
  BOOST_TEST(server.heads.size() == 1u);
  BOOST_TEST(call(loop, plain(server.port()), create_event).has_value());
  BOOST_TEST(server.heads.size() == 3u);
}

BOOST_AUTO_TEST_CASE(gives_up_after_its_tries) {
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(500, "a")}, {"<request>", answer(500, "b")}});
  ClientConfig config = plain(server.port());
  config.retries = 1;
  const auto result = call(loop, config, read_pod);
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().context == "API server: 500 b");
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_meets_the_deadline) {
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", "<request>"}});
  ClientConfig config = plain(server.port());
  config.retries = 0;
  config.deadline = Duration{100};
  BOOST_TEST(call(loop, config, read_pod).error().is(Errc::timeout));
}

BOOST_AUTO_TEST_CASE(a_rotated_token_is_read_when_the_old_one_is_refused) {
  Directory directory;
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(200, "{}")}, {"<request>", answer(401, "Unauthorized")}, {"<request>", answer(200, "{}")}, {"<request>", answer(401, "Unauthorized")}});
  ClientConfig config = plain(server.port());
  config.token_file = directory.write("token", "old-token\n");
  Client client(loop.context.get_executor(), config, nullptr, loop.log);
  loop.run([&]() -> asio::awaitable<void> {
    const auto with_old = co_await client.call(read_pod);
    BOOST_TEST(with_old.has_value());
    directory.write("token", "new-token\n");
    const auto rotated = co_await client.call(create_event);
    BOOST_TEST(rotated.has_value());
    const auto refused = co_await client.call(read_pod);  // the file holds nothing newer: no second try
    BOOST_TEST((!refused && refused.error().is(Errc::unauthorized)));
  });
  BOOST_REQUIRE(server.heads.size() == 4u);
  const std::string_view tokens[] = {"Bearer old-token\r\n", "Bearer old-token\r\n", "Bearer new-token\r\n", "Bearer new-token\r\n"};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(server.heads[i].find(tokens[i]) != std::string::npos, server.heads[i]);
}

BOOST_AUTO_TEST_CASE(a_missing_token_file_is_logged_once_a_minute) {
  Directory directory;
  Loop loop;
  ScriptedServer server(loop.context, {{"<request>", answer(200, "{}")}, {"<request>", answer(200, "{}")}});
  ClientConfig config = plain(server.port());
  config.token_file = directory.path / "absent";
  Client client(loop.context.get_executor(), config, nullptr, loop.log);
  loop.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      const auto result = co_await client.call(read_pod);
      BOOST_TEST(result.has_value());
    }
  });
  BOOST_TEST(loop.lines.size() == 1u);
  BOOST_TEST(loop.logged("Cannot read the token"));
  BOOST_TEST(server.heads.at(0).find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(in_a_cluster_it_talks_tls_to_the_servers_address) {
  Directory directory;
  Loop loop;
  const Time begin = wall_now() - std::chrono::hours(1), end = wall_now() + std::chrono::hours(1);
  const KeyPair root = *make_root("kubernetes", begin, end);
  const KeyPair leaf = *issue_server(root, {"kubernetes.default.svc", "127.0.0.1"}, begin, end);
  HttpServerConfig served;
  served.tls = *TlsServer::create(leaf.certificate_pem, leaf.key_pem);
  const auto server = loop.serve(served, [](HttpRequest request) -> asio::awaitable<HttpResponse> {
    json::object seen{{"token", find_header(request.headers, "Authorization")}};
    co_return json_response(200, json::serialize(seen));
  });

  ::unsetenv("KUBERNETES_SERVICE_HOST");
  BOOST_TEST(ClientConfig::in_cluster(directory.path).error().is(Errc::not_found));
  ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", std::to_string(server->port()).c_str(), 1);
  BOOST_TEST(ClientConfig::in_cluster(directory.path).error().is(Errc::not_found));
  directory.write("ca.crt", root.certificate_pem);
  BOOST_TEST(ClientConfig::in_cluster(directory.path).error().is(Errc::not_found));
  directory.write("token", "pod-token");
  const auto config = ClientConfig::in_cluster(directory.path);
  BOOST_REQUIRE(config);
  const auto client = Client::create(loop.context.get_executor(), *config, loop.log);
  BOOST_REQUIRE(client);
  loop.run([&]() -> asio::awaitable<void> {
    const auto seen = co_await (*client)->call(read_pod);
    BOOST_REQUIRE_MESSAGE(seen.has_value(), seen.error().message());
    BOOST_TEST(seen->at("token").as_string() == "Bearer pod-token");
  });
}

BOOST_AUTO_TEST_SUITE_END()
