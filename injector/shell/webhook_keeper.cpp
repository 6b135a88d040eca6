#include "injector/shell/webhook_keeper.hpp"

#include "injector/core/webhook_bundle.hpp"
#include "injector/shell/events.hpp"

namespace charon::injector {

namespace asio = boost::asio;
namespace json = boost::json;

struct WebhookKeeper::State {
  json::object last;
  bool patching = false;
  bool changed = false;  ///< while patching
};

WebhookKeeper::WebhookKeeper(std::shared_ptr<kube::Client> client, std::string configuration, std::shared_ptr<const CertificateKeeper> certificates, net::TaskGroup& tasks, Log log)
    : client_(std::move(client)), configuration_(std::move(configuration)), certificates_(std::move(certificates)), tasks_(tasks), log_(std::move(log)), state_(std::make_shared<State>()) {}

asio::awaitable<void> WebhookKeeper::reconcile() {
  const std::shared_ptr<State> state = state_;  // outlives this keeper's caller
  state->changed = true;
  if (state->patching) co_return;
  while (state->changed && !certificates_->bundle().empty()) {
    state->changed = false;
    json::array patch = webhook_bundle_patch(state->last, certificates_->bundle());
    if (patch.empty()) co_return;
    state->patching = true;
    HttpRequest request = kube::patch(kube::mutating_webhooks, {}, configuration_, kube::PatchType::json, json::value(std::move(patch)), "charon-injector");
    const auto patched = co_await client_->call(std::move(request));
    state->patching = false;
    // What it looks like now comes by the watch.
    if (patched) events::bundle_patched(log_, configuration_);
    else events::bundle_failed(log_, patched.error());
  }
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
