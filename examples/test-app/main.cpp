/// test-app: a workload with known faults per release and per device. Service, /metrics and /healthz on port 8080.
#include "examples/test-app/node_labels.hpp"
#include "examples/test-app/service.hpp"
#include "lib/net/http_server.hpp"
#include "lib/net/shutdown.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <cstdlib>

namespace {

using namespace charon;
namespace asio = boost::asio;

asio::awaitable<void> crash(Duration after, Log log) {
  asio::steady_timer timer(co_await asio::this_coro::executor, after);
  co_await timer.async_wait(asio::use_awaitable);
  log.error("this release crashes");
  std::_Exit(1);
}

asio::awaitable<void> until_ended(asio::io_context& context, std::shared_ptr<net::HttpServer> server, Log log) {
  const int signal = co_await net::until_signal(context.get_executor());
  log.info(fmt::format("signal {}: draining", signal));
  co_await server->stop(Duration{2'000});
  context.stop();  // what is left is the endless load
}

asio::awaitable<HttpResponse> answer(std::shared_ptr<test_app::Service> service, HttpRequest request) {
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  if (request.target == "/metrics") {
    service->sample_process();
    response.body = prometheus::TextSerializer().Serialize(service->registry()->Collect());
  } else if (request.target == "/healthz") {
    response.body = "ok\n";
  } else {
    response = co_await service->handle(std::move(request));
  }
  co_return response;
}

}  // namespace

int main() {
  const Log log;
  const auto release = test_app::read_release([](const char* name) { return std::getenv(name); });
  if (!release) return log.error(release.error().message()), 2;
  auto device = test_app::measure_device(release->where.processor_below);
  if (release->where.label) {
    auto labels = test_app::read_node_labels(log);
    if (!labels) return log.error(fmt::format("cannot read this node's labels: {}", labels.error().message())), 1;
    device.labels = std::move(*labels);
  }
  const bool faulty = release->fault != test_app::Fault::none && test_app::shows(release->where, device);
  log.info(fmt::format("test-app {} starts{}", release->version, release->where.processor_below ? fmt::format(", with {:.2f} of a processor", device.processor_share) : ""));
  if (faulty) log.warn(fmt::format("this release is faulty here: processor share {:.2f}, memory {} MiB", device.processor_share, device.memory_bytes >> 20));

  asio::io_context context(1);
  const auto executor = context.get_executor();
  const auto service = std::make_shared<test_app::Service>(executor, *release, faulty, std::random_device{}());
  net::HttpServerConfig config;
  config.address = "::";
  config.port = 8080;
  auto server = net::HttpServer::listen(executor, config, [service](HttpRequest request) { return answer(service, std::move(request)); }, log);
  if (!server) return log.error(server.error().message()), 1;
  asio::co_spawn(executor, (*server)->serve(), asio::detached);
  asio::co_spawn(executor, service->load(), asio::detached);
  if (faulty && release->fault == test_app::Fault::crash) asio::co_spawn(executor, crash(release->crash_after, log), asio::detached);
  asio::co_spawn(executor, until_ended(context, *server, log), asio::detached);
  context.run();
}
