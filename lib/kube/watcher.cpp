#include "lib/kube/watcher.hpp"

#include "lib/kube/log_events.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::kube {
namespace {

namespace asio = boost::asio;

/// What the coroutine and the stream's line handler share.
struct Watching {
  Watching(asio::any_io_executor executor, WatchConfig config, WatchHandlers h, Log l)
      : what(config.resource.plural + (config.ns.empty() ? "" : " in " + config.ns)),
        most(config.max_objects),
        state(std::move(config), std::random_device{}()),
        handlers(std::move(h)),
        log(std::move(l)),
        stop(std::move(executor)) {}

  std::string what;
  std::size_t most;
  WatchState state;
  WatchHandlers handlers;
  Log log;
  asio::steady_timer stop;  ///< never rings; cancelled when the stream is not worth reading further

  void tell(const WatchState::Changes& changes) {
    if (state.take_overflow()) log_events::watch_full(log, what, most);
    for (const WatchChange& change : changes) {
      switch (change.kind) {
        case WatchChange::Kind::upsert:
          if (handlers.upsert) handlers.upsert(change.object);
          break;
        case WatchChange::Kind::removed:
          if (handlers.removed) handlers.removed(change.object);
          break;
        case WatchChange::Kind::synced:
          log_events::watch_synced(log, what, state.size());
          if (handlers.synced) handlers.synced();
          break;
      }
    }
  }
};

asio::awaitable<void> list_page(std::shared_ptr<Client> client, std::shared_ptr<Watching> watching, WatchState::List list) {
  if (!list.why.empty()) log_events::watch_lists_again(watching->log, watching->what, list.why);
  auto page = co_await client->call(std::move(list.request));
  if (!page && page.error().is(Errc::shutting_down)) co_return;
  const auto changes = watching->state.listed(std::move(page));
  watching->tell(changes);
}

asio::awaitable<void> watch_once(std::shared_ptr<Client> client, std::shared_ptr<Watching> watching, WatchState::Watch watch) {
  watching->stop.expires_at(asio::steady_timer::time_point::max());
  std::function<void(std::string_view)> on_line = [watching](std::string_view text) {
    watching->tell(watching->state.line(text));
    if (watching->state.done()) watching->stop.cancel();
  };
  auto stream = asio::co_spawn(client->executor(), client->stream(std::move(watch.request), watch.idle, std::move(on_line)), asio::deferred);
  auto stopped = watching->stop.async_wait(asio::deferred);
  auto either = asio::experimental::make_parallel_group(std::move(stream), std::move(stopped));
  const auto [order, thrown, outcome, stop_error] = co_await either.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  if (thrown && !watching->state.done() && cancelled.cancelled() == asio::cancellation_type::none) std::rethrow_exception(thrown);  // a handler's bug
  const Result<HttpResponse> cut_off = fail(Errc::unavailable, "the watch was cut off");
  watching->state.ended(thrown ? cut_off : outcome);
}

asio::awaitable<void> pause(std::shared_ptr<Watching> watching, WatchState::Wait wait) {
  const auto tell = wait.failed ? log_events::watch_waits : log_events::watch_pauses;
  tell(watching->log, watching->what, wait.why, wait.delay);
  asio::steady_timer timer(watching->stop.get_executor(), wait.delay);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<void> watch_forever(std::shared_ptr<Client> client, WatchConfig config, WatchHandlers handlers, Log log) {
  auto watching = std::make_shared<Watching>(client->executor(), std::move(config), std::move(handlers), std::move(log));
  for (;;) {
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != asio::cancellation_type::none) co_return;
    WatchState::Action action = watching->state.next();
    if (auto* list = std::get_if<WatchState::List>(&action)) co_await list_page(client, watching, std::move(*list));
    else if (auto* watch = std::get_if<WatchState::Watch>(&action)) co_await watch_once(client, watching, std::move(*watch));
    else co_await pause(watching, std::move(std::get<WatchState::Wait>(action)));
  }
}

}  // namespace charon::kube
