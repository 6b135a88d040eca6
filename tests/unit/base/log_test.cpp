#include "lib/base/log.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace charon;

namespace {

struct Captured {
  std::vector<std::string> lines;
  Log log{[this](std::string_view line) { lines.emplace_back(line); }, [] { return Time{std::chrono::seconds{1'795'435'200}}; }};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(log_lines)

BOOST_AUTO_TEST_CASE(a_line_is_time_level_and_message) {
  Captured captured;
  captured.log.info("Sent rollback request!");
  captured.log.warn("w");
  captured.log.error("e");
  const std::vector<std::string> expected{"2026-11-23T12:00:00.000Z INFO  Sent rollback request!", "2026-11-23T12:00:00.000Z WARN  w", "2026-11-23T12:00:00.000Z ERROR e"};
  BOOST_TEST(captured.lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_below_the_threshold_is_not_written) {
  Captured captured;
  captured.log.debug("no");
  captured.log.threshold(Level::debug);
  captured.log.debug("yes");
  captured.log.threshold(Level::error);
  captured.log.warn("no");
  BOOST_TEST(captured.lines.size() == 1U);
  BOOST_TEST(captured.lines.at(0).ends_with("DEBUG yes"));
}

BOOST_AUTO_TEST_CASE(no_input_forges_a_line) {
  struct Case {
    std::string_view message, written;
  };
  const Case cases[] = {
      {"a\nb", "a\\x0ab"},          {"a\r\tb", "a\\x0d\\x09b"},      {std::string_view("a\0b", 3), "a\\x00b"}, {"\x1b[31m\x7f", "\\x1b[31m\\x7f"},
      {"\xc2\x85", "\\u0085"},    {"\xc2\x9b", "\\u009b"},       {"\xc2\xa7 \xc3\xa4", "\xc2\xa7 \xc3\xa4"}, {"\xc2", "\xc2"},
  };
  for (const Case& c : cases) {
    Captured captured;
    captured.log.info(c.message);
    BOOST_REQUIRE(captured.lines.size() == 1U);
    BOOST_TEST(captured.lines[0].substr(31) == c.written);
  }
}

BOOST_AUTO_TEST_SUITE_END()
