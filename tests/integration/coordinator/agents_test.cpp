#include "tests/integration/coordinator/coordinator_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::test;
namespace json = boost::json;

namespace {

const std::string hello = R"({"bootId":"boot-1","agentVersion":"0.1.0"})";
const std::string report = R"({"bootId":"boot-1","sequence":1,"verdict":"inconclusive","scrapes":1})";
const std::string agent = "agent-of-test-app-v1.0-0";

boost::asio::awaitable<void> count_hello(CoordinatorFixture* f, std::string token, int* ok) {
  const HttpResponse response = co_await f->call("POST", "/v1/agents/hello", token, hello);
  if (response.status == 200) ++*ok;
}

Steps strangers(CoordinatorFixture& f) {
  f.add_person("jane", {});
  for (const std::string path : {"/v1/agents/hello", "/v1/reports"}) {
    const HttpResponse nobody = co_await f.call("POST", path, "", hello);
    BOOST_TEST(nobody.status == 401u);
    BOOST_TEST(find_header(nobody.headers, "WWW-Authenticate") == "Bearer");
    BOOST_TEST(find_header(nobody.headers, "Content-Type") == "application/problem+json");
    const HttpResponse unknown = co_await f.call("POST", path, "made-up", hello);
    BOOST_TEST(unknown.status == 401u);
    const HttpResponse person = co_await f.call("POST", path, "jane-token", hello);
    BOOST_TEST(person.status == 401u);
  }
  const int asked = f.api.token_reviews;
  const HttpResponse again = co_await f.call("POST", "/v1/agents/hello", "made-up", hello);
  BOOST_TEST(again.status == 401u);
  BOOST_TEST(f.api.token_reviews == asked);  // a refusal is remembered
}

Steps known_agent(CoordinatorFixture& f) {
  f.roll_out("shop", "test-app", "v1.0");
  HttpResponse greeted;
  for (int i = 0; i < 500 && greeted.body.empty(); ++i) {
    HttpResponse response = co_await f.call("POST", "/v1/agents/hello", agent, hello);
    if (response.status == 200) greeted = std::move(response);
    else BOOST_TEST(response.status == 425u);
    co_await f.pause(Duration{10});
  }
  BOOST_REQUIRE(!greeted.body.empty());
  const auto reply = from_json<wire::HelloReply>(json::parse(greeted.body));
  BOOST_REQUIRE(reply.has_value());
  BOOST_TEST(wire::validate(*reply).has_value());
  BOOST_TEST(reply->trust_bundle == f.root.certificate_pem);
  const int asked = f.api.token_reviews;

  const HttpResponse reported = co_await f.call("POST", "/v1/reports", agent, report);
  BOOST_TEST(reported.status == 200u);
  BOOST_TEST(from_json<wire::ReportReply>(json::parse(reported.body)).value().acknowledged == 1u);
  const HttpResponse unchanged = co_await f.call("GET", "/v1/agents/baseline?version=0", agent);
  BOOST_TEST((unchanged.status == 204u || unchanged.status == 200u));
  BOOST_TEST(f.api.token_reviews == asked);  // one review for all of an agent's calls

  struct Case {
    std::string body;
    unsigned status;
  };
  const Case cases[] = {{"{", 400}, {"[]", 422}, {R"({"bootId":7})", 422}, {R"({"bootId":"boot-1","verdict":"guilty"})", 422},
                        {R"({"bootId":"boot-1","totals":[{"metric":"m","counts":[1]}]})", 422}, {std::string(wire::max_message_bytes + 1, ' '), 413}};
  for (const Case& c : cases) {
    const HttpResponse refused = co_await f.call("POST", "/v1/reports", agent, c.body);
    BOOST_TEST(refused.status == c.status, c.body.substr(0, 80) << ": " << refused.status);
  }

  // The token is good for nothing as soon as its pod is gone.
  f.api.tokens.erase(agent);
  f.api.remove("pods", "shop", "test-app-v1.0-0");
  unsigned status = 200;
  for (int i = 0; i < 500 && status == 200; ++i) {
    const HttpResponse late = co_await f.call("POST", "/v1/reports", agent, report);
    status = late.status;
    co_await f.pause(Duration{10});
  }
  BOOST_TEST((status == 401u || status == 425u || status == 403u));
  const bool forgotten = co_await f.until([&] { return f.api.token_reviews > asked || status == 401u; });
  (void)forgotten;
  const HttpResponse gone = co_await f.call("POST", "/v1/reports", agent, report);
  BOOST_TEST(gone.status == 401u);
}

Steps unknown_pod(CoordinatorFixture& f) {
  json::object extra;
  extra["authentication.kubernetes.io/pod-name"] = json::array{"young"};
  extra["authentication.kubernetes.io/pod-uid"] = json::array{"young-uid"};
  json::object user{{"username", "system:serviceaccount:shop:default"}};
  user["extra"] = std::move(extra);
  f.api.tokens["young"] = {std::move(user), "charon-coordinator"};
  const HttpResponse early = co_await f.call("POST", "/v1/agents/hello", "young", hello);
  BOOST_TEST(early.status == 425u);
  BOOST_TEST(find_header(early.headers, "Retry-After") == "1");
}

Steps stampede(CoordinatorFixture& f) {
  f.roll_out("shop", "test-app", "v1.0");
  const bool known = co_await f.until([&] { return f.api.find("releaseledgers", "shop", "deployment.test-app") != nullptr; });
  BOOST_TEST(known);
  int ok = 0;
  for (int i = 0; i < 40; ++i) boost::asio::co_spawn(f.context, count_hello(&f, agent, &ok), boost::asio::detached);
  const bool all = co_await f.until([&] { return ok == 40; });
  BOOST_TEST(all);
  BOOST_TEST(f.api.token_reviews == 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(agents)

BOOST_AUTO_TEST_CASE(who_is_no_agent_is_refused) { CoordinatorFixture f; f.run(strangers(f)); }
BOOST_AUTO_TEST_CASE(an_agent_speaks_for_its_pod_as_long_as_that_lives) { CoordinatorFixture f; f.run(known_agent(f)); }
BOOST_AUTO_TEST_CASE(an_agent_younger_than_the_view_is_told_to_come_again) { CoordinatorFixture f; f.run(unknown_pod(f)); }
BOOST_AUTO_TEST_CASE(first_hellos_at_once_ask_the_api_server_once) { CoordinatorFixture f; f.run(stampede(f)); }

BOOST_AUTO_TEST_SUITE_END()
