#pragma once
/// Gets the application's metrics on localhost and feeds the detector, at jittered intervals. Follows redirects there.
#include "agent/core/clock_steps.hpp"
#include "agent/core/detector.hpp"
#include "agent/core/exposition_parser.hpp"
#include "agent/core/outage.hpp"
#include "agent/shell/agent_metrics.hpp"
#include "lib/base/log.hpp"
#include "lib/net/http_client.hpp"

#include <functional>
#include <random>

namespace charon::agent {

struct ScrapeTarget {
  unsigned short port;
  std::string path;
  bool tls;  ///< the application's certificate is not checked: the connection does not leave the pod
};

class Scraper {
 public:
  /// `judged` is called after each scrape, failed ones included.
  Scraper(boost::asio::any_io_executor executor, const ScrapeTarget& target, Detector& detector, AgentMetrics& metrics,
          std::function<void()> judged, Log log);

  /// Until cancelled, or nothing is judged any more. `interval` is read before each wait, so a new policy applies at once.
  boost::asio::awaitable<void> run(std::function<Duration()> interval);

 private:
  using Clock = std::chrono::steady_clock;
  boost::asio::awaitable<Result<HttpResponse>> fetch(Clock::time_point deadline);
  /// From whichever address answers.
  boost::asio::awaitable<Result<HttpResponse>> get(std::string target, Clock::time_point deadline);
  boost::asio::awaitable<void> scrape(Duration deadline);
  /// Number of samples.
  Result<std::uint64_t> feed(const HttpResponse& response);
  void tell(const Result<std::uint64_t>& samples);

  boost::asio::any_io_executor executor_;
  ScrapeTarget target_;
  std::vector<net::HttpClient> clients_;  ///< 127.0.0.1 and ::1: an application may listen on one of them only
  std::size_t answers_ = 0;               ///< index of the client that answered last
  Detector& detector_;
  AgentMetrics& metrics_;
  std::function<void()> judged_;
  ExpositionParser parser_;
  std::minstd_rand random_{std::random_device{}()};
  Outage outage_;
  ClockSteps clock_;
  bool worked_ = false;                   ///< a scrape, ever
  std::uint64_t empty_scrapes_ = 0;       ///< good ones in a row, without anything that is judged
  Log log_;
};

}  // namespace charon::agent
