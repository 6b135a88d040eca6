#include "coordinator/core/alpha_budget.hpp"
#include "coordinator/core/baseline_store.hpp"
#include "lib/detection/level_summary.hpp"

#include <boost/test/unit_test.hpp>

namespace charon::coordinator {
namespace {

using namespace std::chrono_literals;
const Time now = *parse_time("2026-11-23T12:00:00Z");
const WorkloadKey key{"shop", "Deployment", "app"};

std::vector<wire::MetricCounts> counted(std::uint64_t good, std::uint64_t bad, std::uint64_t windows, std::string metric = "m") {
  return {{std::move(metric), wire::MetricKind::error_ratio, {}, {good, bad}, windows}};
}

BaselineStore::Shown only(std::vector<wire::MetricCounts> counts) { return {std::move(counts), {}, {}, false, {}}; }

wire::Control levels_now(const BaselineStore& store, Time fresh_since) {
  wire::Control out;
  store.add_levels(out, "n", fresh_since + BaselineStore::fresh_for(5s), 5s);
  return out;
}

wire::LevelSummary level(double at) {
  wire::LevelSummary out;
  out.metric = "heap";
  out.scrapes = 100;
  out.level = at;
  out.noise = 0.1;
  return out;
}

BOOST_AUTO_TEST_SUITE(baseline_store)

BOOST_AUTO_TEST_CASE(levels_are_known_by_node_and_over_all) {
  BaselineStore store;
  store.stable_showed(PodUid("p"), "n", {{}, {{"heap", 3.0, 1}}, std::vector{level(3)}, false, {}}, true, now);
  store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 5.0, 1}}, std::vector{level(5)}, false, {}}, true, now);
  store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 6.0, 1}}, std::vector{level(5)}, false, {}}, true, now + 5s);  // takes the place of the one before
  BOOST_TEST(store.baseline("n").levels.at(0).level == 4.0);
  BOOST_TEST(store.baseline("n").same_node_levels.at(0).level == 3.0);
  BOOST_TEST(levels_now(store, now).levels.at(0).value == 1.0);  // m's pod, above its own 5
  BOOST_TEST(levels_now(store, now).same_node_levels.at(0).value == 3.0);
  BOOST_TEST((levels_now(store, now).same_node_levels_reported == now && levels_now(store, now).levels_reported == now + 5s));
  BOOST_TEST((levels_now(store, now + 1s).same_node_levels_reported == Time{}));
  BOOST_TEST(levels_now(store, now + 1s).same_node_levels.empty());  // p's report is too old
  BOOST_TEST(levels_now(store, now + 1s).levels.at(0).value == 1.0);
  store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 1.0, 1}}, {}, true, {}}, true, now + 10s);
  BOOST_TEST(levels_now(store, now + 1s).levels.empty());  // a process that just started is no control
  for (const auto& [after, control] : {std::pair{29min, false}, {31min, true}}) {
    store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 4.0, 1}}, {}, false, {}}, true, now + after);
    BOOST_TEST(levels_now(store, now + after).levels.empty() != control);
  }
}

BOOST_AUTO_TEST_CASE(a_process_that_began_again_is_a_control_as_soon_as_the_baseline_says_that_its_start_is_over) {
  for (const auto& [known_start, settled] : {std::pair{3, 10min}, {144, 21min}, {360, 30min}}) {  // ends of the stretches that differ, in scrapes
    wire::LevelSummary usual = level(5);
    for (const std::size_t end : detection::young_scrapes) usual.young.push_back(end <= static_cast<std::size_t>(known_start) ? 3 : 0);
    BaselineStore store;
    store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 5.0, 1}}, std::vector{usual}, false, {}}, true, now);
    store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 5.0, 1}}, std::vector{usual}, true, {}}, true, now + 5s);
    for (const auto& [after, control] : {std::pair{settled - 90s, false}, {settled + 90s, true}}) {
      store.stable_showed(PodUid("q"), "m", {{}, {{"heap", 4.0, 1}}, std::vector{usual}, false, {}}, true, now + after);
      BOOST_TEST(levels_now(store, now + after).levels.empty() != control, known_start << " scrapes, after " << after.count() / 1000 << " s");
    }
  }
}

