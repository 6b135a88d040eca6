#pragma once
/// Coroutines that run as long as the program does, and end together: cancelled, then waited for.
#include "lib/base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>

namespace charon::net {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);

  /// After stop() has begun nothing is started any more.
  void spawn(boost::asio::awaitable<void> task);
  /// Cancels all and returns when the last has ended, or after `at_most`.
  boost::asio::awaitable<void> stop(Duration at_most);

 private:
  struct State {
    explicit State(boost::asio::any_io_executor executor) : ended(executor) {}
    std::list<boost::asio::cancellation_signal> running;
    boost::asio::steady_timer ended;
    bool stopping = false;
  };
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace charon::net
