#include "coordinator/shell/coordinator_server.hpp"
#include "coordinator/shell/settings.hpp"
#include "coordinator/shell/shell_events.hpp"
#include "coordinator/shell/tls_files.hpp"
#include "lib/net/shutdown.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

namespace {

using namespace charon;
using namespace charon::coordinator;
using namespace boost::asio::experimental::awaitable_operators;

/// The API listens as soon as there is a certificate, which the injector makes; until then the cluster is watched.
boost::asio::awaitable<void> serve(CoordinatorServer& server, TlsFiles& files, Log log) {
  const std::shared_ptr<net::TlsServer> tls = co_await files.wait();
  if (auto listening = server.listen(tls); !listening) {
    log.error(shell_events::cannot_start(listening.error()));
    co_return;
  }
  co_await files.watch(tls);
}

boost::asio::awaitable<int> run(Settings settings, std::shared_ptr<kube::Client> client, Log log) {
  const auto executor = client->executor();
  TlsFiles files(executor, settings.tls_dir, log);
  CoordinatorServerConfig config;
  config.ns = config.core.ns = settings.ns;
  config.listen = settings.listen;
  config.admin = settings.admin;
  config.trust_bundle = [&files] { return files.trust_bundle(); };
  if (settings.settle_time) config.core.settle_time = *settings.settle_time;
  CoordinatorServer server(client, config, log);
  if (auto started = server.start(); !started) {
    log.error(shell_events::cannot_start(started.error()));
    co_return 1;
  }
  // Ends by itself only if the port cannot be bound, which the program must not outlive.
  auto ended = co_await (serve(server, files, log) || net::until_signal(executor));
  if (const int* signal = std::get_if<1>(&ended)) log.info(shell_events::stopping(*signal));
  co_await server.stop();
  co_return ended.index() == 1 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Log log;
  const auto settings = read_settings(argc, argv);
  if (!settings) {
    log.error(shell_events::cannot_start(settings.error()));
    return 2;
  }
  if (!*settings) return 0;
  log.threshold((*settings)->log_level);
  boost::asio::io_context context(1);
  const auto kube_config = (*settings)->api.config();
  const auto client = kube_config ? kube::Client::create(context.get_executor(), *kube_config, log) : Result<std::shared_ptr<kube::Client>>(kube_config.error());
  if (!client) {
    log.error(shell_events::cannot_start(client.error()));
    return 2;
  }
  int status = 1;
  boost::asio::co_spawn(context, run(**settings, *client, log), [&](std::exception_ptr error, int result) {
    if (error) std::rethrow_exception(error);
    status = result;
  });
  context.run();
  return status;
}
