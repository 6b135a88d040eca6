#include "injector/shell/cluster_view.hpp"

#include "injector/core/agent_start.hpp"
#include "injector/core/utf8_prefix.hpp"
#include "injector/shell/events.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace charon::injector {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::chrono::seconds tick_interval{5};
constexpr int ticks_per_version = 60;  // the server is upgraded rarely
constexpr std::size_t max_detail = 300;

std::string metadata_text(const json::object& object, std::string_view name) {
  const json::object* metadata = object_of(object, "metadata");
  return metadata ? std::string(text_of(*metadata, name)) : std::string();
}

/// What `removed` needs of an object.
json::object names_only(const json::object& object) {
  json::object metadata;
  for (const std::string_view key : {"name", "namespace", "uid"})
    if (const std::string text = metadata_text(object, key); !text.empty()) metadata[key] = text;
  return {{"metadata", std::move(metadata)}};
}

/// The same, and whether the pod has an agent: the spec of it alone.
json::object agent_only(const json::object& pod, std::string_view image) {
  json::object kept = names_only(pod);
  if (agent_start(pod, image).start != AgentStart::none)
    kept["spec"] = json::object{{"containers", json::array{json::object{{"name", agent_container_name}, {"image", image}}}}};
  return kept;
}

}  // namespace

ClusterView::ClusterView(std::shared_ptr<kube::Client> client, ClusterViewConfig config, WorkloadEvents& workloads, Metrics& metrics, net::TaskGroup& tasks, Log log)
    : client_(std::move(client)), config_(config), workloads_(workloads), metrics_(metrics), tasks_(tasks), log_(std::move(log)), breaker_(config.breaker), refusals_(config.refusals) {}

void ClusterView::start() {
  const auto watch = [&](kube::Resource resource, std::string selector, std::function<json::object(const json::object&)> keep, kube::WatchHandlers handlers) {
    kube::WatchConfig config;
    config.resource = std::move(resource);
    config.field_selector = std::move(selector);
    config.keep = std::move(keep);
    if (!handlers.removed) handlers.removed = [](const json::object&) {};
    if (!handlers.synced) handlers.synced = [] {};
    tasks_.spawn(kube::watch_forever(client_, std::move(config), std::move(handlers), log_));
  };
  watch(kube::nodes, {}, names_only,
        {[this](const json::object& o) { node(o); }, [this](const json::object& o) { node_gone(o); }, [this] { nodes_synced_ = true; }});
  watch(kube::limit_ranges, {}, names_only,
        {[this](const json::object& o) { limit_range(o); }, [this](const json::object& o) { limit_range_gone(o); }, [this] { limits_synced_ = true; }});
  // Every pod is pending first, and one whose agent does not come up stays so: running pods need not be watched.
  watch(kube::pods, "status.phase=Pending", [image = config_.agent_image](const json::object& pod) { return agent_only(pod, image); },
        {[this](const json::object& o) { pending_pod(o, wall_now()); }, [this](const json::object& o) { not_pending(o, wall_now()); }, {}});
  watch(kube::events, "reason=FailedCreate", names_only, {[this](const json::object& o) { creation_failed(o, wall_now()); }, {}, {}});
  tasks_.spawn(tick());
}

bool ClusterView::ready() const { return nodes_synced_ && limits_synced_ && (versions_.server || config_.native_sidecar != NativeSidecar::automatic); }

ClusterFacts ClusterView::facts() {
  ClusterFacts facts;
  facts.native_sidecars = use_native_sidecar(config_.native_sidecar, versions_);
  facts.limits = [this](std::string_view ns) {
    std::vector<LimitRangeItem> items;
    if (const auto found = limits_.find(std::string(ns)); found != limits_.end())
      for (const auto& [name, each] : found->second) items.insert(items.end(), each.begin(), each.end());
    return items;
  };
  facts.hold = [this](const std::optional<WorkloadKey>& workload, bool dry_run) -> std::optional<Skip> {
    const Time now = wall_now();
    if (workload)
      if (const auto message = refusals_.held(*workload, now))
        return Skip{Reason::refused, "pods of this workload were refused with an agent: " + utf8_prefix(*message, max_detail)};
    if (!breaker_.admit(now, dry_run))
      return Skip{Reason::agent_image, fmt::format("injection is stopped: pods wait on the agent's container ({})", stuck_reason_)};
    return std::nullopt;
  };
  return facts;
}

