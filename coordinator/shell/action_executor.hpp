#pragma once
/// Carries out what the core wants done: a few lanes, each in order, a workload's actions always in the same lane.
#include "coordinator/core/action.hpp"
#include "coordinator/shell/shell_metrics.hpp"
#include "lib/kube/client.hpp"
#include "lib/net/task_group.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>

namespace charon::coordinator {

inline constexpr int max_patch_tries = 5;
inline constexpr std::size_t max_queued_actions = 10'000;  ///< of one lane

class ActionExecutor {
 public:
  using Outcome = std::function<void(const Action&, const Result<boost::json::object>&)>;

  ActionExecutor(std::shared_ptr<kube::Client> client, ShellMetrics& metrics, Log log, Outcome outcome);
  /// Starts the lanes in `tasks`.
  void start(net::TaskGroup& tasks);
  /// Every action gets its outcome, later; too_large at once where the lane is full.
  void submit(Action action);
  bool idle() const;
  /// Waits until nothing is queued or in hand.
  boost::asio::awaitable<void> drain(Duration at_most);

 private:
  struct Lane {
    explicit Lane(boost::asio::any_io_executor executor) : wake(executor) {}
    std::deque<Action> queue;
    bool busy = false;
    boost::asio::steady_timer wake;
  };
  boost::asio::awaitable<void> run(Lane& lane);
  boost::asio::awaitable<Result<boost::json::object>> carry_out(Action action);

  std::shared_ptr<kube::Client> client_;
  ShellMetrics& metrics_;
  Log log_;
  Outcome outcome_;
  std::deque<Lane> lanes_;
};

}  // namespace charon::coordinator
