#include "injector/shell/workload_events.hpp"

#include "injector/core/pod_view.hpp"
#include "injector/shell/events.hpp"
#include "lib/kube/event.hpp"

namespace charon::injector {

namespace asio = boost::asio;
namespace json = boost::json;

WorkloadEvents::WorkloadEvents(std::shared_ptr<kube::Client> client, std::string ns, std::string deployment, net::TaskGroup& tasks, Log log)
    : client_(std::move(client)), ns_(std::move(ns)), deployment_(std::move(deployment)), tasks_(tasks), log_(std::move(log)) {}

void WorkloadEvents::tell(const json::object& pod, const NotInjected& why, Time now) {
  auto about = controller_of(pod);
  if (!about) return;
  const std::string key = about->uid + "/" + why.reason;
  const auto told = told_.find(key);
  if (told != told_.end() && now - told->second < std::chrono::hours{1}) return;
  if (told_.size() >= max_told) told_.clear();  // the names of Events keep repeats from being written
  told_[key] = now;
  std::string reason = "NotInjected" + why.reason;
  tasks_.spawn(write(std::move(*about), std::move(reason), "Pods start without Charon's agent: " + why.message, true, now));
}

void WorkloadEvents::tell_own(std::string reason, std::string message, bool warning, Time now) {
  tasks_.spawn(write_own(std::move(reason), std::move(message), warning, now));
}

asio::awaitable<void> WorkloadEvents::write(EventSubject about, std::string reason, std::string message, bool warning, Time now) {
  if (about.kind == "ReplicaSet") {
    HttpRequest lookup = kube::get(kube::replica_sets, about.ns, about.name);
    const auto replica_set = co_await client_->call(std::move(lookup));
    if (!replica_set && !replica_set.error().is(Errc::not_found)) events::lookup_failed(log_, "a ReplicaSet", replica_set.error());
    if (replica_set)
      if (auto above = controller_of(*replica_set)) about = std::move(*above);
  }
  const kube::EventText text{warning ? kube::EventType::warning : kube::EventType::normal, reason, message};
  json::value event = kube::make_event(as_object(about), text, now, event_identity(about, reason, now));
  HttpRequest request = kube::create(kube::events, about.ns, event);
  const auto written = co_await client_->call(std::move(request));
  // Conflict: the other replica wrote the same one.
  if (!written && !written.error().is(Errc::conflict)) events::event_failed(log_, written.error());
}

asio::awaitable<void> WorkloadEvents::write_own(std::string reason, std::string message, bool warning, Time now) {
  HttpRequest lookup = kube::get(kube::deployments, ns_, deployment_);
  const auto deployment = co_await client_->call(std::move(lookup));
  EventSubject about{"apps/v1", "Deployment", ns_, deployment_, {}};
  const json::object* metadata = deployment ? object_of(*deployment, "metadata") : nullptr;
  if (metadata) about.uid = std::string(text_of(*metadata, "uid"));
  co_await write(std::move(about), std::move(reason), std::move(message), warning, now);
}

}  // namespace charon::injector
