#include "injector/shell/program.hpp"

#include "injector/shell/certificate_keeper.hpp"
#include "injector/shell/events.hpp"
#include "injector/shell/webhook_keeper.hpp"
#include "injector/shell/webhook_server.hpp"
#include "lib/base/backoff.hpp"
#include "lib/net/admin_server.hpp"
#include "lib/net/shutdown.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>

namespace charon::injector {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds refresh_interval{60};
constexpr Duration grace{5'000};

asio::awaitable<bool> pause(Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  boost::system::error_code ec;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  co_return !ec;
}

struct Parts {
  Settings settings;
  Log log;
  Metrics metrics;
  std::shared_ptr<CertificateKeeper> certificates;
  net::TaskGroup tasks;
  std::unique_ptr<WebhookKeeper> webhooks;
  std::unique_ptr<WorkloadEvents> workloads;
  std::unique_ptr<ClusterView> cluster;
  std::shared_ptr<net::HttpServer> admin, server;
  bool draining = false;

  explicit Parts(asio::any_io_executor executor) : tasks(std::move(executor)) {}

  bool ready() const { return server && !draining && cluster->ready(); }
};

/// Errors: unavailable (the port is taken).
Result<void> listen(Parts& parts, asio::any_io_executor executor) {
  WebhookServerConfig config;
  config.port = parts.settings.listen;
  config.agent = parts.settings.agent;
  config.trust_roots = [keeper = parts.certificates] { return keeper->bundle(); };
  auto listening = webhook_server(std::move(executor), std::move(config), parts.certificates->tls(), *parts.cluster, parts.metrics, parts.log);
  if (!listening) return listening.error();
  parts.server = std::move(*listening);
  parts.tasks.spawn(parts.server->serve());
  events::started(parts.log, parts.settings.agent.version, parts.server->port());
  return {};
}

/// Certificates first, since nothing can be served without; then the webhook, and certificates again and again.
asio::awaitable<void> serve(std::shared_ptr<Parts> parts) {
  const auto executor = co_await asio::this_coro::executor;
  std::minstd_rand random{std::random_device{}()};
  Backoff backoff(Duration{500}, Duration{15'000});
  for (;;) {
    Result<void> refreshed = co_await parts->certificates->refresh(wall_now());
    // Pods are admitted even where the coordinator's Secret is out of reach.
    if (parts->certificates->tls() && !parts->server)
      if (const auto listening = listen(*parts, executor); !listening && refreshed) refreshed = listening;
    parts->metrics.certificates(refreshed.has_value());
    if (!refreshed) events::certificates_failed(parts->log, refreshed.error());
    parts->tasks.spawn(parts->webhooks->reconcile());
    Duration wait = refresh_interval;
    if (refreshed) backoff.reset();
    else wait = backoff.next(random);
    const bool goes_on = co_await pause(wait);
    if (!goes_on) co_return;
  }
}

Result<std::shared_ptr<Parts>> build(asio::any_io_executor executor, Settings settings, kube::ClientConfig api, Log log) {
  auto created = kube::Client::create(executor, std::move(api), log);
  if (!created) return created.error();
  const std::shared_ptr<kube::Client> client = std::move(*created);
  auto parts = std::make_shared<Parts>(executor);
  parts->log = log;
  CertificateConfig names;
  names.ns = settings.ns;
  names.service = settings.service;
  names.coordinator_service = settings.coordinator_service;
  parts->certificates = std::make_shared<CertificateKeeper>(client, std::move(names), log);
  parts->webhooks = std::make_unique<WebhookKeeper>(client, settings.webhook_configuration, parts->certificates, parts->tasks, log);
  parts->workloads = std::make_unique<WorkloadEvents>(client, settings.ns, settings.service, parts->tasks, log);
  ClusterViewConfig view;
  view.native_sidecar = settings.native_sidecar;
  view.breaker.waiting_pods = settings.breaker_pods;
  view.breaker.retry = settings.breaker_retry;
  view.agent_image = settings.agent.image;
  parts->cluster = std::make_unique<ClusterView>(client, view, *parts->workloads, parts->metrics, parts->tasks, log);
  net::AdminConfig admin;
  admin.port = settings.admin;
  admin.registry = parts->metrics.registry();
  admin.ready = [raw = parts.get()] { return raw->ready(); };
  auto listening = net::admin_server(executor, std::move(admin), log);
  if (!listening) return listening.error();
  parts->admin = std::move(*listening);
  parts->settings = std::move(settings);
  return parts;
}

}  // namespace

asio::awaitable<int> run(Settings settings, kube::ClientConfig api, Log log) {
  const auto executor = co_await asio::this_coro::executor;
  auto built = build(executor, std::move(settings), std::move(api), log);
  if (!built) {
    log.error(built.error().message());
    co_return 1;
  }
  const std::shared_ptr<Parts> parts = std::move(*built);
  parts->tasks.spawn(parts->admin->serve());
  parts->cluster->start();
  parts->tasks.spawn(parts->webhooks->watch());
  parts->tasks.spawn(serve(parts));

  const int signal = co_await net::until_signal(executor);
  events::stopping(log, signal);
  // API servers learn late that this replica leaves; calls that meet a closed port are pods without agents.
  parts->draining = true;
  if (parts->server) parts->server->drain();
  const Duration drain = parts->settings.drain;
  if (parts->server) co_await pause(drain);
  if (parts->server) co_await parts->server->stop(grace);
  co_await parts->admin->stop(Duration{0});
  co_await parts->tasks.stop(grace);
  events::stopped(log);
  co_return 0;
}

}  // namespace charon::injector
