#include "agent/core/availability_judge.hpp"

#include "lib/detection/pass.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace charon::agent {
namespace {

struct Rates { double null, alternative; };
constexpr Rates failure_after_success{0.02, 0.10};
constexpr Rates failure_after_failure{0.60, 0.98};

// Restarts a second: null, and what alternatives add.
constexpr double tolerated_restarts = 1 / 7200.0;
constexpr std::array<double, detection::effect_multiples.size()> more_restarts{1 / 900.0, 1 / 300.0, 1 / 60.0, 1 / 15.0};
constexpr double restarts_that_matter = more_restarts[1];
constexpr double longest_interval = 3600;  // seconds; clocks that jump count no more

double log_ratio(bool happened, double alternative, double null) {
  return happened ? std::log(alternative / null) : std::log((1 - alternative) / (1 - null));
}

/// Of a process that restarts with rates r1 against r0: whether it did within `seconds`.
double log_ratio_of_rates(bool restarted, double r1, double r0, double seconds) {
  return restarted ? std::log(std::expm1(-r1 * seconds) / std::expm1(-r0 * seconds)) : -(r1 - r0) * seconds;
}

double share(std::span<const bool> recent, std::uint64_t count) {
  const auto seen = std::min<std::uint64_t>(count, recent.size());
  return seen > 0 ? static_cast<double>(std::count(recent.begin(), recent.end(), true)) / static_cast<double>(seen) : 0;
}

}  // namespace

void AvailabilityJudge::restart() {
  failures_.restart();
  restarts_.restart();
  restart_sums_ = {};
  began_ = {};
  restarted_before_ = false;
  log_pass_restarts_ = 0;
}

void AvailabilityJudge::scrape_succeeded(bool process_restarted, Time now) {
  const double seconds = std::clamp(std::chrono::duration<double>(now - answered_at_).count(), 1e-3, longest_interval);
  answered_at_ = now;
  if (!up_) {  // the first answer: nothing to compare it with
    up_ = true;
    return;
  }
  answered(false, now);
  lived(seconds, process_restarted, now);
}

void AvailabilityJudge::scrape_failed(Time now) {
  if (up_) answered(true, now);
}

void AvailabilityJudge::answered(bool failed, Time now) {
  recent_failures_[scrapes_++ % recent] = failed;
  const Rates& rates = failed_before_ ? failure_after_failure : failure_after_success;
  failures_.tick(now);
  failures_.multiply({log_ratio(failed, rates.alternative, rates.null)});
  failed_before_ = failed;
}

void AvailabilityJudge::lived(double seconds, bool restarted, Time now) {
  recent_restarts_[answers_++ % recent] = restarted;
  interval_ = seconds;
  std::array<double, more_restarts.size()> ratios{};
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = log_ratio_of_rates(restarted, tolerated_restarts + more_restarts[i], tolerated_restarts, seconds);
  restarts_.tick(now);
  restarts_.multiply(ratios);
  if (began_ == Time{}) began_ = now;
  for (std::size_t i = 0; i < ratios.size(); ++i) restart_sums_[i] += restarted_before_ ? ratios[i] : std::min(ratios[i], 0.0);
  restarted_before_ = restarted_before_ || restarted;
  const double healthy = log_ratio_of_rates(restarted, tolerated_restarts, tolerated_restarts + restarts_that_matter, seconds);
  log_pass_restarts_ = std::min(log_pass_restarts_ + healthy, detection::log_pass_most);
}

wire::MetricRatios AvailabilityJudge::restart_ratios() const {
  return {std::string(process_restarts_metric), wire::MetricKind::error_ratio, 0, began_, {restart_sums_.begin(), restart_sums_.end()}, {}};
}

void AvailabilityJudge::describe_failures(MetricEvidence& out) const {
  out.baseline = out.limit = failure_after_success.null;
  out.matters = failure_after_success.alternative;
  out.now = share(recent_failures_, scrapes_);
  out.log_evidence = log_failures();
  out.windows = scrapes_;
  out.since.reset();
  if (out.log_evidence > 0) out.since = failures_.since();
}

void AvailabilityJudge::describe_restarts(MetricEvidence& out) const {
  // Shares of scrapes, as all of these.
  out.baseline = out.limit = tolerated_restarts * interval_;
  out.matters = std::min(restarts_that_matter * interval_, 1.0);
  out.now = share(recent_restarts_, answers_);
  out.log_evidence = log_restarts();
  out.log_pass_evidence = log_pass_restarts_;
  out.windows = answers_;
  out.since.reset();
  if (out.log_evidence > 0) out.since = restarts_.since();
}

}  // namespace charon::agent
