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
      agents_(gauges(*registry_, "charon_coordinator_agents", "Agents that report, by the role of their pod's release.")),
      workloads_(gauges(*registry_, "charon_coordinator_workloads", "Watched workloads by state.")),
      reports_(&counters(*registry_, "charon_coordinator_reports_total", "Agents' reports taken in.")->Add({})),
      breaker_(&gauges(*registry_, "charon_coordinator_breaker_open", "1 while so many workloads degrade at once that none is patched.")->Add({})) {}

}  // namespace charon::coordinator