void ClusterView::injected(const WorkloadKey& workload, Time now) { refusals_.injected(workload, now); }

void ClusterView::node(const json::object& object) {
  const json::object* status = object_of(object, "status");
  const json::object* info = status ? object_of(*status, "nodeInfo") : nullptr;
  const auto version = parse_version(info ? text_of(*info, "kubeletVersion") : std::string_view());
  versions_.nodes[metadata_text(object, "name")] = version ? std::optional(*version) : std::nullopt;
}

void ClusterView::node_gone(const json::object& object) { versions_.nodes.erase(metadata_text(object, "name")); }

void ClusterView::limit_range(const json::object& object) {
  limits_[metadata_text(object, "namespace")][metadata_text(object, "name")] = limit_range_items(object);
}

void ClusterView::limit_range_gone(const json::object& object) {
  const auto found = limits_.find(metadata_text(object, "namespace"));
  if (found == limits_.end()) return;
  found->second.erase(metadata_text(object, "name"));
  if (found->second.empty()) limits_.erase(found);
}

void ClusterView::agent_seen(const json::object& pod, Time now) {
  const PodUid uid{metadata_text(pod, "uid")};
  const AgentStartState state = agent_start(pod, config_.agent_image);
  if (state.start == AgentStart::stuck) {
    stuck_reason_ = state.reason;
    breaker_changed(breaker_.stuck(uid, now), now);
  } else if (state.start == AgentStart::running) {
    breaker_changed(breaker_.running(uid, state.started, now), now);
  }
}

void ClusterView::pending_pod(const json::object& pod, Time now) {
  agent_seen(pod, now);
  if (const auto why = not_injected(pod)) workloads_.tell(pod, *why, now);
}

void ClusterView::not_pending(const json::object& pod, Time now) {
  breaker_.gone(PodUid{metadata_text(pod, "uid")});
  publish(now);
  // Gone, or running: only the latter is news to an open breaker, and only then is it worth a call.
  if (breaker_.state() != BreakerState::closed && agent_start(pod, config_.agent_image).start != AgentStart::none)
    tasks_.spawn(look_again(metadata_text(pod, "namespace"), metadata_text(pod, "name")));
}

asio::awaitable<void> ClusterView::look_again(std::string ns, std::string name) {
  HttpRequest request = kube::get(kube::pods, ns, name);
  const auto pod = co_await client_->call(std::move(request));
  if (pod) agent_seen(*pod, wall_now());
}

void ClusterView::creation_failed(const json::object& event, Time now) {
  const auto failure = failed_creation(event);
  if (!failure || !refusals_.refused(*failure, now)) return;
  events::workload_held(log_, failure->workload, failure->message);
  publish(now);
}

void ClusterView::breaker_changed(std::optional<BreakerState> state, Time now) {
  publish(now);
  if (!state) return;
  events::breaker_changed(log_, *state, breaker_.waiting(), stuck_reason_);
  if (*state == BreakerState::open)
    workloads_.tell_own("InjectionStopped", fmt::format("{} pods wait on the agent's container ({}): new pods start without an agent", breaker_.waiting(), stuck_reason_), true, now);
  else if (*state == BreakerState::closed)
    workloads_.tell_own("InjectionResumed", "An agent came up: new pods get agents again", false, now);
}

void ClusterView::publish(Time now) { metrics_.breaker(breaker_.state(), breaker_.waiting(), refusals_.holds(now)); }

asio::awaitable<void> ClusterView::read_version() {
  HttpRequest request;
  request.target = "/version";
  const auto answer = co_await client_->call(std::move(request));
  if (!answer) {
    events::lookup_failed(log_, "the server's version", answer.error());
    co_return;
  }
  const auto version = parse_version(text_of(*answer, "gitVersion"));
  if (version) versions_.server = *version;
}

asio::awaitable<void> ClusterView::tick() {
  asio::steady_timer timer(client_->executor());
  for (int n = 0;; ++n) {
    if (!versions_.server || n % ticks_per_version == 0) co_await read_version();
    const Time now = wall_now();
    breaker_changed(breaker_.tick(now), now);
    if (ready()) {
      const bool native = use_native_sidecar(config_.native_sidecar, versions_);
      if (native_told_ != native) events::versions_known(log_, native);
      native_told_ = native;
      metrics_.native(native);
    }
    timer.expires_after(tick_interval);
    boost::system::error_code ec;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
  }
}

}  // namespace charon::injector
