#include "agent/shell/evidence_page.hpp"
#include "tests/integration/agent/agent_fixture.hpp"

namespace charon::agent::test {
namespace {

BOOST_FIXTURE_TEST_SUITE(agent_reporting, World)

BOOST_AUTO_TEST_CASE(a_degraded_release_is_found_and_reported) {
  app.errors = 0.2;
  coordinator.hello_troubles = {425};  // the coordinator has not seen the pod yet: as usual, and nothing to tell
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty() && last().verdict == wire::Verdict::fail && logged("Sent rollback request!"); });
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.hello_tokens.size() == 2u);
  BOOST_TEST(coordinator.hello_tokens[0] == "Bearer first");
  BOOST_TEST(logged("ANOMALY! Metric: http_requests_total{code=\"5xx\"}; Probability: 0.99"));
  BOOST_TEST(logged("now 20.0%"));
  BOOST_TEST(!logged("Bearer"));
  BOOST_TEST(!logged("No coordinator"));
  BOOST_REQUIRE(!last().culprits.empty());
  BOOST_TEST(last().culprits.front().metric == "http_requests_total{code=\"5xx\"}");
  BOOST_TEST(last().culprits.front().now == 0.2, boost::test_tools::tolerance(0.01));
  BOOST_TEST(last().baseline_version == 1u);
  BOOST_TEST(last().totals.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_good_release_is_not_said_to_be_bad) {
  app.errors = 0.001;
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return coordinator.reports.size() >= 3; });
    co_await end();
  };
  run(test);
  BOOST_TEST((last().verdict != wire::Verdict::fail));
  BOOST_TEST(last().scrapes > 3u);
  BOOST_TEST(!logged("ANOMALY"));
}

BOOST_AUTO_TEST_CASE(after_the_coordinator_was_away_the_next_report_holds_everything) {
  start();
  std::uint64_t before = 0, windows = 0;
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty() && !last().totals.empty(); });
    const unsigned short port = coordinator_server->port();
    co_await coordinator_server->stop(Duration{100});
    before = last().sequence;
    windows = last().totals[0].windows;
    const std::size_t heard = coordinator.reports.size();
    co_await until([&] { return failed_reports() >= 2; });
    coordinator_server = serve_coordinator(port);
    // It says so once the answer has come back, a little after the report was heard.
    co_await until([&] { return coordinator.reports.size() > heard && logged("The coordinator answers again after"); });
    co_await end();
  };
  run(test);
  BOOST_TEST(count_logged("Report failed: connect to 127.0.0.1:") == 1);
  BOOST_TEST(count_logged("The coordinator answers again after") == 1);
  BOOST_TEST(last().boot_id.value == coordinator.reports.front().boot_id.value);
  BOOST_TEST(last().sequence > before);
  BOOST_TEST(last().totals.at(0).windows > windows);
  BOOST_TEST(coordinator.hello_tokens.size() == 1u);  // away is no reason to register again
}

BOOST_AUTO_TEST_CASE(a_coordinator_that_is_away_at_the_start_does_not_stop_the_scrapes) {
  coordinator.hello_troubles = {503, 425};
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty(); });
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.hello_tokens.size() == 3u);
  BOOST_TEST(logged("No coordinator"));
  BOOST_TEST(last().scrapes > 5u);  // two waits of at least half a second each
}

BOOST_AUTO_TEST_CASE(a_refused_report_says_hello_again_with_a_fresh_token) {
  coordinator.report_troubles = {401};
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return coordinator.hello_tokens.size() == 1; });
    write_token("second");
    co_await until([&] { return !coordinator.reports.empty(); });
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.refused_reports == 1u);
  BOOST_REQUIRE(coordinator.hello_tokens.size() == 2u);
  BOOST_TEST(coordinator.hello_tokens[1] == "Bearer second");
}

