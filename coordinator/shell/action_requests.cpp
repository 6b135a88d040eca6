#include "coordinator/shell/action_requests.hpp"

#include "coordinator/shell/action_executor.hpp"
#include "coordinator/shell/shell_events.hpp"
#include "lib/kube/event.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>

namespace charon::coordinator {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view field) {
  const json::value* metadata = object.if_contains("metadata");
  const json::value* value = metadata && metadata->is_object() ? metadata->get_object().if_contains(field) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

asio::awaitable<void> pause(asio::any_io_executor executor, Duration time) {
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

asio::awaitable<Result<json::object>> write_ledger(std::shared_ptr<kube::Client> client, WriteLedger action) {
  const std::string name = action.key.ledger_name();
  if (text_of(action.object, "resourceVersion").empty()) {
    const json::value body(action.object);
    HttpRequest create = kube::create(kube::release_ledgers, action.key.ns, body);
    auto created = co_await client->call(std::move(create));
    if (!created) co_return created;
    // A created object has no status: it is a subresource. Now that there is a resourceVersion, the status follows.
    if (const json::value* metadata = created->if_contains("metadata")) action.object["metadata"] = *metadata;
  }
  const json::value body(std::move(action.object));
  HttpRequest replace = kube::replace(kube::release_ledgers, action.key.ns, name, body, "status");
  co_return co_await client->call(std::move(replace));
}

asio::awaitable<Result<json::object>> write_baseline(std::shared_ptr<kube::Client> client, WriteBaseline action) {
  const std::string name = action.key.ledger_name();
  const bool exists = !text_of(action.object, "resourceVersion").empty();
  const json::value body(std::move(action.object));
  HttpRequest request;
  if (exists)
    request = kube::replace(kube::release_baselines, action.key.ns, name, body);
  else
    request = kube::create(kube::release_baselines, action.key.ns, body);
  co_return co_await client->call(std::move(request));
}

asio::awaitable<Result<json::object>> patch_workload(std::shared_ptr<kube::Client> client, PatchWorkload action, Log log) {
  for (int attempt = 1;; ++attempt) {
    HttpRequest read = kube::get(kube::deployments, action.key.ns, action.key.name);
    auto fresh = co_await client->call(std::move(read));
    if (!fresh) co_return fresh;
    auto patch = deployment_patch(action.plan, *fresh);
    if (!patch) co_return patch.error();
    if (const Stale* stale = std::get_if<Stale>(&*patch)) co_return fail(Errc::conflict, stale->why);
    const json::value body(std::get<json::object>(std::move(*patch)));
    HttpRequest request = kube::patch(kube::deployments, action.key.ns, action.key.name, kube::PatchType::merge, body);
    auto patched = co_await client->call(std::move(request));
    if (patched || !patched.error().is(Errc::conflict)) co_return patched;
    if (attempt == max_patch_tries) co_return fail(Errc::conflict, fmt::format("{} changed {} times in a row", action.key.text(), attempt));
    log.info(shell_events::patch_conflict(action.key.text(), attempt + 1));
    co_await pause(client->executor(), Duration{50 * attempt});
  }
}

asio::awaitable<Result<json::object>> emit_event(std::shared_ptr<kube::Client> client, EmitEvent action) {
  json::object involved{{"apiVersion", action.api_version}, {"kind", action.kind}};
  json::object metadata{{"name", action.name}, {"uid", action.uid}};
  if (!action.ns.empty()) metadata["namespace"] = action.ns;
  involved["metadata"] = std::move(metadata);
  kube::EventText text;
  text.type = action.type == "Warning" ? kube::EventType::warning : kube::EventType::normal;
  text.reason = action.reason;
  text.message = action.message;
  static std::mt19937_64 unique{std::random_device{}()};
  const json::value body(kube::make_event(involved, text, wall_now(), unique()));
  HttpRequest request = kube::create(kube::events, kube::event_namespace(involved), body);
  co_return co_await client->call(std::move(request));
}

}  // namespace charon::coordinator
