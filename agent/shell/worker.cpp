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

/// All that coroutines refer to. It outlives the io_context's run(), which returns when the last of them has ended: also
/// one that did not end within its time when it was stopped.
class Worker {
 public:
  Worker(boost::asio::any_io_executor executor, const Settings& settings, std::shared_ptr<net::TlsClient> tls, const Log& log)
      : settings_(settings),
        log_(log),
        reporter_(executor, settings, std::move(tls), detector_, metrics_, log),
        scraper_(executor, {settings.metrics_port, settings.metrics_path, settings.metrics_tls}, detector_, metrics_, [this] { reporter_.scraped(); }, log),
        admin_(admin(executor)),
        tasks_(executor) {}

  boost::asio::awaitable<void> run() {
    if (!admin_) log_.error(events::no_admin(admin_.error()));  // the port may be the application's: judging needs none
    auto interval = [this] { return settings_.scrape_interval.value_or(reporter_.policy().scrape_interval); };
    if (admin_) tasks_.spawn((*admin_)->serve());
    tasks_.spawn(scraper_.run(interval));
    tasks_.spawn(reporter_.run());

    const auto executor = co_await boost::asio::this_coro::executor;
    const int signal = co_await net::until_signal(executor);
    log_.info(events::stopping(signal));
    detector_.terminating();
    if (admin_) co_await (*admin_)->stop(Duration{500});
    co_await tasks_.stop(Duration{2'000});
  }

 private:
  Result<std::shared_ptr<net::HttpServer>> admin(boost::asio::any_io_executor executor) {
    net::AdminConfig config;
    config.port = settings_.admin_port;
    config.registry = metrics_.registry();
    config.pages["/debug/evidence"] = [this] { return net::json_response(200, evidence_page(detector_.evidence(), reporter_.role())); };
    return net::admin_server(std::move(executor), std::move(config), log_);
  }

  const Settings& settings_;
  const Log& log_;
  AgentMetrics metrics_;
  Detector detector_{wire::AgentPolicy{}, 0};  // counts, and judges nothing before the coordinator has given an alpha share
  Reporter reporter_;
  Scraper scraper_;
  Result<std::shared_ptr<net::HttpServer>> admin_;
  net::TaskGroup tasks_;
};

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
  Worker worker(context.get_executor(), settings, *tls, log);
  boost::asio::co_spawn(context, worker.run(), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
  return 0;
}

}  // namespace charon::agent
