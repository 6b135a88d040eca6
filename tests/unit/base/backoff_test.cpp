#include "lib/base/backoff.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;

BOOST_AUTO_TEST_SUITE(backoff)

BOOST_AUTO_TEST_CASE(its_ceiling_doubles_up_to_the_longest_and_starts_over) {
  std::mt19937_64 random(1);
  Backoff backoff(Duration{100}, Duration{450});
  for (int round = 0; round < 2; ++round) {
    for (const int ceiling : {100, 200, 400, 450, 450}) {
      const Duration wait = backoff.next(random);
      BOOST_TEST((wait >= Duration{50} && wait <= Duration{ceiling}), wait.count() << " of " << ceiling);
    }
    backoff.reset();
  }
}

BOOST_AUTO_TEST_CASE(reaches_its_whole_range) {
  std::mt19937_64 random(1);
  Duration least{1'000}, most{0};
  for (int i = 0; i < 500; ++i) {
    Backoff backoff(Duration{100}, Duration{100});
    const Duration wait = backoff.next(random);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  BOOST_TEST(least.count() == 50);
  BOOST_TEST(most.count() == 100);
}

BOOST_AUTO_TEST_CASE(a_longest_below_the_first_counts_as_the_first) {
  std::mt19937_64 random(1);
  Backoff backoff(Duration{1'000}, Duration{100});
  for (int i = 0; i < 5; ++i) {
    const Duration wait = backoff.next(random);
    BOOST_TEST((wait >= Duration{500} && wait <= Duration{1'000}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
