#include "coordinator/core/identity_budget.hpp"
#include "coordinator/core/identity_cache.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::coordinator;
using namespace std::chrono_literals;

namespace {
const Time start{std::chrono::hours{24}};
using Cache = IdentityCache<std::string>;
}  // namespace

BOOST_AUTO_TEST_SUITE(identity_cache)

BOOST_AUTO_TEST_CASE(an_identity_is_known_for_ten_minutes_and_a_refusal_for_less) {
  Cache cache{{}};
  cache.put("jane", std::string("jane"), start);
  cache.put("nobody", fail(Errc::unauthorized, "no"), start);
  BOOST_TEST(cache.find("jane", start + 10min - 1ms).has_value());
  BOOST_TEST(!cache.find("jane", start + 10min).has_value());
  BOOST_REQUIRE(cache.find("nobody", start + 29s).has_value());
  BOOST_TEST(cache.find("nobody", start + 29s)->has_error());
  BOOST_TEST(!cache.find("nobody", start + 30s).has_value());
}

BOOST_AUTO_TEST_CASE(an_api_server_that_is_away_says_nothing_about_a_token) {
  Cache cache{{}};
  cache.put("jane", fail(Errc::unavailable, "no route"), start);
  BOOST_TEST(!cache.find("jane", start).has_value());
}

BOOST_AUTO_TEST_CASE(made_up_tokens_do_not_drive_out_known_ones) {
  Cache::Bounds bounds;
  bounds.entries = 3;
  Cache cache{bounds};
  cache.put("jane", std::string("jane"), start);
  for (int i = 0; i < 100; ++i) cache.put("junk" + std::to_string(i), fail(Errc::unauthorized, "no"), start);
  BOOST_TEST(cache.find("jane", start).has_value());
  BOOST_TEST(cache.size() == 4u);
  for (int i = 0; i < 3; ++i) cache.put("agent" + std::to_string(i), std::string("agent"), start);
  BOOST_TEST(!cache.find("jane", start).has_value());  // the oldest of its own kind
  BOOST_TEST(cache.size() == 6u);
}

BOOST_AUTO_TEST_CASE(a_pod_that_is_gone_is_forgotten) {
  Cache cache{{}};
  cache.put("a", std::string("pod-1"), start);
  cache.put("b", std::string("pod-2"), start);
  cache.drop_if([](const std::string& pod) { return pod == "pod-1"; });
  BOOST_TEST(!cache.find("a", start).has_value());
  BOOST_TEST(cache.find("b", start).has_value());
}

BOOST_AUTO_TEST_CASE(refusals_alone_empty_the_budget) {
  IdentityBudget budget(2, 1);
  for (int i = 0; i < 1000; ++i) BOOST_TEST(budget.open(start));
  budget.refused(start);
  budget.refused(start);
  BOOST_TEST(!budget.open(start));
  BOOST_TEST(!budget.open(start + 900ms));
  BOOST_TEST(budget.open(start + 1s));
  BOOST_TEST(budget.open(start + 1h));
}

BOOST_AUTO_TEST_SUITE_END()
