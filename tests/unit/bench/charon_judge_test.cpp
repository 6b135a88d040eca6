#include "tests/bench/real_faults/charon_judge.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon::bench;

namespace {

const double needed = std::log(1000.);

/// 60 rows and 8 more that are like them; of the 8, column `metric` is multiplied.
struct Rows8 {
  std::string metric;
  double factor;
};
Window window(const std::vector<Rows8>& changes, std::size_t rows = 60) {
  const std::vector<std::pair<std::string, double>> usual = {{"CpuUsage(m)", 10},       {"MemoryUsage(Mi)", 30},     {"PodServerLatencyP99(s)", 0.2},
                                                             {"PodClientLatencyP99(s)", 0.1}, {"PodWorkload(Ops)", 9}, {"NetworkReceiveBytes", 5e4}, {"SyscallRead", 500},
                                                             {"NodeCpuUsageRate(%)", 20}};
  Window out;
  for (std::size_t m = 0; m < usual.size(); ++m) {
    out.metrics.push_back(usual[m].first);
    const auto value = [&](std::size_t i) { return usual[m].second * (1 + 0.02 * static_cast<double>((i * (m + 3)) % 7) / 7); };
    std::vector<double> before, after;
    for (std::size_t i = 0; i < rows; ++i) before.push_back(value(i));
    for (std::size_t i = 0; i < candidate_rows; ++i) after.push_back(value(rows + i));
    for (const Rows8& change : changes)
      if (change.metric == usual[m].first)
        for (double& each : after) each *= change.factor;
    out.baseline.push_back(std::move(before));
    out.candidate.push_back(std::move(after));
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(real_faults_charon)

BOOST_AUTO_TEST_CASE(what_a_column_means_decides_which_change_counts) {
  const struct {
    Rows8 change;
    bool found;
  } cases[] = {
      {{"CpuUsage(m)", 30}, true},
      {{"CpuUsage(m)", 0.2}, false},  // less is no degradation
      {{"MemoryUsage(Mi)", 20}, true},
      {{"PodServerLatencyP99(s)", 20}, true},
      {{"PodServerLatencyP99(s)", 0.2}, false},
      {{"PodClientLatencyP99(s)", 20}, true},
      {{"PodWorkload(Ops)", 0.02}, true},
      {{"NetworkReceiveBytes", 20}, false},
      {{"SyscallRead", 20}, false},
      {{"NodeCpuUsageRate(%)", 5}, false},
  };
  for (const auto& [change, found] : cases)
    BOOST_TEST_CONTEXT(change.metric << " times " << change.factor) BOOST_TEST((charon_score(window({change})) >= needed) == found);
  BOOST_TEST(charon_score(window({})) < 1);
}

BOOST_AUTO_TEST_CASE(rows_without_requests_are_no_values) {
  Window some = window({{"PodServerLatencyP99(s)", 5}});
  for (std::size_t row = 0; row < candidate_rows; ++row) some.candidate[2][row] = std::nan("");
  BOOST_TEST(charon_score(some) < 1);
}

BOOST_AUTO_TEST_CASE(load_that_history_does_not_know_acquits) {
  BOOST_TEST(charon_score(window({{"PodServerLatencyP99(s)", 5}, {"PodWorkload(Ops)", 10}})) < needed);
}

BOOST_AUTO_TEST_CASE(too_few_rows_are_no_baseline) { BOOST_TEST(charon_score(window({{"CpuUsage(m)", 5}}, 30)) == 0); }

BOOST_AUTO_TEST_SUITE_END()
