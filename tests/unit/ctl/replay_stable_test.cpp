#include "ctl/replay_stable.hpp"

#include <boost/test/unit_test.hpp>

using namespace charon;
using namespace charon::ctl;
using namespace std::chrono_literals;

namespace {

constexpr Time start{Duration{1'795'428'000'000}};
constexpr Duration interval{5'000};

struct Pod {
  std::string name, node;
  int scrapes = 240;
  bool requests = true;
  Duration each = interval;
};

/// 50 requests a scrape of which one fails, and a gauge.
Recording recorded(const std::vector<Pod>& pods) {
  Recording out;
  for (const Pod& pod : pods) {
    const auto series = [&](std::string_view name, std::string_view code) {
      std::vector<agent::LabelView> labels{{"pod", pod.name}, {"node", pod.node}};
      if (!code.empty()) labels.push_back({"code", code});
      return *out.series(name, name, agent::FamilyType::unknown, labels);
    };
    const auto memory = series("process_resident_memory_bytes", {});
    for (int i = 0; i < pod.scrapes; ++i) (void)out.add(memory, start + i * pod.each, 1e8);
    if (!pod.requests) continue;
    const auto good = series("http_requests_total", "200"), bad = series("http_requests_total", "500");
    for (int i = 0; i < pod.scrapes; ++i) {
      (void)out.add(good, start + i * pod.each, 49. * i);
      (void)out.add(bad, start + i * pod.each, i);
    }
  }
  out.finish();
  return out;
}

std::uint64_t requests(const std::vector<wire::MetricCounts>& metrics) { return metrics.empty() ? 0 : metrics.front().counts[0] + metrics.front().counts[1]; }

wire::AgentPolicy without_levels() {
  wire::AgentPolicy out;
  out.levels_decide = false;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_stable)

BOOST_AUTO_TEST_CASE(a_recording_of_a_scrape_a_minute_is_never_silent_and_one_that_ended_is) {
  const Recording recording = recorded({{"a", "n1", 60, true, 1min}});
  StablePods stable(recording, Time::max(), {});
  const Time appeared = start + 20min;
  stable.play_until(appeared);
  BOOST_REQUIRE(stable.candidate_appeared(appeared).has_value());
  BOOST_TEST(!stable.control("n1", appeared).none_runs);
  stable.play_until(appeared + 10min);
  stable.report(appeared + 10min);
  BOOST_TEST(stable.control("n1", appeared + 10min + 55s).pods == 1U);
  stable.play_until(start + 59min + 1s);
  stable.report(start + 59min);
  BOOST_TEST(stable.control("n1", start + 59min + 30s).pods == 1U);
  BOOST_TEST(!stable.control("n1", start + 59min + 30s).none_runs);
  BOOST_TEST(stable.control("n1", start + 59min + 55s).pods == 0U);
  BOOST_TEST(stable.control("n1", start + 59min + 55s).none_runs);
}

BOOST_AUTO_TEST_CASE(a_pods_pace_is_what_lies_between_its_scrapes_though_some_are_stamped_apart_or_missing) {
  Recording recording;
  const std::vector<agent::LabelView> labels{{"pod", "a"}};
  const auto memory = *recording.series("m", "m", agent::FamilyType::gauge, labels), late = *recording.series("n", "n", agent::FamilyType::gauge, labels);
  for (int i = 0; i < 40; ++i) {
    if (i % 10 == 9) continue;
    (void)recording.add(memory, start + i * Duration{15'000}, 1);
    (void)recording.add(late, start + i * Duration{15'000} + Duration{300}, 1);
  }
  recording.finish();
  const RecordedTarget& target = recording.targets().front();
  BOOST_TEST((ScrapePlayer(target, Time{}, Time::max()).at_its_pace({}).scrape_interval == Duration{14'700}));
  BOOST_TEST((ScrapePlayer(target, Time{}, start + Duration{1}).at_its_pace({}).scrape_interval == wire::AgentPolicy{}.scrape_interval));  // of one scrape
}

BOOST_AUTO_TEST_CASE(what_was_before_the_candidate_is_the_baseline_and_what_comes_after_the_control) {
  const Recording recording = recorded({{"a", "n1"}, {"b", "n2"}});
  StablePods stable(recording, Time::max(), {});
  const Time appeared = start + 101 * interval;
  stable.play_until(appeared);
  BOOST_REQUIRE(stable.candidate_appeared(appeared).has_value());
  BOOST_TEST(stable.history());
  const wire::Baseline baseline = stable.baseline("n1");
  BOOST_TEST(requests(baseline.metrics) == 2U * 100 * 50);
  BOOST_TEST(requests(baseline.same_node) == 100U * 50);
  BOOST_TEST(baseline.pods == 2U);
  BOOST_TEST(baseline.version > 0U);

  stable.play_until(appeared + 10 * interval);
  stable.report(appeared + 10 * interval);
  const wire::Control control = stable.control("n2", appeared + 10 * interval);
  BOOST_TEST((control.since == appeared));
  BOOST_TEST(control.pods == 2U);
  BOOST_TEST(control.same_node_pods == 1U);
  BOOST_TEST(requests(control.metrics) == 2U * 10 * 50);
  BOOST_TEST(requests(control.same_node) == 10U * 50);
  BOOST_TEST(requests(stable.baseline("n1").metrics) == 2U * 100 * 50);
}

BOOST_AUTO_TEST_CASE(pods_whose_recording_ended_are_no_control) {
  const Recording recording = recorded({{"a", "n1", 110}, {"b", "n1", 240}});
  StablePods stable(recording, Time::max(), {});
  const Time appeared = start + 100 * interval;
  stable.play_until(appeared);
  BOOST_REQUIRE(stable.candidate_appeared(appeared).has_value());
  BOOST_TEST(stable.control("n1", appeared).pods == 0U);
  for (int i = 2; i <= 60; i += 2) {
    stable.play_until(appeared + i * interval);
    stable.report(appeared + i * interval);
    if (i == 10) BOOST_TEST(stable.control("n1", appeared + i * interval).pods == 2U);
  }
  BOOST_TEST(stable.control("n1", appeared + 60 * interval).pods == 1U);
}

BOOST_AUTO_TEST_CASE(without_history_all_that_they_show_is_the_baseline) {
  const Recording recording = recorded({{"a", "n1"}});
  StablePods stable(recording, Time::max(), {});
  stable.play_until(start);
  BOOST_REQUIRE(stable.candidate_appeared(start).has_value());
  BOOST_TEST(!stable.history());
  BOOST_TEST(requests(stable.baseline({}).metrics) == 239U * 50);
}

BOOST_AUTO_TEST_CASE(where_no_node_is_recorded_pods_share_none) {
  const Recording recording = recorded({{"a", ""}, {"b", ""}});
  StablePods stable(recording, Time::max(), {});
  stable.play_until(start + 100 * interval);
  BOOST_REQUIRE(stable.candidate_appeared(start + 100 * interval).has_value());
  BOOST_TEST(stable.baseline({}).same_node.empty());
  BOOST_TEST(!stable.baseline({}).metrics.empty());
}

BOOST_AUTO_TEST_CASE(levels_alone_are_a_baseline_where_they_decide_and_a_control) {
  const Recording recording = recorded({{"a", "n1", 240, false}});
  const Time appeared = start + 150 * interval;
  StablePods shown(recording, Time::max(), without_levels()), deciding(recording, Time::max(), {});
  for (StablePods* stable : {&shown, &deciding}) stable->play_until(appeared);
  BOOST_TEST(shown.candidate_appeared(appeared).error().is(Errc::invalid_input));
  BOOST_REQUIRE(deciding.candidate_appeared(appeared).has_value());
  BOOST_TEST(deciding.history());
  BOOST_TEST(deciding.baseline("n1").same_node_levels.size() == 1U);
  deciding.play_until(appeared + 10 * interval);
  deciding.report(appeared + 10 * interval);
  BOOST_TEST(deciding.control("n1", appeared + 10 * interval).same_node_levels.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
