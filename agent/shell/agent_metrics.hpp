#pragma once
/// The agent's own metrics, on /metrics of port 19095.
#include "agent/core/evidence.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

namespace charon::agent {

class AgentMetrics {
 public:
  AgentMetrics();
  std::shared_ptr<prometheus::Registry> registry() const { return registry_; }

  void scraped(bool ok, Duration took, std::uint64_t samples);
  /// outcome: "acknowledged", "refused", "unreachable".
  void reported(const char* outcome) { reports_->Add({{"outcome", outcome}}).Increment(); }
  void judged(const Evidence& evidence);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* reports_;
  prometheus::Counter *scrapes_, *failures_;
  prometheus::Gauge *duration_, *samples_, *ignored_, *log_evidence_, *log_needed_, *resident_;
};

}  // namespace charon::agent
