#pragma once
/// The coordinator's own metrics (docs/coordinator-api.md lists them).
#include "coordinator/core/coordinator.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

namespace charon::coordinator {

class ShellMetrics {
 public:
  ShellMetrics();
  std::shared_ptr<prometheus::Registry> registry() const { return registry_; }

  void requests(const std::string& call, unsigned status) { requests_->Add({{"call", call}, {"code", std::to_string(status)}}).Increment(); }
  void reviews(const std::string& outcome) { reviews_->Add({{"outcome", outcome}}).Increment(); }
  void actions(const std::string& kind, const std::string& outcome) { actions_->Add({{"kind", kind}, {"outcome", outcome}}).Increment(); }
  void pushes(const std::string& outcome) { pushes_->Add({{"outcome", outcome}}).Increment(); }
  void lists(const std::string& resource) { lists_->Add({{"resource", resource}}).Increment(); }
  /// What the core counts and knows now.
  void publish(const CoordinatorCounters& now);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>*requests_, *reviews_, *actions_, *pushes_, *lists_, *core_;
  prometheus::Family<prometheus::Gauge>*agents_;
  prometheus::Gauge *workloads_, *breaker_, *ready_;
  CoordinatorCounters last_;
};

}  // namespace charon::coordinator
