#include "injector/shell/webhook_keeper.hpp"

#include "injector/core/patch_pace.hpp"
#include "injector/core/webhook_bundle.hpp"
#include "injector/shell/events.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::injector {

namespace asio = boost::asio;
namespace json = boost::json;

struct WebhookKeeper::State {
  json::object last;
  PatchPace pace{std::chrono::seconds{5}, std::chrono::minutes{5}};
  bool patching = false;
  bool changed = false;  ///< while patching
};

WebhookKeeper::WebhookKeeper(std::shared_ptr<kube::Client> client, std::string configuration, std::shared_ptr<CertificateKeeper> certificates, net::TaskGroup& tasks, Log log)
    : client_(std::move(client)), configuration_(std::move(configuration)), certificates_(std::move(certificates)), tasks_(tasks), log_(std::move(log)), state_(std::make_shared<State>()) {}

asio::awaitable<void> WebhookKeeper::reconcile() {
  const std::shared_ptr<State> state = state_;  // outlives this keeper's caller
  state->changed = true;
  if (state->patching) co_return;
  state->patching = true;
  while (state->changed && !certificates_->bundle().empty()) {
    state->changed = false;
    if (webhook_bundle_patch(state->last, certificates_->bundle()).empty()) break;
    if (const Duration wait = state->pace.wait(std::chrono::steady_clock::now()); wait > Duration{0}) {
      events::bundle_overwritten(log_, configuration_, wait);
      asio::steady_timer timer(client_->executor(), wait);
      co_await timer.async_wait(asio::use_awaitable);
    }
    const auto refreshed = co_await certificates_->refresh_root(wall_now());
    if (!refreshed) events::certificates_failed(log_, refreshed.error());
    json::array patch = webhook_bundle_patch(state->last, certificates_->bundle(), refreshed.has_error());
    if (patch.empty()) continue;
    HttpRequest request = kube::patch(kube::mutating_webhooks, {}, configuration_, kube::PatchType::json, json::value(std::move(patch)), "charon-injector");
    auto patched = co_await client_->call(std::move(request));
    state->pace.wrote(std::chrono::steady_clock::now());
    if (patched) {
      state->last = std::move(*patched);
      events::bundle_patched(log_, configuration_);
    } else {
      events::bundle_failed(log_, patched.error());
    }
  }
  state->patching = false;
}

asio::awaitable<void> WebhookKeeper::watch() {
  kube::WatchConfig config;
  config.resource = kube::mutating_webhooks;
  config.field_selector = "metadata.name=" + configuration_;
  kube::WatchHandlers handlers;
  handlers.upsert = [this](const json::object& object) {
    state_->last = object;
    tasks_.spawn(reconcile());
  };
  handlers.removed = [this](const json::object&) { state_->last = {}; };
  handlers.synced = [] {};
  co_await kube::watch_forever(client_, std::move(config), std::move(handlers), log_);
}

}  // namespace charon::injector