BOOST_AUTO_TEST_CASE(a_newer_baseline_is_fetched_and_a_newer_policy_asked_for) {
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty(); });
    coordinator.hello_reply.baseline.version = 2;
    coordinator.baseline = coordinator.hello_reply.baseline;
    co_await until([&] { return last().baseline_version == 2; });
    coordinator.hello_reply.policy.version = 2;
    co_await until([&] { return coordinator.hello_tokens.size() == 2; });
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.baselines_fetched == 1u);
}

BOOST_AUTO_TEST_CASE(a_coordinator_under_another_root_is_not_believed) {
  const Time now = wall_now();
  settings.trust_roots = make_root("another", now - std::chrono::hours{1}, now + std::chrono::hours{1}).value().certificate_pem;
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("No coordinator"); });
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.hello_tokens.empty());
}

BOOST_AUTO_TEST_CASE(a_verdict_that_no_longer_holds_is_told) {
  app.errors = 0.2;
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("ANOMALY!"); });
    coordinator.hello_reply.policy.version = 2;
    coordinator.hello_reply.policy.error_ratio_effect = 0.5;  // the user accepts more: the evidence starts again
    co_await until([&] { return logged("No anomaly any more: evidence"); });
    co_await end();
  };
  run(test);
}

BOOST_AUTO_TEST_CASE(the_first_baseline_is_told_and_its_later_versions_are_not) {
  coordinator.baseline = coordinator.hello_reply.baseline;
  coordinator.hello_reply.baseline = {};
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !coordinator.reports.empty(); });
    coordinator.hello_reply.baseline.version = coordinator.baseline.version = 1;
    co_await until([&] { return last().baseline_version == 1; });
    coordinator.hello_reply.baseline.version = coordinator.baseline.version = 2;
    co_await until([&] { return last().baseline_version == 2; });
    co_await end();
  };
  run(test);
  BOOST_TEST(logged("baseline none yet"));
  BOOST_TEST(count_logged("Baseline of release stable: 1 metrics of 2 pods") == 1);
}

BOOST_AUTO_TEST_CASE(a_metric_that_has_too_many_series_is_told_of_once) {
  app.answer = [this] {
    HttpResponse response;
    for (int i = 0; i < 10'000; ++i) response.body += fmt::format("http_requests_total{{code=\"200\",path=\"{}\"}} {}\n", i, app.good);
    response.body += fmt::format("http_requests_total{{code=\"500\"}} {}\n", app.good);
    return response;
  };
  start();
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return detector.evidence().scrapes >= detector.evidence().scrape_failures + 4; });
    co_await end();
  };
  run(test);
  BOOST_TEST(count_logged("http_requests_total{code=\"5xx\"} is not judged any more") == 1);
  BOOST_TEST(evidence_page(detector.evidence(), wire::Role::candidate).find("\"excluded\":\"series_left_out\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_agent_is_no_trouble_worth_telling) {
  app.silent = coordinator.silent = true;
  settings.scrape_interval = Duration{2'000};
  start(Duration{2'000});
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return !app.scrapes.empty() && coordinator.unanswered > 0; });
    co_await end();
  };
  run(test);
  BOOST_TEST(!logged("Scrape failed"));
  BOOST_TEST(!logged("No coordinator"));
}

BOOST_AUTO_TEST_CASE(an_agent_whose_pod_ends_judges_and_reports_no_more) {
  coordinator.pod_ends = true;
  start();
  std::size_t scrapes = 0;
  auto test = [&]() -> asio::awaitable<void> {
    co_await until([&] { return logged("The pod ends"); });
    co_await sleep(300ms);  // for the scrape that is in hand
    scrapes = app.scrapes.size();
    co_await app_server->stop(Duration{100});  // as a drained application does
    co_await sleep(2s);                        // four report intervals, twenty scrapes
    co_await end();
  };
  run(test);
  BOOST_TEST(coordinator.reports.size() == 1u);
  BOOST_TEST(app.scrapes.size() == scrapes);
  BOOST_TEST(!logged("Scrape failed"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace charon::agent::test
