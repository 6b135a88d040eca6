#pragma once
/// An application that serves metrics and a coordinator over TLS, both on loopback, and an agent between them.
#include "agent/shell/reporter.hpp"
#include "agent/shell/scraper.hpp"
#include "lib/net/certificates.hpp"
#include "lib/net/task_group.hpp"
#include "tests/integration/net/loopback.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace charon::agent::test {

using namespace loopback;

/// Serves `per_scrape` more requests at each scrape, of which `errors` fail.
struct FakeApp {
  double per_scrape = 200, errors = 0;
  double good = 0, failed = 0;
  std::vector<HttpHeaders> scrapes;             ///< their request headers
  std::vector<std::string> targets;             ///< and their targets
  std::function<HttpResponse()> answer;         ///< instead, where set
  std::function<std::optional<HttpResponse>(const std::string& target)> answer_to;
  bool silent = false;                          ///< never answers

  HttpHandler handler() {
    return [this](HttpRequest request) { return serve(std::move(request)); };
  }
  asio::awaitable<HttpResponse> serve(HttpRequest request) {
    scrapes.push_back(request.headers);
    targets.push_back(request.target);
    if (silent) co_await sleep(1h);
    good += per_scrape * (1 - errors);
    failed += per_scrape * errors;
    HttpResponse response;
    if (answer) {
      response = answer();
      co_return response;
    }
    if (answer_to) {
      auto special = answer_to(request.target);
      if (special) co_return std::move(*special);
    }
    response.headers.emplace_back("Content-Type", "text/plain; version=0.0.4");
    response.body = metrics();
    co_return response;
  }
  std::string metrics() const {
    return fmt::format("# TYPE http_requests_total counter\nhttp_requests_total{{code=\"200\"}} {}\nhttp_requests_total{{code=\"500\"}} {}\n", good, failed);
  }
};

struct FakeCoordinator {
  wire::HelloReply hello_reply;
  wire::Baseline baseline;                      ///< answered to GET /v1/agents/baseline
  std::vector<unsigned> hello_troubles, report_troubles;  ///< statuses answered first, one each
  std::vector<std::string> hello_tokens;        ///< Authorization headers, refused ones included
  std::vector<wire::Report> reports;            ///< acknowledged
  std::size_t refused_reports = 0, baselines_fetched = 0, unanswered = 0;
  bool silent = false;                          ///< never answers
  bool pod_ends = false;                        ///< as it says

  FakeCoordinator() {
    hello_reply.alpha = 1e-3;
    hello_reply.policy.version = 1;
    hello_reply.policy.scrape_interval = hello_reply.policy.report_interval = Duration{500};
    hello_reply.baseline.version = 1;
    hello_reply.baseline.release = "stable";
    hello_reply.baseline.pods = 2;
    wire::MetricCounts requests;
    requests.metric = "http_requests_total{code=\"5xx\"}";  // as the detector names it
    requests.counts = {99'900, 100};
    requests.windows = 500;
    hello_reply.baseline.metrics.push_back(requests);
  }

  HttpHandler handler() {
    return [this](HttpRequest request) { return serve(std::move(request)); };
  }
  static unsigned next_trouble(std::vector<unsigned>& troubles) {
    if (troubles.empty()) return 0;
    const unsigned status = troubles.front();
    troubles.erase(troubles.begin());
    return status;
  }
  asio::awaitable<HttpResponse> serve(HttpRequest request) {
    if (silent) {
      ++unanswered;
      co_await sleep(1h);
    }
    HttpResponse response = respond(request);
    co_return response;
  }
  HttpResponse respond(const HttpRequest& request) {
    if (request.target == "/v1/agents/hello") {
      hello_tokens.emplace_back(find_header(request.headers, "Authorization"));
      if (const unsigned status = next_trouble(hello_troubles)) return problem(status, "trouble", "as the test asked");
      return json_response(200, boost::json::serialize(to_json(hello_reply)));
    }
    if (request.target == "/v1/reports") {
      if (const unsigned status = next_trouble(report_troubles)) {
        ++refused_reports;
        return problem(status, "trouble", "as the test asked");
      }
      const auto report = from_json<wire::Report>(boost::json::parse(request.body));
      if (!report || !wire::validate(*report)) return problem(400, "not a report", request.body);
      reports.push_back(*report);
      wire::ReportReply reply;
      reply.acknowledged = report->sequence;
      reply.policy_version = hello_reply.policy.version;
      reply.baseline_version = hello_reply.baseline.version;
      reply.ending = pod_ends;
      return json_response(200, boost::json::serialize(to_json(reply)));
    }
    ++baselines_fetched;
    return json_response(200, boost::json::serialize(to_json(baseline)));
  }
};

/// One test's world. The agent begins with `start`.
struct World : Loop {
  KeyPair root, identity;
  std::filesystem::path token_file;
  FakeApp app;
  FakeCoordinator coordinator;
  std::shared_ptr<HttpServer> app_server, coordinator_server;
  Settings settings;
  AgentMetrics metrics;
  Detector detector{wire::AgentPolicy{}, 0};
  std::optional<Reporter> reporter;
  std::optional<Scraper> scraper;
  TaskGroup tasks{context.get_executor()};

