#pragma once
/// The injector's own metrics (docs/injection.md lists them).
#include "injector/core/admission.hpp"
#include "injector/core/injection_breaker.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace charon::injector {

class Metrics {
 public:
  Metrics();

  void admitted(const Admission& admission, double seconds);
  void breaker(BreakerState state, std::size_t waiting, std::size_t held_workloads);
  void native(bool used);
  void certificates(bool refreshed);
  std::shared_ptr<prometheus::Registry> registry() const { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& admissions_;
  prometheus::Histogram& duration_;
  prometheus::Family<prometheus::Gauge>& breaker_;
  prometheus::Gauge &waiting_, &held_, &native_;
  prometheus::Counter &refreshes_, &refresh_failures_;
};

}  // namespace charon::injector
