#include "agent/core/outage.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace std::chrono_literals;

namespace {

const Outage::Moment start{std::chrono::hours{100}};

/// Fails each 5 s for `time`; lines told.
int told_while_failing(Outage& outage, std::chrono::seconds from, std::chrono::seconds time, std::string_view reason = "refused") {
  int told = 0;
  for (auto t = from; t < from + time; t += 5s) told += outage.failed(reason, start + t);
  return told;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outage)

BOOST_AUTO_TEST_CASE(is_told_once_and_its_end_with_how_long) {
  Outage outage;
  BOOST_TEST(!outage.ended(start));
  BOOST_TEST(told_while_failing(outage, 0s, 720s) == 1);
  BOOST_TEST_REQUIRE(outage.ended(start + 720s).has_value());
  BOOST_TEST(!outage.ended(start + 725s));
}

BOOST_AUTO_TEST_CASE(lasts_from_the_first_failure) {
  Outage outage;
  outage.failed("refused", start);
  outage.failed("refused", start + 5s);
  BOOST_TEST((outage.ended(start + 12min) == Duration{12min}));
}

BOOST_AUTO_TEST_CASE(one_that_lasts_is_told_again_each_hour) {
  Outage outage;
  BOOST_TEST(told_while_failing(outage, 0s, 5h) == 5);
}

BOOST_AUTO_TEST_CASE(another_reason_is_told_but_not_more_than_one_a_minute) {
  Outage outage;
  BOOST_TEST(outage.failed("refused", start));
  BOOST_TEST(!outage.failed("HTTP status 500", start + 5s));
  BOOST_TEST(outage.failed("HTTP status 500", start + 60s));
  BOOST_TEST(!outage.failed("HTTP status 500", start + 65s));
  int told = 0;
  for (int i = 0; i < 720; ++i) told += outage.failed("line " + std::to_string(i), start + 70s + i * 5s);  // an hour
  BOOST_TEST(told <= 60);
}

BOOST_AUTO_TEST_CASE(what_comes_and_goes_is_told_once_a_minute) {
  Outage outage;
  int lines = 0;
  for (auto t = 0s; t < 600s; t += 10s) {
    lines += outage.failed("timed out", start + t);
    lines += outage.ended(start + t + 5s).has_value();
  }
  BOOST_TEST(lines == 20);
}

BOOST_AUTO_TEST_CASE(what_passes_within_the_patience_is_not_told) {
  Outage outage;
  BOOST_TEST(!outage.failed("not known yet", start, 30s));
  BOOST_TEST(!outage.failed("not known yet", start + 29s, 30s));
  BOOST_TEST(!outage.ended(start + 29s));
  BOOST_TEST(!outage.failed("not known yet", start + 40s, 30s));
  BOOST_TEST(outage.failed("not known yet", start + 70s, 30s));
  BOOST_TEST((outage.ended(start + 80s) == Duration{40s}));
}

BOOST_AUTO_TEST_SUITE_END()
