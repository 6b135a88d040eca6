#include "agent/core/clock_steps.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::agent;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(clock_steps)

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_is_seen_once_and_one_that_is_kept_right_is_not) {
  ClockSteps clock;
  Time wall{Duration{1'800'000'000'000}};
  std::chrono::steady_clock::time_point steady{100h};
  const auto pass = [&](Duration wall_time, Duration time) {
    wall += wall_time;
    steady += time;
    return clock.look(wall, steady);
  };
  BOOST_TEST(!pass(0s, 0s));
  for (int i = 0; i < 1'000; ++i) BOOST_TEST(!pass(5'010ms, 5s));  // 10 s in all, by small steps
  BOOST_TEST(!pass(1h, 1h));                                       // a long wait is no step
  BOOST_TEST((pass(5s + 2h, 5s) == Duration{2h}));
  BOOST_TEST(!pass(5s, 5s));
  BOOST_TEST((pass(5s - 3h, 5s) == Duration{-3h}));
  BOOST_TEST(!pass(5s, 5s));
}

BOOST_AUTO_TEST_SUITE_END()
