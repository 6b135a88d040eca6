#include "lib/base/quantity.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace charon;

BOOST_AUTO_TEST_SUITE(quantity)

BOOST_AUTO_TEST_CASE(reads_an_amount_and_writes_it_canonically) {
  struct Case {
    std::string_view text;
    std::int64_t milli;
    std::string_view canonical;
  };
  const Case cases[] = {
      {"0", 0, "0"},
      {"0Mi", 0, "0"},
      {"100m", 100, "100m"},
      {"0.5", 500, "500m"},
      {".5", 500, "500m"},
      {"1.", 1'000, "1"},
      {"+2", 2'000, "2"},
      {"-250m", -250, "-250m"},
      {"1000m", 1'000, "1"},
      {"1.5k", 1'500'000, "1500"},
      {"1e3", 1'000'000, "1e3"},
      {"1E3", 1'000'000, "1e3"},
      {"12e-1", 1'200, "1200e-3"},
      {"1e+2", 100'000, "100"},
      {"48Mi", 48LL * 1024 * 1024 * 1000, "48Mi"},
      {"1024Mi", 1024LL * 1024 * 1024 * 1000, "1Gi"},
      {"2Gi", 2LL * 1024 * 1024 * 1024 * 1000, "2Gi"},
      {"0.5Gi", 512LL * 1024 * 1024 * 1000, "512Mi"},
      {"0.5Ki", 512'000, "512"},
      {"1023Ki", 1023LL * 1024 * 1000, "1023Ki"},
      {"128974848", 128'974'848'000, "128974848"},
      {"129M", 129'000'000'000, "129M"},
      {"1500n", 1, "1m"},         // rounded up, as Kubernetes does below its own resolution
      {"-1u", -1, "-1m"},
      {"1000000000000000000000000n", 1'000'000'000'000'000'000, "1P"},
      {"00000000000000000000000000000000001", 1'000, "1"},
      {"0.0000000000000000000000000000000001", 1, "1m"},
      {"1E", std::numeric_limits<std::int64_t>::max(), "9223372036854775807m"},
      {"8Ei", std::numeric_limits<std::int64_t>::max(), "9223372036854775807m"},
      {"99999999999999999999999999999999999Ei", std::numeric_limits<std::int64_t>::max(), "9223372036854775807m"},
      {"-1e999", -std::numeric_limits<std::int64_t>::max(), "-9223372036854775807e-3"},
      {"0e999", 0, "0"},
  };
  for (const Case& c : cases) {
    const auto parsed = parse_quantity(c.text);
    BOOST_REQUIRE_MESSAGE(parsed, c.text);
    BOOST_TEST(parsed->milli == c.milli, c.text << ": " << parsed->milli);
    BOOST_TEST(format_quantity(*parsed) == c.canonical, c.text << ": " << format_quantity(*parsed));
    const auto again = parse_quantity(format_quantity(*parsed));
    BOOST_REQUIRE_MESSAGE(again, c.text);
    BOOST_TEST((*again == *parsed), c.text);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_kubernetes_refuses) {
  for (const std::string_view text : {"", ".", "-", "+", "m", "Mi", "1x", "1 Mi", " 1", "1KI", "1K", "1mi", "1e", "1e1.5", "1e3Mi", "1.2.3", "--1",
                                      "1e--1", "1e+-1", "0x10", "1,5", "Inf", "NaN"}) {
    const auto parsed = parse_quantity(text);
    BOOST_REQUIRE_MESSAGE(!parsed, text);
    BOOST_TEST(parsed.error().is(Errc::invalid_input));
  }
  BOOST_TEST(!parse_quantity(std::string(65, '1')));
}

BOOST_AUTO_TEST_CASE(compares_and_adds_by_amount) {
  BOOST_TEST((*parse_quantity("1024Mi") == *parse_quantity("1Gi")));
  BOOST_TEST((*parse_quantity("999m") < *parse_quantity("1")));
  BOOST_TEST((*parse_quantity("1G") < *parse_quantity("1Gi")));
  BOOST_TEST(format_quantity(*parse_quantity("24Mi") + *parse_quantity("24Mi")) == "48Mi");
  BOOST_TEST(format_quantity(*parse_quantity("1") - *parse_quantity("100m")) == "900m");
  BOOST_TEST((*parse_quantity("8Ei") + *parse_quantity("8Ei")).milli == std::numeric_limits<std::int64_t>::max());
  BOOST_TEST((*parse_quantity("-8Ei") - *parse_quantity("8Ei")).milli == -std::numeric_limits<std::int64_t>::max());
  BOOST_TEST(parse_quantity("1001m")->units() == 2);
  BOOST_TEST(parse_quantity("-1001m")->units() == -2);
  BOOST_TEST(parse_quantity("1Ki")->units() == 1024);
  BOOST_TEST(format_quantity(Quantity::of_bytes(50'331'648)) == "48Mi");
  BOOST_TEST(format_quantity(Quantity::of_milli(100)) == "100m");
}

BOOST_AUTO_TEST_SUITE_END()
