#include "agent/core/availability_judge.hpp"

namespace charon::agent {
namespace {

struct Rates { double null, alternative; };
constexpr Rates failure_after_success{0.02, 0.10};
constexpr Rates failure_after_failure{0.60, 0.98};
constexpr Rates process_restart{0.005, 0.05};

void describe(MetricEvidence& out, const EProcess& process, std::span<const Trials> recent, const Rates& rates, std::uint64_t windows) {
  Trials sum;
  for (const Trials& trials : recent) {
    sum.total += trials.total;
    sum.bad += trials.bad;
  }
  out.baseline = out.limit = rates.null;
  out.matters = rates.alternative;
  out.now = sum.share();
  out.log_evidence = process.log_evidence();
  out.windows = windows;
  out.since.reset();
  if (out.log_evidence > 0) out.since = process.rising_since();
}

void multiply(EProcess& process, bool happened, const Rates& rates, double cap, Time now) {
  const Trials seen{1, happened ? 1.0 : 0.0};
  const double factor = log_one_sample(seen, rates.alternative, rates.null, NullSide::at_most);
  process.tick(now);
  process.multiply(seen, cap, now, [&](const EProcess::Part&) { return factor; });
}

}  // namespace

AvailabilityJudge::AvailabilityJudge() { restart(Time{}); }

void AvailabilityJudge::restart(Time now) {
  failures_.restart(now);
  restarts_.restart(now);
}

void AvailabilityJudge::scrape_succeeded(bool process_restarted, double cap, Time now) {
  if (!up_) {
    up_ = true;
    restart(now);
    return;  // the first answer: nothing to compare it with
  }
  answered(false, cap, now);
  recent_restarts_[answers_++ % recent_restarts_.size()] = {1, process_restarted ? 1.0 : 0.0};
  multiply(restarts_, process_restarted, process_restart, cap, now);
}

void AvailabilityJudge::scrape_failed(double cap, Time now) {
  if (up_) answered(true, cap, now);
}

void AvailabilityJudge::answered(bool failed, double cap, Time now) {
  recent_failures_[scrapes_++ % recent_failures_.size()] = {1, failed ? 1.0 : 0.0};
  multiply(failures_, failed, failed_before_ ? failure_after_failure : failure_after_success, cap, now);
  failed_before_ = failed;
}

void AvailabilityJudge::describe_failures(MetricEvidence& out) const { describe(out, failures_, recent_failures_, failure_after_success, scrapes_); }
void AvailabilityJudge::describe_restarts(MetricEvidence& out) const { describe(out, restarts_, recent_restarts_, process_restart, answers_); }

}  // namespace charon::agent
