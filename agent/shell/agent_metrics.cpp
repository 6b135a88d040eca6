#include "agent/shell/agent_metrics.hpp"

#include <cstdio>

#include <unistd.h>

namespace charon::agent {
namespace {

double resident_bytes() {
  long total = 0, resident = 0;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(statm, "%ld %ld", &total, &resident) != 2) resident = 0;
    std::fclose(statm);
  }
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

AgentMetrics::AgentMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  const auto counter = [&](const char* name, const char* help) { return &prometheus::BuildCounter().Name(name).Help(help).Register(*registry_); };
  const auto gauge = [&](const char* name, const char* help) { return &prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add({}); };
  reports_ = counter("charon_agent_reports_total", "Reports to the coordinator, by outcome.");
  auto* scrapes = counter("charon_agent_scrapes_total", "Scrapes of the application, by outcome.");
  scrapes_ = &scrapes->Add({{"outcome", "ok"}});
  failures_ = &scrapes->Add({{"outcome", "failed"}});
  duration_ = gauge("charon_agent_scrape_duration_seconds", "Of the last scrape, parsing and judging included.");
  samples_ = gauge("charon_agent_scrape_samples", "In the last successful scrape.");
  ignored_ = gauge("charon_agent_samples_ignored", "Samples that passed a bound and were left out since the start.");
  log_evidence_ = gauge("charon_agent_log_evidence", "Natural logarithm of the evidence that this release is worse than the stable one.");
  log_needed_ = gauge("charon_agent_log_evidence_needed", "From which the release fails.");
  resident_ = gauge("process_resident_memory_bytes", "Resident memory of the worker.");
}

void AgentMetrics::scraped(bool ok, Duration took, std::uint64_t samples) {
  (ok ? scrapes_ : failures_)->Increment();
  duration_->Set(std::chrono::duration<double>(took).count());
  if (ok) samples_->Set(static_cast<double>(samples));
  resident_->Set(resident_bytes());
}

void AgentMetrics::judged(const Evidence& evidence) {
  log_evidence_->Set(evidence.log_evidence);
  log_needed_->Set(evidence.log_needed);
  ignored_->Set(static_cast<double>(evidence.samples_ignored));
}

}  // namespace charon::agent
