#include "injector/core/patch_pace.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::injector;
using std::chrono::seconds;

BOOST_AUTO_TEST_SUITE(patch_pace)

BOOST_AUTO_TEST_CASE(the_first_write_is_at_once_and_each_further_one_after_twice_as_long) {
  PatchPace pace(seconds{5}, seconds{30});
  Steady now{std::chrono::hours{1}};
  BOOST_TEST(pace.wait(now).count() == 0);
  for (const int gap : {5, 10, 20, 30, 30}) {
    pace.wrote(now);
    BOOST_TEST((pace.wait(now) == seconds{gap}));
    BOOST_TEST((pace.wait(now + seconds{gap - 1}) == seconds{1}));
    now += seconds{gap};
    BOOST_TEST(pace.wait(now).count() == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_quiet_time_forgets) {
  PatchPace pace(seconds{5}, seconds{30});
  Steady now{std::chrono::hours{1}};
  pace.wrote(now);
  pace.wrote(now += seconds{59});
  BOOST_TEST((pace.wait(now) == seconds{10}));
  pace.wrote(now += seconds{60});
  BOOST_TEST((pace.wait(now) == seconds{5}));
}

BOOST_AUTO_TEST_SUITE_END()
