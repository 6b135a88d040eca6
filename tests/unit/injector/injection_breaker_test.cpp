#include "injector/core/injection_breaker.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::injector;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Time start = parse_time("2026-11-23T12:00:00Z").value();
const PodUid a{"a"}, b{"b"}, c{"c"}, d{"d"};

/// Two pods wait since `start`.
InjectionBreaker opened() {
  InjectionBreaker breaker({});
  breaker.stuck(a, start);
  BOOST_TEST((breaker.stuck(b, start) == BreakerState::open));
  return breaker;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(injection_breaker)

BOOST_AUTO_TEST_CASE(one_waiting_pod_is_no_outage_and_two_are) {
  InjectionBreaker breaker({});
  BOOST_TEST(!breaker.stuck(a, start).has_value());
  BOOST_TEST(!breaker.stuck(a, start + seconds{1}).has_value());  // seen again, still one
  BOOST_TEST(breaker.admit(start + seconds{1}, false));
  BOOST_TEST((breaker.stuck(b, start + seconds{2}) == BreakerState::open));
  BOOST_TEST(!breaker.admit(start + seconds{2}, false));
}

BOOST_AUTO_TEST_CASE(one_pod_that_waits_for_long_opens_it_too) {
  InjectionBreaker breaker({});
  breaker.stuck(a, start);
  BOOST_TEST(!breaker.tick(start + seconds{59}).has_value());
  BOOST_TEST((breaker.tick(start + seconds{60}) == BreakerState::open));
}

BOOST_AUTO_TEST_CASE(a_pod_that_went_away_counts_no_more) {
  InjectionBreaker breaker({});
  breaker.stuck(a, start);
  breaker.gone(a);
  BOOST_TEST(!breaker.stuck(b, start + seconds{1}).has_value());
  breaker.running(b, start + seconds{2}, start + seconds{3});
  BOOST_TEST(!breaker.tick(start + minutes{5}).has_value());
  BOOST_TEST(breaker.waiting() == 0);
}

BOOST_AUTO_TEST_CASE(half_open_lets_one_pod_at_a_time_through) {
  auto breaker = opened();
  BOOST_TEST(!breaker.tick(start + minutes{4}).has_value());
  BOOST_TEST((breaker.tick(start + minutes{5}) == BreakerState::half_open));
  const Time now = start + minutes{5};
  BOOST_TEST(breaker.admit(now, true));  // a dry run takes no turn
  BOOST_TEST(breaker.admit(now, false));
  BOOST_TEST(!breaker.admit(now + seconds{1}, false));
  BOOST_TEST(breaker.admit(now + minutes{2}, false));  // nothing was heard of the first
}

BOOST_AUTO_TEST_CASE(a_failed_probe_opens_it_for_twice_as_long) {
  auto breaker = opened();
  breaker.tick(start + minutes{5});
  BOOST_TEST(!breaker.stuck(a, start + minutes{5}).has_value());  // waited before
  BOOST_TEST((breaker.stuck(c, start + minutes{6}) == BreakerState::open));
  BOOST_TEST(!breaker.tick(start + minutes{15}).has_value());
  BOOST_TEST((breaker.tick(start + minutes{16}) == BreakerState::half_open));
}

BOOST_AUTO_TEST_CASE(the_wait_does_not_grow_without_end) {
  auto breaker = opened();
  Time now = start;
  for (int i = 0; i < 20; ++i) {
    now += std::chrono::hours{1};
    BOOST_TEST((breaker.tick(now) == BreakerState::half_open));
    BOOST_TEST((breaker.stuck(PodUid{std::to_string(i)}, now) == BreakerState::open));
  }
}

BOOST_AUTO_TEST_CASE(an_agent_that_comes_up_closes_it_and_one_that_ran_before_does_not) {
  auto breaker = opened();
  BOOST_TEST(!breaker.running(c, start - seconds{10}, start + seconds{1}).has_value());
  BOOST_TEST((breaker.state() == BreakerState::open));
  BOOST_TEST((breaker.running(c, start + seconds{5}, start + seconds{6}) == BreakerState::closed));
  BOOST_TEST(breaker.admit(start + seconds{6}, false));
}

BOOST_AUTO_TEST_CASE(pods_that_go_on_waiting_do_not_open_it_again_and_two_new_ones_do) {
  auto breaker = opened();
  breaker.running(c, start + seconds{5}, start + seconds{6});
  BOOST_TEST(!breaker.stuck(a, start + minutes{10}).has_value());
  BOOST_TEST(!breaker.stuck(c, start + minutes{10}).has_value());
  BOOST_TEST((breaker.stuck(d, start + minutes{10}) == BreakerState::open));
}

BOOST_AUTO_TEST_SUITE_END()
