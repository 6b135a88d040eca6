#include "injector/shell/metrics.hpp"

namespace charon::injector {
namespace {

template <class T>
auto& family(prometheus::Registry& registry, T builder, const std::string& name, const std::string& help) {
  return builder.Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      admissions_(family(*registry_, prometheus::BuildCounter(), "charon_injector_admissions_total", "Admission reviews by outcome and reason")),
      duration_(family(*registry_, prometheus::BuildHistogram(), "charon_injector_admission_duration_seconds", "Time to answer an admission review")
                    .Add({}, prometheus::Histogram::BucketBoundaries{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2})),
      breaker_(family(*registry_, prometheus::BuildGauge(), "charon_injector_breaker_state", "1 for the breaker's present state")),
      waiting_(family(*registry_, prometheus::BuildGauge(), "charon_injector_waiting_pods", "Pods that wait on the agent's container").Add({})),
      held_(family(*registry_, prometheus::BuildGauge(), "charon_injector_held_workloads", "Workloads without injection after refusals").Add({})),
      native_(family(*registry_, prometheus::BuildGauge(), "charon_injector_native_sidecars", "1 where agents are native sidecars").Add({})),
      refreshes_(family(*registry_, prometheus::BuildCounter(), "charon_injector_certificate_refreshes_total", "Certificate checks that succeeded").Add({})),
      refresh_failures_(family(*registry_, prometheus::BuildCounter(), "charon_injector_certificate_refresh_failures_total", "Certificate checks that failed").Add({})) {
  breaker(BreakerState::closed, 0, 0);
}

void Metrics::admitted(const Admission& admission, double seconds) {
  const std::string reason = admission.skipped ? std::string(name(admission.skipped->reason)) : std::string();
  admissions_.Add({{"outcome", admission.skipped ? "skipped" : "injected"}, {"reason", reason}}).Increment();
  duration_.Observe(seconds);
}

void Metrics::breaker(BreakerState state, std::size_t waiting, std::size_t held_workloads) {
  for (const BreakerState each : {BreakerState::closed, BreakerState::half_open, BreakerState::open})
    breaker_.Add({{"state", std::string(name(each))}}).Set(each == state ? 1 : 0);
  waiting_.Set(static_cast<double>(waiting));
  held_.Set(static_cast<double>(held_workloads));
}

void Metrics::native(bool used) { native_.Set(used ? 1 : 0); }

void Metrics::certificates(bool refreshed) { (refreshed ? refreshes_ : refresh_failures_).Increment(); }

}  // namespace charon::injector
