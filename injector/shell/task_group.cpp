#include "injector/shell/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::injector {

namespace asio = boost::asio;

namespace {

/// A cancelled coroutine ends by operation_aborted at its next await. Anything else is a bug, and ends the program as it
/// would in a thread.
void rethrow_bug(std::exception_ptr failed) {
  if (!failed) return;
  try {
    std::rethrow_exception(failed);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) throw;
  }
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(executor), state_(std::make_shared<State>(std::move(executor))) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
  if (state_->stopping) return;
  const auto entry = state_->running.emplace(state_->running.end());
  const auto ended = [state = state_, entry](std::exception_ptr failed) {
    state->running.erase(entry);
    if (state->running.empty()) state->ended.cancel();
    rethrow_bug(failed);
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
