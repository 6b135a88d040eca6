#include "tests/unit/agent/allocation_count.hpp"
#include "tests/unit/agent/simulated_pod.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon::agent;
using namespace charon::agent::test;

BOOST_AUTO_TEST_SUITE(detector_allocation)

BOOST_AUTO_TEST_CASE(a_warm_scrape_allocates_nothing) {
  const Quality quality{.requests = 100, .errors = 0.05};
  const charon::wire::Baseline baseline = baseline_of({}, 120);
  Detector detector({}, 1e-3);
  detector.set_baseline(baseline);
  SimulatedPod pod(1);
  for (int i = 0; i < 20; ++i) pod.step(detector, quality);
  std::size_t seen = 0;
  for (int i = 0; i < 500; ++i) {
    pod.serve(quality);
    const std::size_t before = allocation_count();
    pod.scrape(detector);
    seen += allocation_count() - before;
  }
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = allocation_count();
    pod.fail_scrape(detector);
    seen += allocation_count() - before;
  }
  BOOST_TEST(seen == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
