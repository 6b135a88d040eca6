#include "lib/base/wire.hpp"
#include "lib/net/http_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::net;

BOOST_AUTO_TEST_SUITE(problem_json)

BOOST_AUTO_TEST_CASE(a_problem_says_its_status_in_line_and_body) {
  const HttpResponse response = problem(409, "Conflict", "\"test-app\" fits 2 workloads");
  BOOST_TEST(response.status == 409u);
  BOOST_TEST(find_header(response.headers, "content-type") == "application/problem+json");
  const auto body = from_json<wire::Problem>(*parse_json(response.body, 1000));
  BOOST_REQUIRE(body.has_value());
  BOOST_TEST(body->status == 409u);
  BOOST_TEST(body->title == "Conflict");
  BOOST_TEST(body->detail == "\"test-app\" fits 2 workloads");
  BOOST_TEST(body->type == "about:blank");
}

BOOST_AUTO_TEST_SUITE_END()
