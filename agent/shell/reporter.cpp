#include "agent/shell/reporter.hpp"

#include "agent/core/anomaly_text.hpp"
#include "agent/shell/events.hpp"
#include "lib/base/backoff.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <fstream>

namespace charon::agent {
namespace {

namespace json = boost::json;
constexpr Duration call_deadline{10'000};
constexpr unsigned not_known_yet = 425;       // the answer to the first hello of most pods
constexpr Duration usual_start{30'000};       // within which it is
using Clock = std::chrono::steady_clock;

net::HttpClientConfig coordinator(const Settings& settings, std::shared_ptr<net::TlsClient> tls) {
  net::HttpClientConfig config;
  config.host = settings.coordinator_host;
  config.port = settings.coordinator_port;
  config.tls = std::move(tls);
  config.max_body_bytes = wire::max_message_bytes;
  return config;
}

Result<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  if (!file && token.empty()) return fail(Errc::not_found, "no token in " + path);
  if (token.size() > 16 * 1024) return fail(Errc::too_large, "token in " + path);
  return token;
}

/// A verdict on the answer itself: who was refused says hello again, who was not heard tries again.
Errc meaning(unsigned status) {
  switch (status) {
    case 401: return Errc::unauthorized;
    case 403: return Errc::forbidden;
    case 404: return Errc::not_found;
    case 409: return Errc::conflict;
    default: return status >= 500 || status == not_known_yet || status == 429 ? Errc::unavailable : Errc::rejected;
  }
}

/// Cancelled, since the program ends: the next wait throws.
bool ending(const Error& error) { return error.is(Errc::shutting_down); }
bool unheard(const Error& error) { return error.is(Errc::unavailable) || error.is(Errc::timeout); }

std::string random_id() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace

Reporter::Reporter(boost::asio::any_io_executor executor, const Settings& settings, std::shared_ptr<net::TlsClient> tls, Detector& detector,
                   AgentMetrics& metrics, Log log)
    : executor_(executor),
      token_file_(settings.token_file),
      scrape_interval_(settings.scrape_interval),
      tls_(tls),
      client_(executor, coordinator(settings, tls)),
      detector_(detector),
      metrics_(metrics),
      log_(std::move(log)),
      wake_(executor),
      schedule_(policy_.report_interval, policy_.scrape_interval, wall_now(), 0),
      boot_id_(random_id()) {}

void Reporter::scraped() {
  const Evidence& evidence = detector_.evidence();
  const Time due = schedule_.due();
  schedule_.scraped(evidence.verdict, evidence.log_evidence, wall_now());
  if (registered_ && schedule_.due() < due) wake_.cancel();
  judged(evidence);
}

void Reporter::judged(const Evidence& evidence) {
  metrics_.judged(evidence);
  tell_exclusions(evidence);
  if (evidence.verdict == verdict_) return;
  if (verdict_ == wire::Verdict::fail) log_.info(events::recovered(evidence));
  verdict_ = evidence.verdict;
  if (verdict_ == wire::Verdict::fail) log_.warn(anomaly_text(evidence));
  if (verdict_ == wire::Verdict::pass) log_.info(events::passed(evidence.log_pass_evidence));
}

boost::asio::awaitable<void> Reporter::pause(Duration duration) {
  wake_.expires_after(duration);
  boost::system::error_code woken;
  co_await wake_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
}

boost::asio::awaitable<void> Reporter::run() {
  while (!pod_ends_) {
    if (!registered_) co_await register_agent();
    if (const Time now = wall_now(); now < schedule_.due()) {
      // Never long: a clock that is set back must not silence the agent.
      const Duration wait = std::min<Duration>(schedule_.due() - now, 2 * policy_.report_interval);
      co_await pause(wait);
      continue;
    }
    const auto sent = co_await report();
    if (sent) {
      schedule_.succeeded();
      metrics_.reported("acknowledged");
      continue;
    }
    schedule_.failed(wall_now());
    metrics_.reported(unheard(sent.error()) ? "unreachable" : "refused");
    if (!ending(sent.error()) && outage_.failed(sent.error().message(), Clock::now())) log_.warn(events::report_failed(sent.error()));
    registered_ = unheard(sent.error());
  }
}

boost::asio::awaitable<void> Reporter::register_agent() {
  Backoff backoff(Duration{1'000}, Duration{30'000});
  for (;;) {
    const auto answered = co_await hello();
    if (answered) co_return;
    const Duration patience = status_ == not_known_yet ? usual_start : Duration{};
    if (!ending(answered.error()) && outage_.failed(answered.error().message(), Clock::now(), patience)) log_.warn(events::hello_failed(answered.error()));
    co_await pause(backoff.next(random_));
  }
}

boost::asio::awaitable<Result<void>> Reporter::hello() {
  wire::Hello hello;
  hello.boot_id = boot_id_;
  hello.agent_version = CHARON_VERSION;
  const auto answer = co_await call("POST", "/v1/agents/hello", to_json(hello));
  if (!answer) co_return answer.error();
  const auto reply = from_json<wire::HelloReply>(*answer);
  if (!reply) co_return reply.error();
  if (const auto valid = wire::validate(*reply); !valid) co_return valid.error();

  heard();
  policy_ = reply->policy;
  policy_.scrape_interval = scrape_interval_.value_or(policy_.scrape_interval);
  role_ = reply->role;
  detector_.configure(policy_, reply->alpha);
  baseline_release_ = reply->baseline.release;  // told with the registration
  learn_baseline(reply->baseline);
  if (!reply->trust_bundle.empty())
    if (const auto replaced = tls_->replace_roots(reply->trust_bundle); !replaced) log_.warn(events::trust_unfit(replaced.error()));
  // Scrapes that are rarer than reports put none off: who is silent for long is no control.
  schedule_ = ReportPolicy(policy_.report_interval, std::min(policy_.scrape_interval, policy_.report_interval), wall_now(), std::random_device{}());
  registered_ = true;
  log_.info(events::registered(*reply));
  co_return Result<void>();
}

boost::asio::awaitable<Result<void>> Reporter::report() {
  wire::Report report;
  detector_.fill(report);
  report.boot_id = boot_id_;
  report.sequence = ++sequence_;
  const Time asked = wall_now();
  report.scrape_age = detector_.scrape_age(asked);
  const auto answer = co_await call("POST", "/v1/reports", to_json(report));
  if (!answer) co_return answer.error();
  const auto reply = from_json<wire::ReportReply>(*answer);
  if (!reply) co_return reply.error();
  if (const auto valid = wire::validate(*reply); !valid) co_return valid.error();

  heard();
  if (reply->ending) {
    pod_ends_ = true;
    detector_.terminating();
    log_.info(events::pod_ends());
    co_return Result<void>();
  }
  schedule_.acknowledged(report.verdict, wall_now());
  if (report.verdict == wire::Verdict::fail && acknowledged_ != wire::Verdict::fail) log_.warn(events::sent_request(reply->role));
  acknowledged_ = report.verdict;
  learn_role(reply->role);
  detector_.set_control(reply->control, asked);  // its age is told as of some time between
  const Evidence& evidence = detector_.evidence();
  schedule_.controlled(evidence.verdict, evidence.log_evidence, wall_now());
  judged(evidence);
  if (reply->policy_version != policy_.version) co_return co_await hello();
  if (reply->baseline_version != baseline_version_) co_return co_await fetch_baseline();
  co_return Result<void>();
}

boost::asio::awaitable<Result<void>> Reporter::fetch_baseline() {
  const auto answer = co_await call("GET", fmt::format("/v1/agents/baseline?version={}", baseline_version_), {});
  if (!answer) co_return answer.error();
  const auto baseline = from_json<wire::Baseline>(*answer);
  if (!baseline) co_return baseline.error();
  wire::HelloReply checked;
  checked.baseline = *baseline;
  if (const auto valid = wire::validate(checked); !valid) co_return valid.error();
  learn_baseline(*baseline);
  co_return Result<void>();
}

boost::asio::awaitable<Result<json::value>> Reporter::call(std::string method, std::string target, json::object body) {
  const auto token = read_token(token_file_);  // each time: projected tokens rotate
  if (!token) co_return token.error();
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = {{"Authorization", "Bearer " + *token}, {"Accept", "application/json"}, {"User-Agent", "charon-agent/" CHARON_VERSION}};
  if (request.method == "POST") {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = json::serialize(body);
  }
  status_ = 0;
  const std::string what = request.method + " " + request.target;
  const auto response = co_await client_.request(std::move(request), call_deadline);
  if (!response) co_return response.error();
  status_ = response->status;
  auto parsed = parse_json(response->body, wire::max_message_bytes);
  if (response->status / 100 == 2) co_return parsed;
  const auto problem = parsed ? from_json<wire::Problem>(*parsed) : Result<wire::Problem>(wire::Problem{});
  const std::string detail = problem ? problem->detail.substr(0, 500) : std::string();
  co_return fail(meaning(response->status), fmt::format("{}: HTTP status {} {}", what, response->status, detail));
}

void Reporter::heard() {
  if (const auto lasted = outage_.ended(Clock::now())) log_.info(events::heard_again(*lasted));
}

void Reporter::tell_exclusions(const Evidence& evidence) {
  for (const MetricEvidence& metric : evidence.metrics) {
    if (metric.excluded != Excluded::series_left_out || std::find(left_out_.begin(), left_out_.end(), metric.metric) != left_out_.end()) continue;
    left_out_.push_back(metric.metric);
    log_.warn(events::series_left_out(metric.metric));
  }
}

/// Newer versions of the same release's come each minute or so, and are no news.
void Reporter::learn_baseline(const wire::Baseline& baseline) {
  baseline_version_ = baseline.version;
  if (baseline.release != baseline_release_) log_.info(events::baseline_arrived(baseline));
  baseline_release_ = baseline.release;
  detector_.set_baseline(baseline);
}

void Reporter::learn_role(wire::Role role) {
  if (role == role_) return;
  role_ = role;
  log_.info(events::role_changed(role));
}

}  // namespace charon::agent