BOOST_AUTO_TEST_CASE(spreads_are_what_releases_moved_on_nodes_beyond_what_they_moved_everywhere) {
  BaselineStore store;
  const double before[] = {1, 2, 3}, after[] = {2.0, 3.1, 3.9};  // one up everywhere, and 0, 0.1, -0.1
  for (int node = 0; node < 3; ++node) store.stable_showed(PodUid("s" + std::to_string(node)), std::to_string(node), {{}, {}, std::vector{level(before[node])}, false, {}}, true, now);
  for (int node = 0; node < 3; ++node) store.candidate_showed(PodUid("c" + std::to_string(node)), std::to_string(node), {{}, {}, std::vector{level(after[node])}, false, {}});
  BOOST_TEST(store.baseline("0").spreads.empty());
  store.candidate_promoted("v2", now);
  const auto spreads = store.baseline("0").spreads;
  BOOST_TEST_REQUIRE(spreads.size() == 1u);
  BOOST_TEST(spreads[0].degrees == 2.0);
  BOOST_TEST(spreads[0].squares == 0.02, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(store.baseline("0").same_node_levels.at(0).level == 2.0);
}

BOOST_AUTO_TEST_CASE(a_report_adds_what_it_shows_beyond_the_one_before) {
  wire::Report before, report;
  before.level_sums = {{"heap", 10, 4}};
  report.level_sums = {{"heap", 16, 6}, {"new", 5, 1}};
  const auto shown = BaselineStore::shown(&before, report);
  BOOST_TEST_REQUIRE(shown.levels_now.size() == 2u);
  BOOST_TEST(shown.levels_now[0].value == 3.0);
  BOOST_TEST(shown.levels_now[1].value == 5.0);
  BOOST_TEST(BaselineStore::shown(&report, report).levels_now.empty());
}

BOOST_AUTO_TEST_CASE(increments_are_never_negative) {
  BOOST_TEST(increments({}, counted(5, 1, 2))[0].counts[0] == 5u);
  BOOST_TEST(increments(counted(5, 1, 2), counted(8, 1, 3))[0].counts[0] == 3u);
  BOOST_TEST(increments(counted(5, 1, 2), counted(8, 0, 3))[0].counts[1] == 0u);
  BOOST_TEST(increments(counted(5, 1, 9), counted(8, 1, 3)).empty());
  auto other = counted(1, 1, 1);
  other[0].kind = wire::MetricKind::latency;
  other[0].bounds = {1};
  BOOST_TEST(increments(counted(5, 1, 2), other).empty());
}

BOOST_AUTO_TEST_CASE(versions_grow_with_the_scrapes_but_at_most_once_a_minute) {
  BaselineStore store;
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 8)), true, now);
  BOOST_TEST(store.version() == 1u);
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 8)), true, now + 30s);
  BOOST_TEST(store.version() == 1u);
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 1)), true, now + 61s);
  BOOST_TEST(store.version() == 2u);
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 1)), true, now + 200s);
  BOOST_TEST(store.version() == 2u);  // 17 -> 18: not a quarter more
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 0)), true, now + 300s);
  BOOST_TEST(store.baseline("n").metrics[0].windows == 18u);  // nothing without traffic
}

BOOST_AUTO_TEST_CASE(stays_recent) {
  BaselineStore store;
  for (int i = 0; i < 100; ++i) store.stable_showed(PodUid("p"), "n", only(counted(1000, 0, 1000)), true, now + i * 2min);
  BOOST_TEST(store.baseline("n").metrics[0].windows <= BaselineStore::max_windows);
  BOOST_TEST(store.baseline("n").same_node[0].windows <= BaselineStore::max_node_windows);
  BOOST_TEST(store.baseline("other").same_node.empty());
  BOOST_TEST(store.ran_on("n"));
}

BOOST_AUTO_TEST_CASE(a_pod_in_trouble_is_control_but_not_baseline) {
  BaselineStore store;
  store.candidate_appeared(now);
  store.stable_showed(PodUid("p"), "n", only(counted(10, 5, 2)), false, now);
  BOOST_TEST(store.baseline("n").metrics.empty());
  BOOST_TEST(store.control({"n"}, now).same_node[0].counts[1] == 5u);
  store.candidate_appeared(now + 1s);
  BOOST_TEST(store.control({"n"}, now).metrics.empty());
}

BOOST_AUTO_TEST_CASE(a_control_is_as_old_as_the_oldest_report_in_it) {
  BaselineStore::Reporting stable{"n"};
  stable.add("m", now + 7s);
  stable.add("m", now + 2s);
  stable.add("n", now + 9s);
  const wire::Control control = BaselineStore().control(stable, now + 10s);
  BOOST_TEST(control.pods == 3u);
  BOOST_TEST((control.age == Duration{8s}));
  BOOST_TEST(control.same_node_pods == 1u);
  BOOST_TEST((control.same_node_age == Duration{1s}));
  BOOST_TEST((BaselineStore().control({"n"}, now).age == Duration{0}));
}

BOOST_AUTO_TEST_CASE(a_promoted_candidates_counts_become_the_baseline) {
  BaselineStore store;
  store.stable_showed(PodUid("p"), "n", only(counted(10, 0, 2)), true, now);
  store.candidate_showed(PodUid("q"), "n", only(counted(700, 0, 7)));
  BOOST_TEST(store.baseline("n").metrics[0].windows == 2u);
  BOOST_TEST(store.load_unusual() == true);  // 100 requests a scrape against 5
  store.candidate_promoted("v2", now);
  BOOST_TEST(store.baseline("n").metrics[0].windows == 7u);
  BOOST_TEST(store.release() == "v2");
}

