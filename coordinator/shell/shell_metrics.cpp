#include "coordinator/shell/shell_metrics.hpp"

namespace charon::coordinator {
namespace {

prometheus::Family<prometheus::Counter>* counters(prometheus::Registry& registry, const char* name, const char* help) {
  return &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>* gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

ShellMetrics::ShellMetrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      requests_(counters(*registry_, "charon_coordinator_requests_total", "API requests answered, by call and status.")),
      reviews_(counters(*registry_, "charon_coordinator_token_reviews_total", "TokenReviews asked of the API server, by what came of them.")),
      actions_(counters(*registry_, "charon_coordinator_actions_total", "Writes to the cluster, by kind and outcome.")),
      pushes_(counters(*registry_, "charon_coordinator_registry_pushes_total", "Registry events, by what came of them.")),
      lists_(counters(*registry_, "charon_coordinator_watch_lists_total", "Complete lists of a watched collection; more than one is a watch that started again.")),
      core_(counters(*registry_, "charon_coordinator_events_total",
                     "What the coordinator met and did: reports, hellos, refused hellos, decisions, rollbacks, held, notified, deployed.")),
      agents_(gauges(*registry_, "charon_coordinator_agents", "Agents by the role of their pod's release, or silent.")),
      workloads_(&gauges(*registry_, "charon_coordinator_workloads", "Watched workloads.")->Add({})),
      breaker_(&gauges(*registry_, "charon_coordinator_breaker_open", "1 while so many workloads degrade at once that none is patched.")->Add({})),
      ready_(&gauges(*registry_, "charon_coordinator_deciding", "1 when the view is whole and agents had time to report.")->Add({})) {}

void ShellMetrics::publish(const CoordinatorCounters& now) {
  const auto count = [&](const char* event, std::uint64_t CoordinatorCounters::*field) {
    core_->Add({{"event", event}}).Increment(static_cast<double>(now.*field - last_.*field));
  };
  count("report", &CoordinatorCounters::reports);
  count("hello", &CoordinatorCounters::hellos);
  count("refused_hello", &CoordinatorCounters::refused_hellos);
  count("decision", &CoordinatorCounters::decisions);
  count("rollback", &CoordinatorCounters::rollbacks);
  count("held", &CoordinatorCounters::held);
  count("notified", &CoordinatorCounters::notified);
  count("deployed", &CoordinatorCounters::deployed);
  agents_->Add({{"role", "candidate"}}).Set(static_cast<double>(now.candidate_agents));
  agents_->Add({{"role", "stable"}}).Set(static_cast<double>(now.stable_agents));
  agents_->Add({{"role", "silent"}}).Set(static_cast<double>(now.silent_agents));
  workloads_->Set(static_cast<double>(now.watched));
  breaker_->Set(now.breaker_open ? 1 : 0);
  ready_->Set(now.ready ? 1 : 0);
  last_ = now;
}

}  // namespace charon::coordinator
