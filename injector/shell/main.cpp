/// charon-injector: the mutating admission webhook. Reads its settings, runs its parts, drains.
#include "injector/shell/program.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace {

boost::asio::awaitable<void> run_and_tell(charon::injector::Settings settings, charon::kube::ClientConfig api, charon::Log log, int& status) {
  status = co_await charon::injector::run(std::move(settings), std::move(api), std::move(log));
}

}  // namespace

int main(int argc, char** argv) {
  auto settings = charon::injector::read_settings(argc, argv);
  if (!settings) {
    std::cerr << "charon-injector: " << settings.error().message() << '\n';
    return 2;
  }
  if (!*settings) return 0;
  auto api = (*settings)->api.config();
  if (!api) {
    std::cerr << "charon-injector: " << api.error().message() << '\n';
    return 1;
  }
  charon::Log log;
  log.threshold((*settings)->log_level);
  boost::asio::io_context context(1);
  int status = 1;
  boost::asio::co_spawn(context, run_and_tell(std::move(**settings), std::move(*api), log, status), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
  return status;
}
