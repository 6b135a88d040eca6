#pragma once
/// Asks the core what is to be done, each second and when something happened that cannot wait, and has it done.
#include "coordinator/core/coordinator.hpp"
#include "coordinator/shell/action_executor.hpp"

namespace charon::coordinator {

class Reconciler {
 public:
  Reconciler(Coordinator& core, std::shared_ptr<kube::Client> client, ShellMetrics& metrics, Log log);

  void start(net::TaskGroup& tasks);
  /// Do not wait for the next second.
  void hurry();
  /// Finishes what is in hand.
  boost::asio::awaitable<void> drain(Duration at_most) { return actions_.drain(at_most); }

 private:
  boost::asio::awaitable<void> run();

  Coordinator& core_;
  ShellMetrics& metrics_;
  ActionExecutor actions_;
  boost::asio::steady_timer wait_;
  bool hurried_ = false;
};

}  // namespace charon::coordinator
