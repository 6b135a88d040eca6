#include "tests/bench/real_faults/comparison.hpp"
#include "tests/bench/real_faults/judges.hpp"
#include "tests/bench/real_faults/nezha.hpp"
#include "tests/bench/real_faults/windows.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

using namespace charon;
using namespace charon::bench;

namespace {

constexpr std::int64_t start = 1'661'140'800;  // 2022-08-22 04:00:00

const std::string header = "Time,TimeStamp,PodName,CpuUsage(m),PodServerLatencyP99(s),PodSuccessRate(%)\n";
std::string row(const std::string& time, const std::string& values) { return time + " +0000 UTC m=+0.1,1,cart-1-a," + values + "\n"; }

/// One row a minute; the value of every row is its index.
PodTable minutes(std::size_t rows) {
  PodTable table;
  table.pod = "cart-1-a";
  table.metrics = {"CpuUsage(m)"};
  table.values.resize(1);
  for (std::size_t i = 0; i < rows; ++i) {
    table.times.push_back(start + 60 * static_cast<std::int64_t>(i));
    table.values[0].push_back(static_cast<double>(i));
  }
  return table;
}

InjectedFault fault_at(std::int64_t minute, std::string pod = "cart-1-a") { return {start + 60 * minute, std::move(pod), "return"}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(real_faults)

BOOST_AUTO_TEST_CASE(rows_are_timed_by_their_time_sorted_and_cut_where_damaged) {
  const auto table = parse_pod_table(header + row("2022-08-22 04:01:00.5", "2,nan,0") + row("2022-08-22 04:00:00.25", "1,0.5,0") +
                                     row("2022-08-22 04:01:00.7", "9,9,0") + row("2022-08-22 04:02:00", "3,,0") +
                                     row("2022-08-22 04:03:00", "4,0.7") + row("2022-13-22 04:03:00", "5,0.7,0") + row("later", "6,1,0"));
  BOOST_REQUIRE(table.has_value());
  const std::vector<std::int64_t> times = {start, start + 60, start + 120};
  BOOST_TEST(table->times == times, boost::test_tools::per_element());
  BOOST_TEST(table->service() == "cart");
  const std::vector<std::string> metrics = {"CpuUsage(m)"};  // one latency is known, and success is 0 throughout
  const std::vector<double> usage = {1, 2, 3};
  BOOST_TEST(table->values[0] == usage, boost::test_tools::per_element());
  BOOST_TEST(table->metrics == metrics, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_table_is_refused) {
  BOOST_TEST(parse_pod_table("").error().is(Errc::invalid_input));
  BOOST_TEST(parse_pod_table("a,b\n1,2\n").error().is(Errc::invalid_input));
  BOOST_TEST(parse_pod_table(header).error().is(Errc::invalid_input));
  BOOST_TEST(parse_pod_table(std::string(max_nezha_bytes + 1, 'x')).error().is(Errc::too_large));
}

BOOST_AUTO_TEST_CASE(faults_come_in_order_of_time) {
  const auto faults = parse_faults(R"({"05":[{"inject_timestamp":"200","inject_pod":"b","inject_type":"return"}],
      "04":[{"inject_timestamp":"100","inject_pod":"a","inject_type":"exception"}]})");
  BOOST_REQUIRE(faults.has_value());
  BOOST_REQUIRE(faults->size() == 2);
  BOOST_TEST(faults->front().at == 100);
  BOOST_TEST(faults->front().pod == "a");
  BOOST_TEST(faults->front().type == "exception");
  for (const char* bad : {"", "[]", "{\"04\":1}", "{\"04\":[1]}", "{\"04\":[{\"inject_timestamp\":\"x\",\"inject_pod\":\"a\"}]}"}) {
    BOOST_TEST(parse_faults(bad).error().is(Errc::invalid_input));
  }
}

BOOST_AUTO_TEST_CASE(candidate_is_the_eight_rows_after_the_start_and_baseline_the_most_recent_rows_before) {
  const auto windows = windows_of(minutes(109), {fault_at(10, "other-1-b"), fault_at(100)});
  BOOST_REQUIRE(!windows.empty());
  BOOST_TEST(windows[0].fault == "return");
  BOOST_TEST(windows[0].candidate[0].front() == 101);
  BOOST_TEST(windows[0].candidate[0].back() == 108);
  BOOST_TEST(windows[0].baseline[0].size() == baseline_rows);
  BOOST_TEST(windows[0].baseline[0].back() == 98);   // 99 lies within a minute of the fault
  BOOST_TEST(windows[0].baseline[0].front() == 39);
  BOOST_TEST(!windows[0].rows_after);
  BOOST_TEST(windows.size() == 1);                   // no tail is left for a control
}

BOOST_AUTO_TEST_CASE(rows_around_any_pods_fault_are_nobodys_baseline) {
  const auto windows = windows_of(minutes(120), {fault_at(60, "other-1-b"), fault_at(100)});
  const auto& rows = windows[0].baseline[0];
  for (double minute = 59; minute <= 68; ++minute) BOOST_TEST(std::count(rows.begin(), rows.end(), minute) == 0);
  BOOST_TEST(std::count(rows.begin(), rows.end(), 58.) == 1);
  BOOST_TEST(std::count(rows.begin(), rows.end(), 69.) == 1);
}

BOOST_AUTO_TEST_CASE(later_rows_fill_a_baseline_that_has_too_few_before) {
  const auto windows = windows_of(minutes(200), {fault_at(5)});
  BOOST_TEST(windows[0].rows_after);
  BOOST_TEST(windows[0].baseline[0].size() == baseline_rows);
  BOOST_TEST(windows[0].baseline[0].front() == 0);
  BOOST_TEST(windows[0].baseline[0][4] == 14);  // 0 to 3, then after the eighth minute
}

BOOST_AUTO_TEST_CASE(controls_follow_one_another_in_the_tail_and_keep_their_distance) {
  const auto windows = windows_of(minutes(300), {fault_at(5)});
  BOOST_REQUIRE(windows.size() > 20);
  for (std::size_t i = 1; i < windows.size(); ++i) {
    BOOST_TEST(windows[i].fault.empty());
    BOOST_TEST(windows[i].candidate[0].front() == 14. + 8. * static_cast<double>(i - 1));
    for (const double minute : windows[i].baseline[0]) {
      BOOST_TEST((minute <= windows[i].candidate[0].front() - 60 || minute >= windows[i].candidate[0].back() + 60));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_gap_after_the_fault_makes_no_candidate) {
  PodTable table = minutes(120);
  for (std::size_t i = 104; i < 120; ++i) table.times[i] += 3600;
  const auto windows = windows_of(table, {fault_at(100)});
  for (const Window& window : windows) BOOST_TEST(window.fault.empty());
}

BOOST_AUTO_TEST_CASE(detection_is_the_share_of_faults_above_the_allowed_alarms) {
  std::vector<Scored> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({"a", false, {static_cast<double>(i)}});
  for (const double score : {37., 37.5, 38.5, 50.}) rows.push_back({"a", true, {score}});
  std::vector<const Scored*> all;
  for (const Scored& scored : rows) all.push_back(&scored);
  BOOST_TEST(detection(all, 0, {0}) == 0.5);     // one alarm: above 38
  BOOST_TEST(detection(all, 0, {0.05}) == 0.75);  // two: above 37
  BOOST_TEST(detection(all, 0, {0.10}) == 1);
  BOOST_TEST(detection({}, 0, {0}) == 0);
}

BOOST_AUTO_TEST_CASE(a_threshold_of_its_own_alarms_on_shares_of_faults_and_controls) {
  std::vector<Scored> rows;
  for (const double score : {1., 2., 3., 4.}) rows.push_back({"a", false, {0, score}});
  for (const double score : {2., 4.}) rows.push_back({"a", true, {0, score}});
  std::vector<const Scored*> all;
  for (const Scored& scored : rows) all.push_back(&scored);
  BOOST_TEST(alarms(all, 1, 3).faults == 0.5);
  BOOST_TEST(alarms(all, 1, 3).controls == 0.5);
  BOOST_TEST(alarms(all, 1, 4.5).faults == 0);
  BOOST_TEST(alarms({}, 1, 3).controls == 0);
}

BOOST_AUTO_TEST_CASE(a_difference_is_shown_only_where_services_agree) {
  std::vector<Scored> agree, differ;
  for (const char* service : {"a", "b", "c", "d", "e", "f"}) {
    const bool odd = std::string_view(service) < "d";
    for (int i = 0; i < 20; ++i) {
      agree.push_back({service, false, {0.1 * i, 0.1 * i}});
      differ.push_back({service, false, {0.1 * i, 0.1 * i}});
    }
    for (int i = 0; i < 4; ++i) {
      agree.push_back({service, true, {9, 0}});
      differ.push_back({service, true, {odd ? 9. : 0., odd ? 0. : 9.}});
    }
  }
  const Difference shown = compare(agree, 0, 1, {0.05}, 1);
  BOOST_TEST(shown.observed == 1);
  BOOST_TEST(shown.verdict() == "ahead");
  BOOST_TEST(compare(agree, 1, 0, {0.05}, 1).verdict() == "behind");
  const Difference unclear = compare(differ, 0, 1, {0.05}, 1);
  BOOST_TEST(unclear.observed == 0);
  BOOST_TEST(unclear.lower < 0);
  BOOST_TEST(unclear.upper > 0);
  BOOST_TEST(unclear.verdict() == "not shown");
  BOOST_TEST(compare(differ, 0, 1, {0.05}, 1).lower == unclear.lower);  // by seed
}

BOOST_AUTO_TEST_CASE(every_judge_scores_a_fault_above_an_ordinary_stretch) {
  Window ordinary;
  ordinary.metrics = {"CpuUsage(m)", "PodServerLatencyP99(s)", "PodWorkload(Ops)"};
  ordinary.baseline.resize(3);
  ordinary.candidate.resize(3);
  for (int i = 0; i < 60; ++i) {
    ordinary.baseline[0].push_back(10 + i % 7 * 0.1);
    ordinary.baseline[1].push_back(0.1 + i % 5 * 0.001);
    ordinary.baseline[2].push_back(5 + i % 3 * 0.1);
  }
  for (int i = 0; i < 8; ++i) {
    ordinary.candidate[0].push_back(10 + i % 7 * 0.1);
    ordinary.candidate[1].push_back(i == 3 ? std::nan("") : 0.1 + i % 5 * 0.001);
    ordinary.candidate[2].push_back(5 + i % 3 * 0.1);
  }
  Window broken = ordinary;
  for (double& value : broken.candidate[1]) value *= 20;
  for (const RowJudge& judge : row_judges()) BOOST_TEST(judge.score(broken) > judge.score(ordinary), judge.name);
}

BOOST_AUTO_TEST_SUITE_END()
