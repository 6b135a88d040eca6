/// `charonctl replay --policy`: a RollbackPolicy in place of single options.
#include "ctl/replay_options.hpp"
#include "ctl/replay_report.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace charon;
using namespace charon::ctl;

namespace {

constexpr Time start{Duration{1'795'428'000'000}};
constexpr Time later = start + std::chrono::minutes{20};

/// As kubectl prints it, save what is of no interest.
std::string object(std::string_view spec) {
  return R"({"apiVersion":"charon.dev/v1alpha1","kind":"RollbackPolicy","metadata":{"name":"p","namespace":"shop","generation":2},"spec":)" + std::string(spec) + "}";
}
ReplaySettings settings(std::string_view spec, std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--baseline", "a", "--candidate", "b"});
  std::string text;
  const auto policy = read_policy_file(object(spec), "p.json");
  BOOST_REQUIRE_MESSAGE(policy.has_value(), spec);
  const auto read = read_replay_options(options, text);
  BOOST_REQUIRE((read.has_value() && read->has_value()));
  return (*read)->settings(*policy);
}

/// A pod whose requests fail with a share of `errors` from scrape `from` on, and whose gauge then has the value `charge`.
struct Pod {
  double errors, charge;
  int from = 0;
  bool requests = true;
};
Recording record(Time began, const Pod& pod) {
  Recording out;
  const auto series = [&](std::string_view name, std::vector<agent::LabelView> labels) {
    labels.push_back({"pod", "p"});
    return *out.series(name, name, agent::FamilyType::unknown, labels);
  };
  double served = 0, failed = 0;
  for (int i = 0; i < 120; ++i) {
    const Time time = began + Duration{5'000 * i};
    const double bad = i < pod.from ? 0 : std::round(60 * pod.errors) + (i % 3 == 0 ? 1 : 0), noise = std::exp(0.02 * std::sin(i * i));
    served += 60 - bad;
    failed += bad;
    if (pod.requests) {
      (void)out.add(series("http_requests_total", {{"code", "200"}}), time, served);
      (void)out.add(series("http_requests_total", {{"code", "500"}}), time, failed);
    }
    (void)out.add(series("flux_charge", {}), time, (i < pod.from ? 10 : pod.charge) * noise);
  }
  out.finish();
  return out;
}
ReplayResult judged(const ReplaySettings& settings, const Pod& candidate, const Pod& stable = {0, 10}) {
  const Recording baseline = record(start, stable), recorded = record(later, candidate);
  const auto result = replay(baseline, recorded, std::nullopt, settings);
  BOOST_REQUIRE(result.has_value());
  return *result;
}
bool fails(const ReplaySettings& settings, const Pod& candidate) { return judged(settings, candidate).verdict == wire::Verdict::fail; }

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_policy)

BOOST_AUTO_TEST_CASE(what_the_policy_says_of_judging_is_what_replay_does) {
  const Pod failing{0.15, 10}, charged{0, 10'000};
  BOOST_TEST(fails(settings("{}"), failing));
  BOOST_TEST(!fails(settings(R"({"errorRatioEffect":0.4})"), failing));
  BOOST_TEST(!fails(settings(R"({"ignore":["http_requests_total"]})"), failing));
  BOOST_TEST(!fails(settings(R"({"metrics":[{"name":"http_requests","ignore":true}]})"), failing));
  BOOST_TEST(!fails(settings("{}"), charged));
  BOOST_TEST(fails(settings(R"({"metrics":[{"name":"flux_*","kind":"gauge","direction":"up","effect":0.5}]})"), charged));
  BOOST_TEST(judged(settings(R"({"alpha":0.05})"), failing).alpha == 0.05);
}

BOOST_AUTO_TEST_CASE(a_level_with_a_part_needs_no_requests_beside_it) {
  const Pod stable{0, 10, 0, false}, charged{0, 1'000, 0, false};
  const auto result = judged(settings(R"({"metrics":[{"name":"flux_*","kind":"gauge","direction":"up","effect":0.5}]})"), charged, stable);
  BOOST_TEST((result.verdict == wire::Verdict::fail));
  BOOST_TEST(replay(record(start, stable), record(later, charged), std::nullopt, settings(R"({"levelsDecide":false})")).has_error());
}

BOOST_AUTO_TEST_CASE(the_classic_engine_judges_by_scores_and_never_passes) {
  const auto classic = settings(R"({"detector":"anomalyzer","levelsDecide":false,"anomalyzer":{"methods":["fence"],"upperBound":0.1,"threshold":0.9}})");
  const auto alarm = judged(classic, {0.15, 10, 60});
  BOOST_TEST((alarm.verdict == wire::Verdict::fail));
  BOOST_TEST((*alarm.at >= later + std::chrono::minutes{5} && *alarm.at < later + std::chrono::minutes{6}));
  BOOST_TEST(alarm.log_needed == -std::log(0.1), boost::test_tools::tolerance(1e-9));
  const std::string text = replay_text(alarm);
  BOOST_TEST(text.find("above 0.9000 by the classic engine") != std::string::npos, text);
  BOOST_TEST(text.find("score 0.9999 of 0.9000") != std::string::npos, text);
  BOOST_TEST(text.find("alpha") == std::string::npos, text);
  BOOST_TEST(replay_json(alarm).at("detector").as_string() == "anomalyzer");

  const auto quiet = judged(classic, {0, 10});
  BOOST_TEST((quiet.verdict == wire::Verdict::inconclusive));
  BOOST_TEST(replay_text(quiet).find("the classic engine never passes a release") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_command_line_says_outranks_the_policy) {
  constexpr std::string_view spec = R"({"alpha":0.05,"errorRatioEffect":0.4,"latencyEffect":0.3,"tolerance":0.1,"ignore":["a"],"levelsDecide":false,"scrapeInterval":"15s"})";
  const auto by_policy = settings(spec);
  BOOST_TEST((by_policy.alpha == 0.05 && by_policy.policy.error_ratio_effect == 0.4 && by_policy.policy.latency_effect == 0.3 && by_policy.policy.tolerance == 0.1));
  BOOST_TEST((!by_policy.policy.levels_decide && by_policy.policy.ignore == std::vector<std::string>{"a"} && by_policy.policy.scrape_interval == std::chrono::seconds{15}));
  const auto given = settings(spec, {"--alpha", "0.01", "--error-ratio-effect", "0.02", "--latency-effect", "0.2", "--tolerance", "0", "--ignore", "b"});
  BOOST_TEST((given.alpha == 0.01 && given.policy.error_ratio_effect == 0.02 && given.policy.latency_effect == 0.2 && given.policy.tolerance == 0));
  BOOST_TEST((given.policy.ignore == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(settings("{}").policy.levels_decide);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_good_policy_is_refused_and_why) {
  const struct { std::string text; std::string_view what; } rows[] = {
      {"", "p.json: JSON: incomplete JSON"},
      {"kind: RollbackPolicy", "p.json: JSON: syntax error; expected what kubectl get rollbackpolicy NAME -o json prints"},
      {"[]", "p.json: expected one object of kind RollbackPolicy"},
      {R"({"kind":"List","items":[]})", "p.json: expected one object of kind RollbackPolicy, not List"},
      {R"({"kind":"RollbackPolicy"})", "p.json: expected a spec"},
      {object("[]"), "p.json: expected a spec"},
      {object(R"({"alpha":0.5})"), "p.json: spec.alpha: more than 0, at most 0.1"},
      {object(R"({"detector":"oracle"})"), "p.json: spec.detector: expected one of charon anomalyzer"},
      {object(R"({"metrics":[{"name":"a","kind":"banana"}]})"), "p.json: spec.metrics[0].kind: expected one of"},
      {object(R"({"anomalyzer":{"methods":["fence"]}})"), "p.json: spec.anomalyzer.upperBound: expected a number"}};
  for (const auto& row : rows) {
    const auto read = read_policy_file(row.text, "p.json");
    BOOST_TEST_REQUIRE(read.has_error(), row.text);
    BOOST_TEST(read.error().context.starts_with(row.what), read.error().context);
  }
  BOOST_TEST(read_policy_file(std::string(max_policy_bytes + 1, ' '), "p.json").error().is(Errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
