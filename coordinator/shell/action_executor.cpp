#include "coordinator/shell/action_executor.hpp"

#include "coordinator/shell/action_requests.hpp"
#include "coordinator/shell/shell_events.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::coordinator {
namespace {

namespace asio = boost::asio;
constexpr std::size_t lane_count = 8;

/// The workload, or the object of an Event: the same text for a workload and the Events on it.
std::string subject(const Action& action) {
  if (const auto* event = std::get_if<EmitEvent>(&action)) return event->ns + "/" + event->name;
  return std::visit([](const auto& a) {
    if constexpr (requires { a.key; }) return a.key.text(); else return std::string();
  }, action);
}

std::string kind(const Action& action) {
  constexpr const char* names[] = {"ledger", "baseline", "patch", "event"};
  static_assert(std::variant_size_v<Action> == std::size(names));
  return names[action.index()];
}

}  // namespace

ActionExecutor::ActionExecutor(std::shared_ptr<kube::Client> client, ShellMetrics& metrics, Log log, Outcome outcome)
    : client_(std::move(client)), metrics_(metrics), log_(std::move(log)), outcome_(std::move(outcome)) {
  for (std::size_t i = 0; i < lane_count; ++i) lanes_.emplace_back(client_->executor());
}

void ActionExecutor::start(net::TaskGroup& tasks) {
  for (Lane& lane : lanes_) tasks.spawn(run(lane));
}

void ActionExecutor::submit(Action action) {
  Lane& lane = lanes_[std::hash<std::string>{}(subject(action)) % lanes_.size()];
  if (lane.queue.size() >= max_queued_actions) {
    const Error full = fail(Errc::too_large, "too many actions wait");
    log_.error(shell_events::action_failed(kind(action) + " of " + subject(action), full));
    return outcome_(action, full);
  }
  lane.queue.push_back(std::move(action));
  lane.wake.cancel();
}

bool ActionExecutor::idle() const {
  for (const Lane& lane : lanes_)
    if (lane.busy || !lane.queue.empty()) return false;
  return true;
}

asio::awaitable<void> ActionExecutor::drain(Duration at_most) {
  asio::steady_timer timer(client_->executor());
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (!idle() && std::chrono::steady_clock::now() < end) {
    timer.expires_after(Duration{50});
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> ActionExecutor::run(Lane& lane) {
  for (;;) {
    while (lane.queue.empty()) {
      lane.wake.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code woken;
      co_await lane.wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    Action action = std::move(lane.queue.front());
    lane.queue.pop_front();
    lane.busy = true;
    Action copy = action;
    const Result<boost::json::object> result = co_await carry_out(std::move(copy));
    lane.busy = false;
    metrics_.actions(kind(action), result ? "done" : "failed");
    if (!result) log_.warn(shell_events::action_failed(kind(action) + " of " + subject(action), result.error()));
    outcome_(action, result);
  }
}

asio::awaitable<Result<boost::json::object>> ActionExecutor::carry_out(Action action) {
  if (auto* ledger = std::get_if<WriteLedger>(&action)) co_return co_await write_ledger(client_, std::move(*ledger));
  if (auto* baseline = std::get_if<WriteBaseline>(&action)) co_return co_await write_baseline(client_, std::move(*baseline));
  if (auto* patch = std::get_if<PatchWorkload>(&action)) co_return co_await patch_workload(client_, std::move(*patch), log_);
  co_return co_await emit_event(client_, std::move(std::get<EmitEvent>(action)));
}

}  // namespace charon::coordinator
