#include "agent/shell/worker.hpp"

#include "agent/shell/events.hpp"
#include "agent/shell/evidence_page.hpp"
#include "agent/shell/reporter.hpp"
#include "agent/shell/scraper.hpp"
#include "lib/net/admin_server.hpp"
#include "lib/net/shutdown.hpp"
#include "lib/net/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace charon::agent {
namespace {

boost::asio::awaitable<int> run(const Settings& settings, std::shared_ptr<net::TlsClient> tls, Log log) {
  const auto executor = co_await boost::asio::this_coro::executor;
  AgentMetrics metrics;
  Detector detector(wire::AgentPolicy{}, 0);  // counts, and judges nothing before the coordinator has given an alpha share
  Reporter reporter(executor, settings, tls, detector, metrics, log);
  const ScrapeTarget target{settings.metrics_port, settings.metrics_path, settings.metrics_tls};
  auto judged = [&reporter] { reporter.judged(); };
  Scraper scraper(executor, target, detector, metrics, judged, log);

  net::AdminConfig admin;
  admin.port = settings.admin_port;
  admin.registry = metrics.registry();
  admin.pages["/debug/evidence"] = [&] { return net::json_response(200, evidence_page(detector.evidence(), reporter.role())); };
  const auto server = net::admin_server(executor, admin, log);
  if (!server) log.error(events::no_admin(server.error()));  // the port may be the application's: judging needs none
  net::TaskGroup tasks(executor);
  auto interval = [&] { return settings.scrape_interval.value_or(reporter.policy().scrape_interval); };
  if (server) tasks.spawn((*server)->serve());
  tasks.spawn(scraper.run(interval));
  tasks.spawn(reporter.run());

  const int signal = co_await net::until_signal(executor);
  log.info(events::stopping(signal));
  detector.terminating();
  if (server) co_await (*server)->stop(Duration{500});
  co_await tasks.stop(Duration{2'000});
  co_return 0;
}

}  // namespace

int work(const Settings& settings, const Log& log) {
  const auto tls = net::TlsClient::create(settings.trust_roots);
  if (!tls) {
    log.error(events::cannot_start(tls.error()));
    return 1;
  }
  log.info(events::starting(fmt::format("{}/{} on {} (port {}, {})", settings.ns, settings.pod, settings.node, settings.metrics_port, settings.metrics_path),
                            settings.coordinator_host));
  boost::asio::io_context context(1);
  int status = 1;
  boost::asio::co_spawn(context, run(settings, *tls, log), [&](std::exception_ptr error, int result) {
    if (error) std::rethrow_exception(error);
    status = result;
  });
  context.run();
  return status;
}

}  // namespace charon::agent
