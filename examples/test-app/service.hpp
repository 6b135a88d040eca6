#pragma once
/// The service: answers requests, counts them, and makes load for itself.
#include "examples/test-app/release.hpp"
#include "lib/base/http_message.hpp"
#include "lib/base/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>
#include <random>
#include <vector>

namespace charon::test_app {

/// Metrics: http_requests_total{code,method,path}, http_request_duration_seconds{path}, process_start_time_seconds,
/// process_resident_memory_bytes, process_cpu_seconds_total, test_app_info{release}. One strand (io_context) owns it.
class Service {
 public:
  /// `faulty`: the release's fault shows on this device.
  Service(boost::asio::any_io_executor executor, Release release, bool faulty, std::uint64_t seed);

  /// Answers one request as the release does: waits for its backend, works, and gives up at its deadline.
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request);
  /// Makes requests_per_second calls of handle(), in bursts, until cancelled.
  boost::asio::awaitable<void> load();
  /// Brings the process's own metrics up to date.
  void sample_process();

  std::shared_ptr<prometheus::Registry> registry() const { return registry_; }
  std::size_t leaked_bytes() const { return leaked_.size() * release_.leak_bytes; }

 private:
  boost::asio::awaitable<void> one_request(bool write);
  unsigned answer(std::chrono::steady_clock::time_point arrived);
  boost::asio::awaitable<void> wait(std::chrono::milliseconds duration);
  bool happens(double share);
  void count(unsigned status, const HttpRequest& request, std::chrono::steady_clock::time_point arrived);

  boost::asio::any_io_executor executor_;
  Release release_;
  bool faulty_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<char[]>> leaked_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Gauge& resident_;
  prometheus::Counter& processor_;
};

}  // namespace charon::test_app
