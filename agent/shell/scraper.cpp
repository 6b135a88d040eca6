#include "agent/shell/scraper.hpp"

#include "agent/core/exposition_format.hpp"
#include "agent/core/scrape_redirect.hpp"
#include "agent/shell/events.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::agent {
namespace {

constexpr std::size_t max_body_bytes = 8 << 20;
constexpr std::uint64_t empty_scrapes_told = 60;  // five minutes, by default: request counters appear with the first request

net::HttpClientConfig loopback(const ScrapeTarget& target, const char* address) {
  net::HttpClientConfig config;
  config.host = address;
  config.port = std::to_string(target.port);
  config.max_body_bytes = max_body_bytes;
  if (target.tls) config.tls = net::TlsClient::unverified();
  return config;
}

HttpRequest scrape_request(std::string target) {
  HttpRequest request;
  request.target = std::move(target);
  request.headers = {{"Accept", std::string(exposition_accept)},
                     {"Accept-Encoding", "gzip"},
                     {"User-Agent", "charon-agent/" CHARON_VERSION}};
  return request;
}

/// Where the text cannot be read, what it was said to be may explain it: a login page, JSON.
Error unreadable(const Error& error, std::string_view content_type) {
  if (content_type.empty() || content_type.starts_with("text/plain") || content_type.starts_with("application/openmetrics-text")) return error;
  return Error{error.code, fmt::format("the answer is {}, no exposition: {}", content_type.substr(0, 100), error.context)};
}

}  // namespace

Scraper::Scraper(boost::asio::any_io_executor executor, const ScrapeTarget& target, Detector& detector, AgentMetrics& metrics,
                 std::function<void()> judged, Log log)
    : executor_(executor), target_(target), detector_(detector), metrics_(metrics), judged_(std::move(judged)), log_(std::move(log)) {
  for (const char* address : {"127.0.0.1", "::1"}) clients_.emplace_back(executor, loopback(target, address));
}

boost::asio::awaitable<void> Scraper::run(std::function<Duration()> interval) {
  boost::asio::steady_timer timer(executor_);
  // Agents that start together must not scrape together for ever: a random phase, then a tenth of jitter around the grid.
  auto next = std::chrono::steady_clock::now() + Duration{std::uniform_int_distribution<Duration::rep>(0, interval().count())(random_)};
  for (;;) {
    const Duration every = interval();
    const Duration jitter{std::uniform_int_distribution<Duration::rep>(-every.count() / 20, every.count() / 20)(random_)};
    timer.expires_at(next + jitter);
    co_await timer.async_wait(boost::asio::use_awaitable);
    if (detector_.is_terminating()) co_return;  // a draining application's port closes: no trouble worth telling
    co_await scrape(every * 9 / 10);
    next += every;
    if (const auto now = std::chrono::steady_clock::now(); next < now) next = now + every;  // after a pause nothing is caught up
  }
}

boost::asio::awaitable<Result<HttpResponse>> Scraper::get(std::string target, Clock::time_point deadline) {
  std::optional<Error> first;  // the same one each time, whichever address was tried first
  for (std::size_t tried = 0;; ++tried) {
    HttpRequest request = scrape_request(target);
    const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now());
    auto response = co_await clients_[answers_].request(std::move(request), std::max(left, Duration{1}));
    if (response || !response.error().is(Errc::unavailable)) co_return response;
    if (answers_ == 0) first = response.error();
    if (tried + 1 == clients_.size()) co_return *first;
    answers_ = (answers_ + 1) % clients_.size();
  }
}

boost::asio::awaitable<Result<HttpResponse>> Scraper::fetch(Clock::time_point deadline) {
  std::string target = target_.path;
  for (int redirects = 0;; ++redirects) {
    auto response = co_await get(target, deadline);
    if (!response || !is_redirect(response->status)) co_return response;
    if (redirects == max_redirects) co_return fail(Errc::rejected, fmt::format("redirected {} times, last by {}", redirects + 1, target));
    auto next = redirect_target(find_header(response->headers, "Location"), target_.tls, target_.port, target);
    if (!next) co_return next.error();
    target = std::move(*next);
  }
}

boost::asio::awaitable<void> Scraper::scrape(Duration deadline) {
  const auto began = Clock::now();
  if (const auto step = clock_.look(wall_now(), began)) log_.warn(events::clock_moved(*step));
  const auto response = co_await fetch(began + deadline);
  const auto samples = response ? feed(*response) : Result<std::uint64_t>(response.error());
  if (!samples && samples.error().is(Errc::shutting_down)) co_return;
  // What is too large for the agent is the agent's bound, and no failure of the application.
  if (!samples && !samples.error().is(Errc::too_large)) detector_.scrape_failed(wall_now());
  metrics_.scraped(samples.has_value(), std::chrono::duration_cast<Duration>(Clock::now() - began), samples ? *samples : 0);
  tell(samples);
  judged_();
}

void Scraper::tell(const Result<std::uint64_t>& samples) {
  if (!samples) {
    const Error& error = samples.error();
    if (outage_.failed(error.message(), Clock::now())) log_.warn(error.is(Errc::too_large) ? events::scrape_too_large(error, max_body_bytes) : events::scrape_failed(error));
    return;
  }
  if (const auto lasted = outage_.ended(Clock::now())) log_.info(events::scrape_works_again(*samples, *lasted));
  else if (!worked_) log_.info(events::scrape_works(*samples));
  worked_ = true;
  empty_scrapes_ = detector_.evidence().series > 0 ? 0 : empty_scrapes_ + 1;
  if (empty_scrapes_ == empty_scrapes_told) log_.warn(events::nothing_to_judge(*samples));
}

Result<std::uint64_t> Scraper::feed(const HttpResponse& response) {
  if (response.status != 200) return fail(Errc::rejected, fmt::format("HTTP status {} of port {}, path {}", response.status, target_.port, target_.path));
  const std::string_view type = find_header(response.headers, "Content-Type");
  parser_.start(response.body, dialect_of_content_type(type));
  detector_.begin_scrape(wall_now());
  for (std::uint64_t samples = 0;;) {
    switch (parser_.next()) {
      case ExpositionItem::sample:
        detector_.observe(parser_.sample());
        ++samples;
        break;
      case ExpositionItem::error: return unreadable(to_error(parser_.error()), type);
      case ExpositionItem::end: detector_.end_scrape(); return samples;
      default: break;
    }
  }
}

}  // namespace charon::agent
