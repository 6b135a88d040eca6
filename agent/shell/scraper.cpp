#include "agent/shell/scraper.hpp"

#include "agent/core/exposition_format.hpp"
#include "agent/shell/events.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::agent {
namespace {

constexpr std::size_t max_body_bytes = 8 << 20;

net::HttpClientConfig loopback(const ScrapeTarget& target, const char* address) {
  net::HttpClientConfig config;
  config.host = address;
  config.port = std::to_string(target.port);
  config.max_body_bytes = max_body_bytes;
  if (target.tls) config.tls = net::TlsClient::unverified();
  return config;
}

HttpRequest scrape_request(const ScrapeTarget& target) {
  HttpRequest request;
  request.target = target.path;
  request.headers = {{"Accept", std::string(exposition_accept)},
                     {"Accept-Encoding", "gzip"},
                     {"User-Agent", "charon-agent/" CHARON_VERSION}};
  return request;
}

}  // namespace

Scraper::Scraper(boost::asio::any_io_executor executor, const ScrapeTarget& target, Detector& detector, AgentMetrics& metrics,
                 std::function<void()> judged, Log log)
    : executor_(executor), request_(scrape_request(target)), detector_(detector), metrics_(metrics), judged_(std::move(judged)), log_(std::move(log)) {
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
    co_await scrape(every * 9 / 10);
    next += every;
    if (const auto now = std::chrono::steady_clock::now(); next < now) next = now + every;  // after a pause nothing is caught up
  }
}

boost::asio::awaitable<Result<HttpResponse>> Scraper::fetch(Duration deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (std::size_t tried = 0;; ++tried) {
    HttpRequest request = request_;
    const auto left = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
    auto response = co_await clients_[answers_].request(std::move(request), std::max(left, Duration{1}));
    if (response || !response.error().is(Errc::unavailable) || tried + 1 == clients_.size()) co_return response;
    answers_ = (answers_ + 1) % clients_.size();
  }
}

boost::asio::awaitable<void> Scraper::scrape(Duration deadline) {
  const auto began = std::chrono::steady_clock::now();
  const auto response = co_await fetch(deadline);
  const auto samples = response ? feed(*response) : Result<std::uint64_t>(response.error());
  // What is too large for the agent is the agent's bound, and no failure of the application.
  if (!samples && !samples.error().is(Errc::too_large)) detector_.scrape_failed(wall_now());
  metrics_.scraped(samples.has_value(), std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began), samples ? *samples : 0);
  if (worked_ != samples.has_value()) {
    if (samples) log_.info(events::scrape_works(*samples)); else log_.warn(events::scrape_failed(samples.error()));
    worked_ = samples.has_value();
  }
  judged_();
}

Result<std::uint64_t> Scraper::feed(const HttpResponse& response) {
  if (response.status != 200) return fail(Errc::rejected, fmt::format("HTTP status {}", response.status));
  parser_.start(response.body, dialect_of_content_type(find_header(response.headers, "Content-Type")));
  detector_.begin_scrape(wall_now());
  for (std::uint64_t samples = 0;;) {
    switch (parser_.next()) {
      case ExpositionItem::sample:
        detector_.observe(parser_.sample());
        ++samples;
        break;
      case ExpositionItem::error: return to_error(parser_.error());
      case ExpositionItem::end: detector_.end_scrape(); return samples;
      default: break;
    }
  }
}

}  // namespace charon::agent
