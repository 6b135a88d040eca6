#include "lib/kube/watcher.hpp"

#include "tests/integration/kube/api_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace loopback;
using namespace kube_test;

namespace {

/// A watcher on a scripted API server, cancelled when its view was whole `syncs` times; what its handlers were told.
struct Watched {
  Loop loop;
  ScriptedServer server;
  std::vector<std::string> told;

  explicit Watched(std::vector<ScriptedServer::Script> scripts) : server(loop.context, std::move(scripts)) {}

  void run(int syncs) {
    auto client = std::make_shared<Client>(loop.context.get_executor(), plain(server.port()), nullptr, loop.log);
    asio::cancellation_signal cancel;
    WatchConfig config;
    config.resource = pods;
    WatchHandlers handlers;
    handlers.upsert = [this](const json::object& object) { told.push_back("+" + name(object)); };
    handlers.removed = [this](const json::object& object) { told.push_back("-" + name(object)); };
    handlers.synced = [&] {
      told.push_back(".");
      if (--syncs == 0) asio::post(loop.context, [&] { cancel.emit(asio::cancellation_type::terminal); });
    };
    bool returned = false;
    std::exception_ptr error;
    asio::co_spawn(loop.context, watch_forever(client, config, handlers, loop.log), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) {
                     returned = true;
                     error = e;
                     loop.context.stop();
                   }));
    loop.context.run_for(20s);
    BOOST_REQUIRE_MESSAGE(returned, "the watcher did not end when cancelled");
    BOOST_TEST(!error);
  }
};

const std::string gone_status = R"({"kind":"Status","status":"Failure","message":"too old resource version: 21","reason":"Expired","code":410})";

}  // namespace

BOOST_AUTO_TEST_SUITE(kube_watcher)

BOOST_AUTO_TEST_CASE(a_collection_stays_current_through_disconnects_and_expiry) {
  Watched watched({
      {"<request>", answer(200, list({"a", "b"}, "10", "page2"))},
      {"<request>", answer(200, list({"c"}, "10"))},
      // Events arrive in pieces; the connection breaks in the middle of the body.
      {"<request>", watch_head, chunk(event("ADDED", "d", "11").substr(0, 20)), chunk(event("ADDED", "d", "11").substr(20) + event("DELETED", "a", "12")),
       chunk(event("BOOKMARK", "", "20"))},
      {"<request>", watch_head, chunk(event("MODIFIED", "b", "21")), last_chunk},
      {"<request>", answer(410, gone_status)},
      {"<request>", answer(200, list({"b", "e"}, "40"))},
      // ERROR in an event, and the server leaves the connection open: the watcher closes it.
      {"<request>", watch_head, chunk(event("ADDED", "f", "41") + R"({"type":"ERROR","object":)" + gone_status + "}\n"), "<request>"},
      {"<request>", answer(200, list({"f"}, "50"))},
  });
  watched.run(3);

  const auto& told = watched.told;
  const std::vector<std::string> first(told.begin(), told.begin() + std::min<std::ptrdiff_t>(9, static_cast<std::ptrdiff_t>(told.size())));
  const std::vector<std::string> expected{"+a", "+b", "+c", ".", "+d", "-a", "+b", "+b", "+e"};
  BOOST_TEST(first == expected, boost::test_tools::per_element());
  std::vector<std::string> rest(told.begin() + static_cast<std::ptrdiff_t>(first.size()), told.end());
  BOOST_REQUIRE(rest.size() == 8u);
  std::sort(rest.begin(), rest.begin() + 2);  // what a list no longer has is removed in no order
  std::sort(rest.begin() + 5, rest.begin() + 7);
  const std::vector<std::string> expected_rest{"-c", "-d", ".", "+f", "+f", "-b", "-e", "."};
  BOOST_TEST(rest == expected_rest, boost::test_tools::per_element());

  const auto& heads = watched.server.heads;
  BOOST_REQUIRE(heads.size() >= 8u);
  const std::string_view targets[] = {"limit=250", "continue=page2", "resourceVersion=10&", "resourceVersion=20&", "resourceVersion=21&", "pods?limit=250 ", "resourceVersion=40&", "pods?limit=250 "};
  for (std::size_t i = 0; i < 8; ++i) BOOST_TEST(heads[i].find(targets[i]) != std::string::npos, heads[i]);
  BOOST_TEST(watched.loop.logged("Listed pods: 3 objects"));
  BOOST_TEST(watched.loop.logged("Watch of pods lists again: API server: 410 Expired too old resource version"));
}

BOOST_AUTO_TEST_CASE(an_unreadable_event_is_logged_and_the_list_repeated) {
  Watched watched({
      {"<request>", answer(200, list({"a"}, "10"))},
      {"<request>", watch_head, chunk("{\"type\":\"ADDED\",\n"), "<request>"},
      {"<request>", answer(200, list({"b"}, "20"))},
  });
  watched.run(2);
  const std::vector<std::string> expected{"+a", ".", "+b", "-a", "."};
  BOOST_TEST(watched.told == expected, boost::test_tools::per_element());
  BOOST_TEST(watched.loop.logged("WARN  Watch of pods goes on in"));
}

BOOST_AUTO_TEST_CASE(cancelling_ends_a_silent_watch) {
  Watched watched({{"<request>", answer(200, list({}, "10"))}, {"<request>", watch_head, "<request>"}});
  const auto begin = std::chrono::steady_clock::now();
  watched.run(1);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
}

BOOST_AUTO_TEST_SUITE_END()
