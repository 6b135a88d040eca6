// Pods that share their control, beside few stable pods of few requests: what they show together rests on one estimate.
#include "agent/core/metric_judge.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace charon;
using namespace charon::agent;

namespace {

constexpr int life = 360;  // scrapes

struct Fleet {
  int candidates = 30, stable = 1;
  double requests = 5, of_stable = 5;  ///< a scrape of one pod
  double errors = 0.05, rise = 0;      ///< rise: of the candidates' share
  int stable_leave = life;             ///< the scrape with which they do
};

wire::MetricCounts add(wire::MetricCounts counts, double requests, double errors, std::mt19937_64& random) {
  const auto total = std::poisson_distribution<std::uint64_t>(requests)(random);
  const auto bad = std::binomial_distribution<std::uint64_t>(total, errors)(random);
  counts.counts[0] += total - bad;
  counts.counts[1] += bad;
  counts.windows += total > 0;
  return counts;
}

/// Whether the product of all pods' likelihood ratios reaches 1,000 for any size of effect.
bool alarms(const Fleet& fleet, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const wire::MetricCounts none{"errors", wire::MetricKind::error_ratio, {}, {0, 0}, 0};
  wire::MetricCounts history = none, control = none;
  for (int i = 0; i < life * fleet.stable; ++i) history = add(history, fleet.of_stable, fleet.errors, random);
  std::vector<MetricJudge> judges(static_cast<std::size_t>(fleet.candidates), MetricJudge(history, nullptr, {}));
  for (int i = 0; i < life; ++i) {
    std::array<double, detection::effect_multiples.size()> sums{};
    for (MetricJudge& judge : judges) {
      judge.control({i < fleet.stable_leave ? &control : nullptr, Time{Duration{5'000 * i}}, static_cast<std::uint32_t>(fleet.stable)}, {}, true);
      const wire::MetricCounts seen = add(none, fleet.requests, fleet.errors + fleet.rise, random);
      judge.scrape(std::array{static_cast<double>(seen.counts[0]), static_cast<double>(seen.counts[1])}, Time{Duration{5'000 * (i + 1)}});
      const wire::MetricRatios ratios = judge.ratios();
      for (std::size_t size = 0; size < sums.size(); ++size) sums[size] += ratios.log_ratios[size] + ratios.preview[size];
    }
    if (*std::max_element(sums.begin(), sums.end()) >= std::log(1e3)) return true;
    for (int pod = 0; pod < fleet.stable; ++pod) control = add(control, fleet.of_stable, fleet.errors, random);
  }
  return false;
}

int alarms_of(int runs, const Fleet& fleet) {
  int count = 0;
  for (int run = 0; run < runs; ++run) count += alarms(fleet, static_cast<std::uint64_t>(run) + 1);
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_control)

BOOST_AUTO_TEST_CASE(many_pods_beside_a_stable_one_of_few_requests_fail_no_healthy_release) {
  BOOST_TEST(alarms_of(40, {.candidates = 100}) == 0);
  BOOST_TEST(alarms_of(40, {.candidates = 100, .requests = 2, .of_stable = 2}) == 0);
  BOOST_TEST(alarms_of(200, {.candidates = 3, .requests = 500}) == 0);
  BOOST_TEST(alarms_of(40, {.candidates = 100, .stable_leave = 24}) == 0);
}

BOOST_AUTO_TEST_CASE(the_larger_the_control_the_smaller_is_what_they_show_together) {
  BOOST_TEST(alarms_of(20, {.candidates = 100, .rise = 0.5}) == 20);
  BOOST_TEST(alarms_of(20, {.candidates = 100, .stable = 3, .of_stable = 100, .rise = 0.1}) == 20);
}

BOOST_AUTO_TEST_SUITE_END()