BOOST_AUTO_TEST_CASE(what_may_be_of_a_pods_whole_life_tells_nothing_of_the_load_now) {
  BaselineStore store;
  store.stable_showed(PodUid("p"), "n", only(counted(1000, 0, 10)), true, now);
  for (int i = 0; i < 20; ++i) store.candidate_showed(PodUid("q"), "n", only(counted(200, 0, 1)));
  BOOST_TEST(store.load_unusual());
  store.candidate_showed(PodUid("r"), "m", only(counted(20'000, 0, 200)), false);
  BOOST_TEST(store.load_unusual());
  store.candidate_promoted("v2", now);  // but it is of the baseline to come
  BOOST_TEST(store.baseline("m").metrics[0].windows == 220u);
}

BOOST_AUTO_TEST_CASE(a_stable_pods_levels_are_fresh_as_long_as_its_own_scrapes_are) {
  for (const Duration interval : {Duration{5s}, Duration{1min}}) {
    BaselineStore store;
    const std::vector levels{level(3)};
    BaselineStore::Shown shown{{}, {{"heap", 3.0, 1}}, levels, false, {}};
    shown.scrape_interval = interval;
    store.stable_showed(PodUid("p"), "n", shown, true, now);
    wire::Control control;
    store.add_levels(control, "n", now + 59s, 5s);
    BOOST_TEST(control.same_node_levels.empty() == (interval == 5s));
  }
}

BOOST_AUTO_TEST_CASE(no_control_is_older_than_an_agent_accepts) {
  BaselineStore::Reporting stable{"n"};
  stable.add("m", now);
  wire::ReportReply reply;
  reply.control = BaselineStore().control(stable, now + 90min);
  BOOST_TEST(wire::validate(reply).has_value());
}

BOOST_AUTO_TEST_CASE(reads_what_it_wrote_within_its_bound) {
  BaselineStore store;
  for (int node = 0; node < 400; ++node)
    for (int metric = 0; metric < 20; ++metric) store.stable_showed(PodUid("p"), "node-" + std::to_string(node), only(counted(10, 0, static_cast<std::uint64_t>(node + 1), "metric-" + std::to_string(metric))), true, now);
  BOOST_TEST(store.wants_write(now + 1min));
  const auto object = store.object(key, "", now + 1min);
  BOOST_TEST(!store.wants_write(now + 2min));
  BOOST_TEST(boost::json::serialize(object).size() <= BaselineStore::max_bytes);
  BaselineStore again;
  BOOST_REQUIRE(again.restore(object).has_value());
  BOOST_TEST(again.ran_on("node-399"));
  BOOST_TEST(!again.ran_on("node-0"));  // the fewest scrapes go first
  BOOST_TEST(again.version() == store.version());
  BOOST_TEST(again.baseline("").metrics[0].counts == store.baseline("").metrics[0].counts);
  BaselineStore worker;  // serves no requests
  worker.stable_showed(PodUid("p"), "n", {{}, {}, std::vector{level(3)}, false, {}}, true, now);
  BaselineStore restored;
  BOOST_REQUIRE(restored.restore(worker.object(key, "", now)).has_value());
  BOOST_TEST(restored.baseline("n").same_node_levels.at(0).level == 3.0);
  BOOST_TEST(again.restore(boost::json::parse(R"({"spec":{"metrics":[{"metric":"x","counts":[1]}]}})").as_object()).has_error());
}

BOOST_AUTO_TEST_CASE(shares_of_alpha) {
  AlphaBudget budget;
  budget.expected = 4;
  budget.reserve();
  double sum = budget.share_together();
  for (int i = 0; i < 1000; ++i) {
    const PodUid pod("p" + std::to_string(i));
    auto share = budget.take(pod, BootId("b"), budget.reserved);
    if (!share) {
      budget.reserve();
      share = budget.take(pod, BootId("b"), budget.reserved);
    }
    BOOST_REQUIRE(share.has_value());
    BOOST_TEST(*budget.take(pod, BootId("b"), 0) == *share);  // the same agent, even with nothing reserved
    sum += *share;
    if (i < 4) BOOST_TEST(*share == 0.000125);
  }
  BOOST_TEST(sum <= budget.alpha);
  BOOST_TEST(std::abs(sum - budget.spent()) < 1e-12);
  BOOST_TEST(budget.shares.size() == AlphaBudget::max_shares);
  AlphaBudget read = budget;
  read.recovered();
  BOOST_TEST(read.next >= budget.next);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::coordinator
