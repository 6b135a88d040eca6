#include "examples/test-app/service.hpp"

#include "examples/test-app/work.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fstream>

#include <unistd.h>

namespace charon::test_app {
namespace {

using Clock = std::chrono::steady_clock;

/// Wide at the low end on purpose: what is answered within the deadline is good enough for this service.
const prometheus::Histogram::BucketBoundaries buckets{0.25, 0.5, 1, 2.5, 5};
constexpr std::size_t max_concurrent_paths = 2;
constexpr std::string_view paths[max_concurrent_paths] = {"/", "/api/items"};

/// Only known paths become labels: a stranger's paths would be series without bound.
std::string path_label(std::string_view target) {
  target = target.substr(0, target.find('?'));
  return std::find(std::begin(paths), std::end(paths), target) == std::end(paths) ? "other" : std::string(target);
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Service::Service(boost::asio::any_io_executor executor, Release release, bool faulty, std::uint64_t seed)
    : executor_(std::move(executor)),
      release_(std::move(release)),
      faulty_(faulty),
      random_(seed),
      requests_(prometheus::BuildCounter().Name("http_requests_total").Help("Requests answered.").Register(*registry_)),
      durations_(prometheus::BuildHistogram().Name("http_request_duration_seconds").Help("From arrival to answer.").Register(*registry_)),
      resident_(gauge(*registry_, "process_resident_memory_bytes", "Resident memory.")),
      processor_(prometheus::BuildCounter().Name("process_cpu_seconds_total").Help("Processor time.").Register(*registry_).Add({})) {
  gauge(*registry_, "process_start_time_seconds", "Start of the process since the epoch.")
      .Set(std::chrono::duration<double>(wall_now().time_since_epoch()).count());
  prometheus::BuildGauge().Name("test_app_info").Help("The release.").Register(*registry_).Add({{"release", release_.version}}).Set(1);
  for (const auto path : paths) requests_.Add({{"code", "500"}, {"method", "GET"}, {"path", std::string(path)}});
}

boost::asio::awaitable<void> Service::wait(std::chrono::milliseconds duration) {
  boost::asio::steady_timer timer(executor_, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

bool Service::happens(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }

boost::asio::awaitable<HttpResponse> Service::handle(HttpRequest request) {
  const auto arrived = Clock::now();
  const auto half = release_.backend / 2;
  std::uniform_int_distribution<Duration::rep> backend(half.count(), half.count() * 3);
  Duration pause{backend(random_)};
  if (faulty_ && release_.fault == Fault::slow) pause += release_.fault_delay;
  co_await wait(pause);

  HttpResponse response;
  response.status = answer(arrived);
  response.headers.emplace_back("Content-Type", "text/plain");
  response.body = "test-app " + release_.version + "\n";
  count(response.status, request, arrived);
  co_return response;
}

/// 200, 500 (failed) or 503 (the deadline passed, work left undone).
unsigned Service::answer(Clock::time_point arrived) {
  if (faulty_ && release_.fault == Fault::leak && leaked_bytes() + release_.leak_bytes <= release_.leak_limit) {
    leaked_.push_back(std::make_unique<char[]>(release_.leak_bytes));
    std::memset(leaked_.back().get(), 1, release_.leak_bytes);  // touched, so that it is resident
  }
  // The slow fault's added wait is not the deadline's business: a slow release answers, late.
  const auto deadline = arrived + release_.deadline + (faulty_ && release_.fault == Fault::slow ? release_.fault_delay : Duration{0});
  constexpr std::uint64_t slice = 50;
  for (std::uint64_t done = 0; done < release_.work; done += slice) {
    if (Clock::now() > deadline) return 503;
    work(std::min(slice, release_.work - done));
  }
  if (Clock::now() > deadline) return 503;
  if (happens(release_.error_share)) return 500;
  return faulty_ && release_.fault == Fault::errors && happens(release_.fault_share) ? 500 : 200;
}

void Service::count(unsigned status, const HttpRequest& request, Clock::time_point arrived) {
  const std::string path = path_label(request.target);
  const std::string method = request.method == "GET" || request.method == "POST" ? request.method : "other";
  requests_.Add({{"code", std::to_string(status)}, {"method", method}, {"path", path}}).Increment();
  durations_.Add({{"path", path}}, buckets).Observe(std::chrono::duration<double>(Clock::now() - arrived).count());
}

boost::asio::awaitable<void> Service::one_request(bool write) {
  HttpRequest request;
  request.method = write ? "POST" : "GET";
  request.target = paths[write ? 1 : 0];
  co_await handle(std::move(request));
}

boost::asio::awaitable<void> Service::load() {
  if (release_.requests_per_second <= 0) co_return;
  // Not in step with the other pods of the release.
  std::uniform_int_distribution<Duration::rep> phase(0, release_.burst.count());
  co_await wait(Duration{phase(random_)});
  double owed = 0;
  for (;;) {
    owed += release_.requests_per_second * std::chrono::duration<double>(release_.burst).count();
    for (; owed >= 1; owed -= 1)
      boost::asio::co_spawn(executor_, one_request(happens(0.3)), boost::asio::detached);
    co_await wait(release_.burst);
  }
}

void Service::sample_process() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  if (statm >> pages >> resident) resident_.Set(resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  const double seconds = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  processor_.Increment(std::max(0.0, seconds - processor_.Value()));
}

}  // namespace charon::test_app
