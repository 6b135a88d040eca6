#include "agent/core/scrape_redirect.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;

BOOST_AUTO_TEST_SUITE(scrape_redirect)

BOOST_AUTO_TEST_CASE(redirects_within_the_endpoint_are_followed_and_others_refused) {
  struct Case { std::string location, target; bool tls = false; unsigned short port = 8080; };
  const Case cases[] = {
      {"/metrics/", "/metrics/"},
      {"metrics/", "/app/metrics/"},
      {"../other?x=1&y=a%20b#part", "/other?x=1&y=a%20b"},
      {"http://127.0.0.1:8080/metrics/", "/metrics/"},
      {"http://localhost:8080/a", "/a"},
      {"HTTP://localhost:8080/a", "/a"},
      {"http://[::1]:8080/a", "/a"},
      {"//127.0.0.1:8080/a", "/a"},
      {"http://127.0.0.1:8080", "/"},
      {"http://127.0.0.1:8080?x=1", "/?x=1"},
      {"http://127.0.0.1/a", "/a", false, 80},
      {"https://127.0.0.1:8443/a", "/a", true, 8443},
      // Elsewhere.
      {"http://127.0.0.1:9090/metrics", ""},
      {"http://127.0.0.1/metrics", ""},
      {"http://10.0.0.1:8080/metrics", ""},
      {"http://localhost.evil.example:8080/metrics", ""},
      {"//169.254.169.254/latest", ""},
      {"https://127.0.0.1:8080/metrics", ""},
      {"http://127.0.0.1:8080/metrics", "", true},
      {"file:///etc/passwd", ""},
      // Nonsense.
      {"", ""},
      {"http://[::1", ""},
      {"/a b", ""},
      {std::string(5'000, 'x'), ""},
  };
  for (const Case& c : cases) BOOST_TEST_CONTEXT(c.location.substr(0, 60) << (c.tls ? " (TLS)" : "")) {
    const auto next = redirect_target(c.location, c.tls, c.port, "/app/metrics");
    BOOST_TEST(next.has_value() == !c.target.empty());
    if (next) BOOST_TEST(*next == c.target);
    if (!next) BOOST_TEST(next.error().is(Errc::rejected));
    if (!next) BOOST_TEST(next.error().context.size() < 400U);
  }
}

BOOST_AUTO_TEST_CASE(only_redirects_are_redirects) {
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U}) BOOST_TEST(is_redirect(status));
  for (const unsigned status : {200U, 300U, 304U, 305U, 400U, 500U}) BOOST_TEST(!is_redirect(status));
}

BOOST_AUTO_TEST_SUITE_END()
