#pragma once
/// The coordinator's own metrics (docs/coordinator-api.md lists them).
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
  void reports() { reports_->Increment(); }
  void actions(const std::string& kind, const std::string& outcome) { actions_->Add({{"kind", kind}, {"outcome", outcome}}).Increment(); }
  void pushes(const std::string& outcome) { pushes_->Add({{"outcome", outcome}}).Increment(); }
  void lists(const std::string& resource) { lists_->Add({{"resource", resource}}).Increment(); }
  void agents(const std::string& role, double count) { agents_->Add({{"role", role}}).Set(count); }
  void workloads(const std::string& state, double count) { workloads_->Add({{"state", state}}).Set(count); }
  void breaker(bool open) { breaker_->Set(open ? 1 : 0); }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>*requests_, *reviews_, *actions_, *pushes_, *lists_;
  prometheus::Family<prometheus::Gauge>*agents_, *workloads_;
  prometheus::Counter* reports_;
  prometheus::Gauge* breaker_;
};

}  // namespace charon::coordinator
