#include "injector/shell/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::injector {

namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(executor), state_(std::make_shared<State>(std::move(executor))) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
  if (state_->stopping) return;
  const auto entry = state_->running.emplace(state_->running.end());
  const auto ended = [state = state_, entry](std::exception_ptr failed) {
    state->running.erase(entry);
    if (state->running.empty()) state->ended.cancel();
    // Only a bug throws; it ends the program, as it would in a thread.
    if (failed) std::rethrow_exception(failed);
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(entry->slot(), ended));
}

asio::awaitable<void> TaskGroup::stop() {
  const std::shared_ptr<State> state = state_;
  state->stopping = true;
  // emit() may end a task at once, which erases its entry.
  for (auto entry = state->running.begin(); entry != state->running.end();) (entry++)->emit(asio::cancellation_type::terminal);
  while (!state->running.empty()) {
    boost::system::error_code ec;
    co_await state->ended.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

}  // namespace charon::injector
