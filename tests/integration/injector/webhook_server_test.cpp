#include "injector/shell/webhook_server.hpp"

#include "lib/base/quantity.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <regex>

using namespace charon;
using namespace charon::injector;

namespace {

std::string text_of_file(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_server_limits)

BOOST_AUTO_TEST_CASE(what_it_may_hold_fits_into_the_charts_container) {
  const std::string values = text_of_file("charts/charon/values.yaml");
  std::smatch found;
  BOOST_REQUIRE(std::regex_search(values, found, std::regex(R"(\ninjector:[\s\S]*?limits: \{[^}]*memory: (\w+)\})")));
  const auto limit = parse_quantity(found[1].str());
  BOOST_REQUIRE(limit.has_value());
  const net::HttpServerConfig limits = webhook_limits();
  constexpr std::size_t of_a_connection = 256 << 10;       // TLS, the head, the answer
  constexpr std::size_t of_the_program = std::size_t{24} << 20;  // with what the watches hold
  const std::size_t most = limits.max_connections * (limits.max_body_bytes + of_a_connection) + parsed_review_bytes + of_the_program;
  BOOST_TEST(most < static_cast<std::size_t>(limit->units()));
  BOOST_TEST(limits.max_body_bytes > max_review_bytes);
}

BOOST_AUTO_TEST_CASE(a_client_slower_than_any_api_server_does_not_keep_its_place) { BOOST_TEST(webhook_limits().header_deadline.count() <= 3'000); }

BOOST_AUTO_TEST_SUITE_END()
