#include "coordinator/shell/reconciler.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::coordinator {
namespace asio = boost::asio;

Reconciler::Reconciler(Coordinator& core, std::shared_ptr<kube::Client> client, ShellMetrics& metrics, Log log)
    : core_(core),
      metrics_(metrics),
      actions_(client, metrics, std::move(log),
               [this](const Action& action, const Result<boost::json::object>& result) {
                 core_.outcome(action, result, wall_now());
                 hurry();  // an acknowledged intent lets its patch follow at once
               }),
      wait_(client->executor()) {}

void Reconciler::start(net::TaskGroup& tasks) {
  actions_.start(tasks);
  tasks.spawn(run());
}

void Reconciler::hurry() {
  hurried_ = true;
  wait_.cancel();
}

asio::awaitable<void> Reconciler::run() {
  asio::steady_timer together(wait_.get_executor());
  for (;;) {
    hurried_ = false;
    std::vector<Action> actions = core_.tick(wall_now());
    for (Action& action : actions) actions_.submit(std::move(action));
    metrics_.publish(core_.counters());
    // A thousand reports at once are one hurry.
    together.expires_after(Duration{20});
    co_await together.async_wait(asio::use_awaitable);
    if (hurried_) continue;
    wait_.expires_after(std::chrono::seconds{1});
    boost::system::error_code early;
    co_await wait_.async_wait(asio::redirect_error(asio::use_awaitable, early));
  }
}

}  // namespace charon::coordinator
