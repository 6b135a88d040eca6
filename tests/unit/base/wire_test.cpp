#include "lib/base/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace charon;
using namespace charon::wire;
namespace json = boost::json;

namespace {

MetricCounts errors() {
  MetricCounts counts;
  counts.metric = "http_requests_total";
  counts.counts = {100, 3};
  counts.windows = 7;
  return counts;
}

MetricCounts latency() {
  MetricCounts counts;
  counts.metric = "http_request_duration_seconds";
  counts.kind = MetricKind::latency;
  counts.bounds = {0.1, 0.5};
  counts.counts = {80, 15, 5};
  return counts;
}

Report report() {
  Report report;
  report.boot_id = BootId{"boot"};
  report.sequence = 9;
  report.verdict = Verdict::fail;
  report.log_evidence = 7.5;
  report.started = Time{Duration{1'000}};
  report.degraded_since = Time{Duration{2'000}};
  report.culprits = {{"http_requests_total", MetricKind::error_ratio, 0.001, 0.078, 7.5, false}};
  report.totals = {errors(), latency()};
  return report;
}

MetricOverride entry(std::string name) {
  MetricOverride out;
  out.pattern = std::move(name);
  return out;
}

template <class T>
T there_and_back(const T& value) {
  const auto parsed = parse_json(json::serialize(to_json(value)), max_message_bytes);
  BOOST_REQUIRE(parsed);
  auto read = from_json<T>(*parsed);
  BOOST_REQUIRE(read);
  BOOST_TEST((to_json(*read) == to_json(value)), json::serialize(to_json(*read)));
  return *read;
}

LevelStart start() {
  return {.metric = "heap", .side = LevelSide::below, .weight = 0.1, .mean = 0.1, .precision = 10, .variance = 0.01, .degrees = 18, .tolerance = 0.1, .matters = 0.2};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_contract)

BOOST_AUTO_TEST_CASE(messages_survive_the_way) {
  Report sent = report();
  sent.excluded = {{"flux", MetricKind::level, Excluded::unknown}};
  sent.suspended = Suspension{{"heap"}, 2.1, true, true};
  const Report read = there_and_back(sent);
  BOOST_TEST((read.excluded.at(0).reason == Excluded::unknown));
  BOOST_TEST_REQUIRE(read.suspended.has_value());
  BOOST_TEST((read.suspended->metrics.at(0) == "heap" && read.suspended->requests == 2.1 && read.suspended->concurrent && read.suspended->pass_waits));
  BOOST_TEST(read.totals.at(1).bounds.at(1) == 0.5);
  BOOST_TEST((read.culprits.at(0).kind == MetricKind::error_ratio));
  BOOST_TEST(!read.culprits.at(0).named);
  BOOST_TEST((read.degraded_since == Time{Duration{2'000}}));

  there_and_back(Hello{BootId{"b"}, "0.1.0"});
  HelloReply hello;
  hello.alpha = 1e-4;
  hello.baseline.metrics = {latency()};
  hello.trust_bundle = "-----BEGIN CERTIFICATE-----\n";
  hello.policy.detector = DetectorKind::anomalyzer;
  MetricOverride queue = entry("queue_*");
  queue.kind = OverrideKind::gauge;
  queue.critical = false;
  hello.policy.metrics = {queue};
  BOOST_TEST((there_and_back(hello).policy.metrics.at(0) == queue));
  there_and_back(hello);
  ReportReply reply;
  reply.role = Role::stable;
  reply.control.same_node = {errors()};
  reply.control.age = Duration{9'000};
  reply.control.same_node_age = Duration{1};
  there_and_back(reply);
  there_and_back(Problem{"about:blank", "Too Early", 425, "who are you?"});
}

BOOST_AUTO_TEST_CASE(an_empty_message_has_the_products_defaults) {
  const auto hello = from_json<HelloReply>(json::object{});
  BOOST_REQUIRE(hello);
  BOOST_TEST(hello->policy.scrape_interval.count() == 5'000);
  BOOST_TEST(hello->alpha == 0);
  BOOST_TEST((hello->role == Role::candidate));
  BOOST_TEST((from_json<Report>(json::object{})->verdict == Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(counts_fit_their_kind) {
  struct Case {
    std::string_view name;
    std::function<void(MetricCounts&)> change;
    bool valid;
  };
  const Case cases[] = {
      {"as it is", [](MetricCounts&) {}, true},
      {"no name", [](MetricCounts& m) { m.metric.clear(); }, false},
      {"long name", [](MetricCounts& m) { m.metric.assign(513, 'x'); }, false},
      {"name at its bound", [](MetricCounts& m) { m.metric.assign(512, 'x'); }, true},
      {"a count missing", [](MetricCounts& m) { m.counts.pop_back(); }, false},
      {"bounds equal", [](MetricCounts& m) { m.bounds = {0.5, 0.5}; }, false},
      {"bounds descend", [](MetricCounts& m) { m.bounds = {0.5, 0.1}; }, false},
      {"bound not a number", [](MetricCounts& m) { m.bounds = {std::nan(""), 1}; }, false},
      {"only bound not a number", [](MetricCounts& m) { m.bounds = {std::nan("")}; m.counts = {1, 2}; }, false},
      {"bound infinite", [](MetricCounts& m) { m.bounds = {1, INFINITY}; }, false},
      {"count at 2^53", [](MetricCounts& m) { m.counts[0] = std::uint64_t{1} << 53; }, true},
      {"count above 2^53", [](MetricCounts& m) { m.counts[0] = (std::uint64_t{1} << 53) + 1; }, false},
      {"error ratio with bounds", [](MetricCounts& m) { m.kind = MetricKind::error_ratio; m.counts = {1, 2}; }, false},
      {"too many buckets", [](MetricCounts& m) {
         m.bounds.clear();
         for (int i = 0; i < 64; ++i) m.bounds.push_back(i);
         m.counts.assign(65, 1);
       }, false},
  };
  for (const Case& c : cases) {
    MetricCounts counts = latency();
    c.change(counts);
    BOOST_TEST(validate(counts).has_value() == c.valid, c.name);
  }
}

BOOST_AUTO_TEST_CASE(reports_are_within_bounds) {
  struct Case {
    std::string_view name;
    std::function<void(Report&)> change;
    bool valid;
  };
  const Case cases[] = {
      {"as it is", [](Report&) {}, true},
      {"no boot id", [](Report& r) { r.boot_id = BootId{}; }, false},
      {"long boot id", [](Report& r) { r.boot_id = BootId{std::string(65, 'x')}; }, false},
      {"too many culprits", [](Report& r) { r.culprits.assign(max_culprits + 1, r.culprits[0]); }, false},
      {"share above one", [](Report& r) { r.culprits[0].now = 1.01; }, false},
      {"share below zero", [](Report& r) { r.culprits[0].baseline = -0.01; }, false},
      {"share not a number", [](Report& r) { r.culprits[0].now = std::nan(""); }, false},
      {"too many metrics", [](Report& r) { r.totals.assign(max_metrics + 1, errors()); }, false},
      {"a bad metric", [](Report& r) { r.totals[0].counts.clear(); }, false},
      {"as many left out as may be listed", [](Report& r) { r.excluded.assign(max_excluded, {"x", MetricKind::level, Excluded::unknown}); }, true},
      {"more left out", [](Report& r) { r.excluded.assign(max_excluded + 1, {"x", MetricKind::level, Excluded::unknown}); }, false},
      {"levels that are not judged now", [](Report& r) { r.suspended = Suspension{{"x"}, 2.1, true, false}; }, true},
      {"more of them than there are", [](Report& r) { r.suspended = Suspension{std::vector<std::string>(max_metrics + 1, "x"), 2.1, true, false}; }, false},
      {"one without a name", [](Report& r) { r.suspended = Suspension{{""}, 2.1, true, false}; }, false},
      {"a load that is none", [](Report& r) { r.suspended = Suspension{{"x"}, -1, true, false}; }, false},
      {"left out without a name", [](Report& r) { r.excluded = {{"", MetricKind::level, Excluded::unknown}}; }, false},
      {"what a level shows from the start", [](Report& r) { r.level_starts = {start()}; }, true},
      {"more of it than can be", [](Report& r) { r.level_starts.assign(max_level_starts + 1, start()); }, false},
      {"a precision below zero", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].precision = -1; }, false},
      {"a wander below zero", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].wander = -1; }, false},
      {"a variance of nothing", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].variance = 0; }, false},
      {"all that matters is tolerated", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].tolerance = r.level_starts[0].matters; }, true},
      {"a tolerance beyond what matters", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].tolerance = 0.3; }, false},
      {"a mean that is no number", [](Report& r) { r.level_starts = {start()}; r.level_starts[0].mean = std::nan(""); }, false},
      {"left out without a reason", [](Report& r) { r.excluded = {{"x", MetricKind::level, Excluded::no}}; }, false},
  };
  for (const Case& c : cases) {
    Report changed = report();
    c.change(changed);
    BOOST_TEST(validate(changed).has_value() == c.valid, c.name);
  }
}

BOOST_AUTO_TEST_CASE(replies_are_within_bounds) {
  struct Case {
    std::string_view name;
    std::function<void(HelloReply&)> change;
    bool valid;
  };
  const Case cases[] = {
      {"as it is", [](HelloReply&) {}, true},
      {"as many entries as may be", [](HelloReply& r) { r.policy.metrics.assign(max_overrides, entry("x")); }, true},
      {"more entries", [](HelloReply& r) { r.policy.metrics.assign(max_overrides + 1, entry("x")); }, false},
      {"an entry without a name", [](HelloReply& r) { r.policy.metrics.resize(1); }, false},
      {"an entry with a long name", [](HelloReply& r) { r.policy.metrics = {entry(std::string(257, 'x'))}; }, false},
      {"a classic window that is too long", [](HelloReply& r) { r.policy.anomalyzer.active_size = r.policy.anomalyzer.n_seasons = 10; }, false},
      {"scrapes too often", [](HelloReply& r) { r.policy.scrape_interval = Duration{499}; }, false},
      {"reports too seldom", [](HelloReply& r) { r.policy.report_interval = Duration{3'600'001}; }, false},
      {"effect above one", [](HelloReply& r) { r.policy.error_ratio_effect = 1.5; }, false},
      {"tolerance below zero", [](HelloReply& r) { r.policy.tolerance = -0.1; }, false},
      {"alpha not a number", [](HelloReply& r) { r.alpha = std::nan(""); }, false},
      {"bad baseline", [](HelloReply& r) { r.baseline.same_node = {MetricCounts{}}; }, false},
  };
  for (const Case& c : cases) {
    HelloReply reply;
    c.change(reply);
    BOOST_TEST(validate(reply).has_value() == c.valid, c.name);
  }
  ReportReply reply;
  BOOST_TEST(validate(reply).has_value());
  reply.control.metrics = {MetricCounts{}};
  BOOST_TEST(!validate(reply).has_value());
  for (Duration Control::*age : {&Control::age, &Control::same_node_age})
    for (const Duration bad : {Duration{-1}, Duration{3'600'001}, Duration::min()}) {
      ReportReply old;
      old.control.*age = bad;
      BOOST_TEST(!validate(old).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