  World() {
    const Time now = wall_now();
    root = make_root("test root", now - std::chrono::hours{1}, now + std::chrono::hours{1}).value();
    identity = issue_server(root, {"127.0.0.1"}, now - std::chrono::hours{1}, now + std::chrono::hours{1}).value();
    token_file = std::filesystem::temp_directory_path() / fmt::format("charon-agent-test-{}-{}", ::getpid(), static_cast<const void*>(this));
    write_token("first");
    app_server = serve({}, app.handler());
    coordinator_server = serve_coordinator(0);
    settings.coordinator_host = "127.0.0.1";
    settings.coordinator_port = std::to_string(coordinator_server->port());
    settings.trust_roots = root.certificate_pem;
    settings.token_file = token_file;
    settings.metrics_port = app_server->port();
  }
  ~World() { std::filesystem::remove(token_file); }

  void write_token(std::string_view token) { std::ofstream(token_file) << token << '\n'; }

  std::shared_ptr<HttpServer> serve_coordinator(unsigned short port) {
    HttpServerConfig config;
    config.port = port;
    config.tls = TlsServer::create(identity.certificate_pem, identity.key_pem).value();
    return serve(config, coordinator.handler());
  }

  /// With the deadline for each scrape that goes with the interval.
  void start(Duration scrape_interval = Duration{100}) {
    const auto tls = TlsClient::create(settings.trust_roots).value();
    reporter.emplace(context.get_executor(), settings, tls, detector, metrics, log);
    auto judged = [this] { reporter->scraped(); };
    scraper.emplace(context.get_executor(), ScrapeTarget{settings.metrics_port, settings.metrics_path, settings.metrics_tls}, detector, metrics, judged, log);
    auto interval = [scrape_interval] { return scrape_interval; };
    tasks.spawn(scraper->run(interval));
    tasks.spawn(reporter->run());
  }
  asio::awaitable<void> end() {
    co_await tasks.stop(Duration{5'000});
    co_await app_server->stop(Duration{100});
    co_await coordinator_server->stop(Duration{100});
  }

  auto count_logged(std::string_view part) const {
    return std::count_if(lines.begin(), lines.end(), [part](const std::string& line) { return line.find(part) != std::string::npos; });
  }
  /// As the agent's own metrics count them.
  double failed_reports() const {
    double sum = 0;
    for (const auto& family : metrics.registry()->Collect())
      if (family.name == "charon_agent_reports_total")
        for (const auto& metric : family.metric)
          if (metric.label.at(0).value == "unreachable") sum += metric.counter.value;
    return sum;
  }
  /// The report acknowledged last; an empty one before the first.
  const wire::Report& last() const {
    static const wire::Report none;
    return coordinator.reports.empty() ? none : coordinator.reports.back();
  }
};

}  // namespace charon::agent::test
