#include "ctl/replay_judge.hpp"
#include "ctl/replay_options.hpp"
#include "ctl/replay_plot.hpp"
#include "ctl/replay_report.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <random>

using namespace charon;
using namespace charon::ctl;

namespace {

/// Request counters by outcome.
struct Pod {
  std::string name;
  Time from;
  int scrapes = 120;
  double errors = 0.001;
  std::string node = "n1";
  double requests = 60;
  Duration each{5'000};
};

constexpr Time start{Duration{1'795'428'000'000}};
constexpr Time later = start + std::chrono::minutes{20};

void record(Recording& recording, const Pod& pod, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  const auto series = [&](std::string_view name, std::string_view code) {
    std::vector<agent::LabelView> labels{{"pod", pod.name}, {"node", pod.node}};
    if (!code.empty()) labels.push_back({"code", code});
    return *recording.series(name, name, agent::FamilyType::unknown, labels);
  };
  const auto good = series("http_requests_total", "200"), bad = series("http_requests_total", "500"), up = series("up", "");
  double served = 0, failed = 0;
  for (int i = 0; i < pod.scrapes; ++i) {
    const Time time = pod.from + i * pod.each;
    const int requests = i ? std::poisson_distribution<int>(pod.requests)(random) : 0;
    const int errors = std::binomial_distribution<int>(requests, pod.errors)(random);
    served += requests - errors;
    failed += errors;
    (void)recording.add(good, time, served);
    (void)recording.add(bad, time + Duration{40}, failed);  // an exporter that stamps its samples
    (void)recording.add(up, time, 1);
  }
}

ReplayResult judged(const std::vector<Pod>& stable, const std::vector<Pod>& candidate, const ReplaySettings& settings = {}) {
  Recording baseline, judged;
  std::uint32_t seed = 1;
  for (const Pod& pod : stable) record(baseline, pod, seed++);
  for (const Pod& pod : candidate) record(judged, pod, seed++);
  baseline.finish();
  judged.finish();
  auto result = replay(baseline, judged, std::nullopt, settings);
  BOOST_REQUIRE(result.has_value());
  return *result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_judging)

BOOST_AUTO_TEST_CASE(a_candidate_that_fails_requests_on_one_pod_fails_there) {
  const auto result = judged({{"s1", start}, {"s2", start}}, {{"c1", later}, {"c2", later, 120, 0.15, "n2"}});
  BOOST_TEST((result.verdict == wire::Verdict::fail));
  BOOST_TEST(result.history);
  const ReplayPod& pod = result.pods[result.decisive];
  BOOST_TEST(pod.name == "c2");
  BOOST_TEST(pod.node == "n2");
  BOOST_REQUIRE(result.at.has_value());
  BOOST_TEST((*result.at > later && *result.at < later + std::chrono::minutes{3}));
  BOOST_TEST(agent::culprits(pod.evidence).at(0).metric == "http_requests_total{code=\"5xx\"}");
  BOOST_TEST(pod.evidence.log_evidence >= result.log_needed);
  BOOST_TEST(result.baseline.scrapes == 240U);
  BOOST_TEST(result.candidate.pods == 2U);
}

BOOST_AUTO_TEST_CASE(levels_are_judged_beside_a_stable_pod_at_the_pace_and_the_phase_that_was_recorded) {
  constexpr Duration each{15'000};
  const auto result = judged({{"s", start, 200, 0.001, "n1", 60, each}},
                             {{"c1", later + Duration{2'000}, 60, 0.001, "n1", 60, each}, {"c2", later + Duration{10'000}, 60, 0.001, "n1", 60, each}});
  for (const ReplayPod& pod : result.pods) {
    const auto& metrics = pod.evidence.metrics;
    const auto rate = std::find_if(metrics.begin(), metrics.end(), [](const auto& m) { return m.kind == wire::MetricKind::level; });
    BOOST_REQUIRE(rate != metrics.end());
    BOOST_TEST(rate->windows > 50U, pod.name << ' ' << rate->metric << ' ' << rate->windows);
  }
}

BOOST_AUTO_TEST_CASE(of_several_pods_that_fail_the_first_tells_when) {
  const auto result = judged({{"s1", start}, {"s2", start}}, {{"c1", later, 120, 0.15}, {"c2", later + std::chrono::minutes{-1}, 120, 0.15, "n2"}});
  BOOST_REQUIRE((result.pods[0].verdict == wire::Verdict::fail && result.pods[1].verdict == wire::Verdict::fail));
  BOOST_TEST(result.decisive == 1U);
  BOOST_TEST((*result.at == *result.pods[1].at && *result.at < *result.pods[0].at));
}

BOOST_AUTO_TEST_CASE(a_healthy_candidate_passes_and_a_short_recording_is_inconclusive) {
  BOOST_TEST((judged({{"s", start}}, {{"c", later}}).verdict == wire::Verdict::pass));
  BOOST_TEST((judged({{"s", start}}, {{"c", later, 3}}).verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(stable_pods_that_degrade_at_the_same_time_acquit_the_candidate) {
  // The first recording has no stable pod during the outage, the second has one that shares it.
  const Pod outage{"c", later, 120, 0.10};
  BOOST_TEST((judged({{"s1", start}}, {outage}).verdict == wire::Verdict::fail));
  BOOST_TEST((judged({{"s1", start}, {"s2", later, 120, 0.10}}, {outage}).verdict != wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_small_fault_of_all_pods_fails_the_release_by_what_they_show_together_alone) {
  const std::vector<Pod> stable{{"s1", start, 240}, {"s2", start, 240, 0.001, "n2"}};
  std::vector<Pod> pods;
  for (int i = 0; i < 6; ++i) pods.push_back({fmt::format("c{}", i), later, 60, 0.012, fmt::format("n{}", i)});
  const auto result = judged(stable, pods);
  for (const ReplayPod& pod : result.pods) BOOST_TEST((pod.verdict != wire::Verdict::fail), fmt::format("{} {}", pod.name, pod.evidence.log_evidence));
  BOOST_TEST((result.verdict == wire::Verdict::fail));
  BOOST_TEST(result.by_together);
  BOOST_TEST(result.together.by_pooled);
  BOOST_REQUIRE(result.at.has_value());
  BOOST_TEST((*result.at > later + std::chrono::seconds{30} && *result.at < later + std::chrono::minutes{5}));
  BOOST_TEST_REQUIRE(!result.culprits().empty());
  BOOST_TEST(result.culprits().front().metric == "http_requests_total{code=\"5xx\"}");
  BOOST_TEST(result.culprits().front().named);
  const std::string text = replay_text(result);
  BOOST_TEST(text.find(", by all pods together, most of it on c") != std::string::npos, text);
  BOOST_TEST(text.find("\nAll pods together: evidence ") != std::string::npos, text);
  const auto json = replay_json(result);
  BOOST_TEST(json.at("verdict").as_string() == "fail");
  BOOST_TEST(json.at("together").at("failed").as_string() == format_time(*result.together.failed));
  BOOST_TEST(json.at("together").at("evidence").as_double() >= json.at("together").at("needed").as_double());
  BOOST_TEST(json.at("together").at("needed").as_double() == 2'500, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(replay_svg(result).find(" by all pods together<") != std::string::npos);
  // One of them shows too little.
  BOOST_TEST((judged(stable, {pods[0]}).verdict != wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(what_a_pod_in_trouble_showed_that_left_does_not_fall_on_those_that_stay) {
  // The other pod serves too little to speak against it.
  const std::vector<Pod> stable{{"s1", start, 240}, {"s2", start, 240}};
  const Pod bad{"c0", later, 10, 0.022, "n1"}, idle{"c1", later, 24, 0.001, "n2", 1};
  const auto before = judged(stable, {bad, {"c1", later, 16, 0.001, "n2", 1}}), after = judged(stable, {bad, idle});
  BOOST_TEST(after.pods[0].evidence.log_evidence > coordinator::log_suspicion);
  BOOST_TEST(before.together.log_evidence > coordinator::log_suspicion);
  BOOST_TEST(std::abs(after.together.log_evidence) < 0.1);
  BOOST_TEST((after.verdict == wire::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(the_first_of_the_pods_and_all_together_to_fail_decides) {
  const Time first = later + std::chrono::seconds{40}, second = later + std::chrono::seconds{50};
  const auto concluded = [&](std::optional<Time> alone, std::optional<Time> together, double log_evidence) {
    ReplayResult out;
    out.candidate.to = later + std::chrono::minutes{1};
    out.pods.resize(2);
    for (ReplayPod& pod : out.pods) pod.judged = true, pod.verdict = wire::Verdict::pass, pod.at = later;
    if (alone) out.pods[0].verdict = wire::Verdict::fail, out.pods[0].at = alone;
    out.together.failed = together;
    out.together.pod = 1;
    out.together.log_evidence = log_evidence;
    conclude(out);
    return out;
  };
  const auto by_pod = concluded(first, second, 9), by_all = concluded(second, first, 9);
  BOOST_TEST((by_pod.verdict == wire::Verdict::fail && !by_pod.by_together && by_pod.decisive == 0 && *by_pod.at == first));
  BOOST_TEST((by_all.verdict == wire::Verdict::fail && by_all.by_together && by_all.decisive == 1 && *by_all.at == first));
  // The last report comes when the recording has ended.
  BOOST_TEST((*concluded({}, later + std::chrono::minutes{2}, 9).at == later + std::chrono::minutes{1}));
  BOOST_TEST((concluded({}, {}, 2.9).verdict == wire::Verdict::pass));
  BOOST_TEST((concluded({}, {}, 3.1).verdict == wire::Verdict::inconclusive));  // in trouble together: evidence of 20
}

BOOST_AUTO_TEST_CASE(without_history_the_pods_beside_it_are_the_baseline) {
  const auto result = judged({{"s", start}}, {{"c", start, 120, 0.2}});
  BOOST_TEST(!result.history);
  BOOST_TEST((result.verdict == wire::Verdict::fail));
}

BOOST_AUTO_TEST_CASE(one_recording_is_split_at_a_time) {
  Recording recording;
  record(recording, {"p", start, 120});
  record(recording, {"q", start + std::chrono::minutes{10}, 120, 0.2});
  recording.finish();
  const auto result = replay(recording, recording, start + std::chrono::minutes{10}, {});
  BOOST_REQUIRE(result.has_value());
  BOOST_TEST((result->verdict == wire::Verdict::fail));
  BOOST_TEST(result->candidate.pods == 1U);
  BOOST_TEST(replay(recording, recording, start, {}).has_error());  // nothing before it
}

BOOST_AUTO_TEST_CASE(samples_stamped_apart_are_one_scrape_and_up_0_is_a_failed_one) {
  Recording recording;
  record(recording, {"p", start, 10});
  recording.finish();
  ScrapePlayer player(recording.targets().at(0), Time{}, Time::max());
  BOOST_TEST(player.times().size() == 10U);

  Recording down;
  const std::vector<agent::LabelView> labels{{"pod", "p"}};
  const auto up = *down.series("up", "up", agent::FamilyType::unknown, labels);
  const auto metric = *down.series("x", "x", agent::FamilyType::unknown, labels);
  for (int i = 0; i < 4; ++i) (void)down.add(up, start + Duration{5'000 * i}, i < 2);
  for (int i = 0; i < 2; ++i) (void)down.add(metric, start + Duration{5'000 * i}, 1);
  down.finish();
  agent::Detector detector({}, 0);
  ScrapePlayer falling(down.targets().at(0), Time{}, Time::max());
  while (falling.next()) falling.play(detector);
  BOOST_TEST(detector.evidence().scrapes == 4U);
  BOOST_TEST(detector.evidence().scrape_failures == 2U);
}

BOOST_AUTO_TEST_CASE(a_side_without_samples_or_requests_is_bad_input) {
  Recording some, none, idle;
  record(some, {"p", start, 20});
  (void)idle.add(*idle.series("up", "up", agent::FamilyType::unknown, {}), start, 1);
  some.finish(), none.finish(), idle.finish();
  for (const auto& result : {replay(none, some, std::nullopt, {}), replay(some, none, std::nullopt, {}), replay(idle, some, std::nullopt, {})}) {
    BOOST_REQUIRE(result.has_error());
    BOOST_TEST(result.error().is(Errc::invalid_input));
  }
  RecordingLimits limits;
  limits.scrapes = 5;
  Recording bounded(limits);
  record(bounded, {"p", start, 20});
  bounded.finish();
  BOOST_TEST(replay(bounded, some, std::nullopt, {}).error().is(Errc::too_large));
}

BOOST_AUTO_TEST_CASE(the_report_names_verdict_time_and_culprits) {
  ReplaySettings settings;
  settings.policy.levels_decide = false;
  const auto result = judged({{"s", start}}, {{"c<1>", later, 60, 0.2}}, settings);
  const std::string text = replay_text(result);
  BOOST_TEST(text.find("\nFAIL at 2026-11-23T10:2") != std::string::npos);
  BOOST_TEST(text.find("ANOMALY! Metric: http_requests_total{code=\"5xx\"}") != std::string::npos);
  const auto json = replay_json(result);
  BOOST_TEST(json.at("verdict").as_string() == "fail");
  BOOST_TEST(json.at("at").as_string() == format_time(*result.at));
  BOOST_TEST(json.at("culprits").as_array().at(0).at("metric").as_string() == "http_requests_total{code=\"5xx\"}");
  BOOST_TEST(json.at("evidence").as_double() >= json.at("needed").as_double());
  BOOST_TEST(boost::json::serialize(json).find("nan") == std::string::npos);
  auto open = result;
  open.verdict = wire::Verdict::inconclusive;
  open.pods[open.decisive].evidence.assumption = "go_goroutines";
  BOOST_TEST(replay_text(open).find("go_goroutines stands off") != std::string::npos);
  BOOST_TEST(replay_json(open).at("assumption").as_string() == "go_goroutines");
  BOOST_TEST(json.at("pods").as_array().at(0).at("suspended").is_null());
  auto& levels = open.pods[open.decisive].evidence;
  levels.pass_waits_for_load = true;
  for (agent::MetricEvidence& metric : levels.metrics)
    if (metric.metric == "http_requests_total{code=\"5xx\"}") metric.requests = 2.1;  // as if it were a level
  open.pods[open.decisive].verdict = wire::Verdict::inconclusive;
  BOOST_TEST(replay_text(open).find("\nOn c<1> levels are not judged now: the pod gets 2.1 times the requests of its baseline, and a pass waits for them.\n") != std::string::npos);
  BOOST_TEST(replay_text(open).find("culprit  not judged now\n") != std::string::npos);
  BOOST_TEST(replay_json(open).at("pods").as_array().at(0).at("suspended").at("requests").as_double() == 2.1);
  const std::string svg = replay_svg(result);
  BOOST_TEST(svg.starts_with("<svg"));
  BOOST_TEST(svg.find("c&lt;1&gt;") != std::string::npos);
  BOOST_TEST(svg.find("fail from here") != std::string::npos);
  BOOST_TEST(svg.find(">http_requests_total{code=&quot;5xx&quot;}<") != std::string::npos);
  BOOST_TEST(svg.find(">http_requests_total{code=&quot;5xx&quot;} rate<") == std::string::npos);  // for the record: no part in it
}

BOOST_AUTO_TEST_CASE(no_name_of_a_recording_moves_the_cursor_begins_a_line_or_breaks_the_plot) {
  const std::string name = "c\x1b[2J\x7f\xc2\x9b\n]]>&\xef\xbf\xbf", shown = "c [2J   ]]>&\xef\xbf\xbf";
  auto result = judged({{"s", start}}, {{name, later, 60, 0.2, "n\r\n1"}});
  BOOST_REQUIRE((result.verdict == wire::Verdict::fail));
  auto& metrics = result.pods[result.decisive].evidence.metrics;
  metrics.push_back(metrics.front());
  metrics.back().metric = "of\ta policy";  // which may name what it likes
  metrics.push_back(metrics.back());
  metrics.back().excluded = agent::Excluded::ignored;
  for (const auto verdict : {wire::Verdict::fail, wire::Verdict::inconclusive}) {
    result.verdict = verdict;
    result.pods[0].evidence.assumption = "\x1b";
    const std::string text = replay_text(result);
    BOOST_TEST(text.find(" on " + shown + (verdict == wire::Verdict::fail ? " (node n  1)\n" : "\n")) != std::string::npos, text);
    BOOST_TEST(text.find("\n  " + shown + " ") != std::string::npos, text);
    BOOST_TEST(text.find("\n  of a policy ") != std::string::npos, text);
    BOOST_TEST(std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; }), text);
    BOOST_TEST(text.find("\xc2\x9b") == std::string::npos);
  }
  const std::string svg = replay_svg(result);
  BOOST_TEST(svg.find("c [2J   ]]&gt;&amp;") != std::string::npos, svg);  // "]]>" is not text in XML, nor is U+FFFF
  BOOST_TEST(svg.find("\xef\xbf\xbf") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_command_line_is_read_or_refused) {
  std::string text;
  const auto good = read_replay_options({"--baseline", "a", "b", "--candidate", "c", "--alpha", "0.01", "--ignore", "x", "--json"}, text);
  BOOST_REQUIRE((good.has_value() && good->has_value()));
  BOOST_TEST((*good)->baseline.size() == 2U);
  BOOST_TEST((*good)->settings().alpha == 0.01);
  BOOST_TEST((*good)->json);
  const auto split = read_replay_options({"--split", "2026-11-23T10:00:00Z", "f"}, text);
  BOOST_REQUIRE((split.has_value() && split->has_value()));
  BOOST_TEST((*(*split)->split == start));
  BOOST_TEST((*(*read_replay_options({"--split", "1795428000", "f"}, text))->split == start));
  BOOST_TEST((*read_replay_options({"--split", "1795428000", "f", "--output", "json"}, text))->json);
  BOOST_TEST(!(*read_replay_options({"--split", "1795428000", "f"}, text))->json);
  BOOST_TEST(!read_replay_options({"--help"}, text)->has_value());
  BOOST_TEST(text.find("Exit status") != std::string::npos);
  BOOST_TEST(!read_replay_options({"--version"}, text)->has_value());
  BOOST_TEST(text == CHARON_VERSION "\n");
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"--baseline", "a"}, {"--candidate", "a"}, {"file"}, {"--split", "noon", "f"}, {"--split", "1795428000"}, {"--frob"}, {"--output", "xml", "--baseline", "a", "--candidate", "b"},
           {"--split", "1795428000", "f", "--baseline", "a"}, {"--baseline", "a", "--candidate", "b", "--alpha", "0"}, {"--baseline", "a", "--candidate", "b", "--tolerance", "1"},
           {"--baseline", "a", "--candidate", "b", "--latency-effect", "nan"}})
    BOOST_TEST_CONTEXT(wrong.back()) BOOST_TEST(read_replay_options(wrong, text).has_error());
  for (const std::vector<std::string>& twice : std::vector<std::vector<std::string>>{
           {"--policy", "-", "--baseline", "-", "--candidate", "b"}, {"--baseline", "-", "--candidate", "-"}, {"--baseline", "-", "-", "--candidate", "b"},
           {"--split", "1795428000", "-", "--policy", "-"}}) {
    const auto read = read_replay_options(twice, text);
    BOOST_TEST_REQUIRE(read.has_error(), twice[0] + " " + twice[1]);
    BOOST_TEST(read.error().context.find("standard input can be read only once") != std::string::npos, read.error().context);
  }
  BOOST_TEST((read_replay_options({"--policy", "-", "--baseline", "a", "--candidate", "b"}, text).has_value()));
  BOOST_TEST((read_replay_options({"--baseline", "a", "--candidate", "-"}, text).has_value()));
}

BOOST_AUTO_TEST_SUITE_END()
