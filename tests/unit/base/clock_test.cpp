#include "lib/base/clock.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;

BOOST_AUTO_TEST_SUITE(clock_values)

BOOST_AUTO_TEST_CASE(reads_times_as_kubernetes_writes_them) {
  struct Case {
    std::string_view text, written;
  };
  const Case cases[] = {
      {"2026-11-23T12:00:00Z", "2026-11-23T12:00:00.000Z"},       {"2026-11-23t12:00:00z", "2026-11-23T12:00:00.000Z"},
      {"2026-11-23T12:00:00.123456Z", "2026-11-23T12:00:00.123Z"}, {"2026-11-23T12:00:00.5Z", "2026-11-23T12:00:00.500Z"},
      {"2026-11-23T13:30:00+01:30", "2026-11-23T12:00:00.000Z"},  {"2026-11-22T23:00:00-13:00", "2026-11-23T12:00:00.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},       {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},       {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
  };
  for (const Case& c : cases) {
    const auto time = parse_time(c.text);
    BOOST_REQUIRE_MESSAGE(time, c.text);
    BOOST_TEST(format_time(*time) == c.written);
    BOOST_TEST((*parse_time(c.written) == *time));
  }
  BOOST_TEST((*parse_time("1970-01-01T00:00:01Z") == Time{Duration{1'000}}));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_time) {
  for (const std::string_view text :
       {"", "2026", "2026-11-23", "2026-11-23T12:00:00", "2026-11-23 12:00:00Z", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T12:60:00Z", "2026-11-23T12:00:61Z", "2026-11-23T12:00:00.Z", "2026-11-23T12:00:00ZZ", "2026-11-23T12:00:00+0100",
        "2026-11-23T12:00:00+24:00", "2026-11-23T12:00:00+01:60", "2026-11-23T12:00:00+01:00x", "2026/11/23T12:00:00Z", "20 6-11-23T12:00:00Z"})
    BOOST_TEST(!parse_time(text), text);
}

BOOST_AUTO_TEST_CASE(reads_and_writes_durations) {
  struct Case {
    std::string_view text;
    std::int64_t milliseconds;
    std::string_view written;
  };
  const Case cases[] = {{"0", 0, "0s"},          {"0s", 0, "0s"},           {"250ms", 250, "250ms"},      {"5s", 5'000, "5s"},
                        {"1m30s", 90'000, "1m30s"}, {"90s", 90'000, "1m30s"}, {"1.5h", 5'400'000, "1h30m"}, {"2h", 7'200'000, "2h"},
                        {"7d", 604'800'000, "7d"}, {"0.5ms", 1, "1ms"},       {"1s1s", 2'000, "2s"},        {"25h", 90'000'000, "1d1h"}};
  for (const Case& c : cases) {
    const auto duration = parse_duration(c.text);
    BOOST_REQUIRE_MESSAGE(duration, c.text);
    BOOST_TEST(duration->count() == c.milliseconds, c.text);
    BOOST_TEST(format_duration(*duration) == c.written);
    BOOST_TEST((*parse_duration(c.written) == *duration));
  }
  BOOST_TEST(format_duration(Duration{-5}) == "0s");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_duration) {
  for (const std::string_view text : {"", "5", "s", "-5s", "+5s", "5 s", "5S", "1e3s", "5s ", "s5", "1..5s", "5sm", "36601d", "30000d30000d", "inf", "nan", "99999999999999999999s"})
    BOOST_TEST(!parse_duration(text), text);
  BOOST_TEST(!parse_duration(std::string(400, '9') + "s"));
}

BOOST_AUTO_TEST_SUITE_END()
