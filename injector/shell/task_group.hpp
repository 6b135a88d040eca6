#pragma once
/// Coroutines that end together: cancelled, then waited for, so that what they refer to may go.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>

namespace charon::injector {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);

  /// After stop() has begun nothing is started any more.
  void spawn(boost::asio::awaitable<void> task);
  /// Cancels all, and returns when the last has ended.
  boost::asio::awaitable<void> stop();

 private:
  struct State {
    explicit State(boost::asio::any_io_executor executor) : ended(executor, boost::asio::steady_timer::time_point::max()) {}
    std::list<boost::asio::cancellation_signal> running;
    boost::asio::steady_timer ended;
    bool stopping = false;
  };
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace charon::injector
