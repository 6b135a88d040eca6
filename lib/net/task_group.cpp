#include "lib/net/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace charon::net {
namespace asio = boost::asio;

TaskGroup::TaskGroup(asio::any_io_executor executor) : executor_(executor), state_(std::make_shared<State>(executor)) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
  if (state_->stopping) return;
  const auto signal = state_->running.emplace(state_->running.end());
  auto ended = [state = state_, signal](std::exception_ptr error) {
    state->running.erase(signal);
    if (state->running.empty()) state->ended.cancel();
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& cancelled) {
      if (cancelled.code() != asio::error::operation_aborted) throw;  // a bug: let it end the program
    }
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

asio::awaitable<void> TaskGroup::stop(Duration at_most) {
  state_->stopping = true;
  // A task may end, and leave the list, while its signal is emitted.
  for (auto signal = state_->running.begin(); signal != state_->running.end();) (signal++)->emit(asio::cancellation_type::terminal);
  if (state_->running.empty()) co_return;
  state_->ended.expires_after(at_most);
  boost::system::error_code ended;
  co_await state_->ended.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

}  // namespace charon::net
