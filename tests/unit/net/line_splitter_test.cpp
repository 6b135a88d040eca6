#include "lib/net/line_splitter.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace charon;
using namespace charon::net;

BOOST_AUTO_TEST_SUITE(line_splitter)

BOOST_AUTO_TEST_CASE(lines_are_found_however_the_body_is_cut) {
  const std::string body = "{\"a\":1}\n\n{\"bb\":22}\nlast";
  for (std::size_t cut = 1; cut <= body.size(); ++cut) {
    LineSplitter splitter(100);
    std::vector<std::string> lines;
    const auto on_line = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t at = 0; at < body.size(); at += cut) BOOST_REQUIRE(splitter.feed(std::string_view(body).substr(at, cut), on_line).has_value());
    BOOST_TEST(lines.size() == 2u);
    splitter.finish(on_line);
    const std::vector<std::string> expected{"{\"a\":1}", "{\"bb\":22}", "last"};
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_line_over_the_bound_is_too_large_in_one_piece_or_many) {
  const auto ignore = [](std::string_view) {};
  LineSplitter whole(4);
  BOOST_TEST(whole.feed("1234\n", ignore).has_value());
  BOOST_TEST(whole.feed("12345\n", ignore).has_error());
  LineSplitter pieces(4);
  BOOST_TEST(pieces.feed("123", ignore).has_value());
  const auto over = pieces.feed("45", ignore);
  BOOST_REQUIRE(over.has_error());
  BOOST_TEST(over.error().is(Errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
