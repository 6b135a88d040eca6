#include "agent/core/detector_state.hpp"

#include <algorithm>

namespace charon::agent {

Detector::Detector(const wire::AgentPolicy& policy, double alpha) : state_(std::make_unique<State>()) {
  state_->policy = policy;
  state_->alpha = alpha;
  state_->meanings.configure(policy.metrics);
  state_->classic.configure(policy.anomalyzer);
  state_->judge();
}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

void Detector::configure(const wire::AgentPolicy& policy, double alpha) {
  State& s = *state_;
  if (s.terminating) return;
  const bool restart = policy.error_ratio_effect != s.policy.error_ratio_effect || policy.latency_effect != s.policy.latency_effect ||
                       policy.tolerance != s.policy.tolerance || policy.ignore != s.policy.ignore || policy.levels_decide != s.policy.levels_decide || policy.detector != s.policy.detector;
  const bool remapped = s.meanings.configure(policy.metrics);
  s.classic.configure(policy.anomalyzer);
  if (policy.detector != s.policy.detector) s.evidence.metrics.clear();
  s.policy = policy;
  s.alpha = alpha;
  s.rebuild(restart || remapped, remapped);
}

void Detector::set_baseline(const wire::Baseline& baseline) {
  State& s = *state_;
  if (s.terminating) return;
  const bool restart = baseline.release != s.baseline_release || s.baseline_version == 0;
  s.baseline_version = baseline.version;
  s.baseline_release = baseline.release;
  const bool none = baseline.version == 0;
  s.baseline = none ? std::vector<wire::MetricCounts>{} : baseline.metrics;
  s.baseline_node = none ? std::vector<wire::MetricCounts>{} : baseline.same_node;
  if (s.baseline.size() > wire::max_metrics) s.baseline.resize(wire::max_metrics);
  s.levels.set_baseline(none ? wire::Baseline{} : baseline, restart);
  s.rebuild(restart);
}

void Detector::set_control(const wire::Control& control, Time now) {
  State& s = *state_;
  if (s.terminating) return;
  const bool continues = control.since == s.control_since;
  s.control_since = control.since;
  // Stable pods of rarer scrapes, as this pod's own are, have nothing new to tell with each report.
  s.levels.set_control(control, now, std::max(s.policy.report_interval, s.policy.scrape_interval) * 5 / 4);
  const auto of = [&](const MetricJudge& judge, const std::vector<wire::MetricCounts>& metrics, std::uint32_t pods, Duration age) {
    // The last word of pods that left tells of all that waits.
    const wire::MetricCounts* counts = pods > 0 || control.none_runs ? find_counts(metrics, judge.metric(), judge.kind()) : nullptr;
    return MetricJudge::Control{counts && wire::validate(*counts) ? counts : nullptr, now - age, pods};
  };
  for (MetricJudge& judge : s.judges)
    judge.control(of(judge, control.metrics, control.pods, control.age), of(judge, control.same_node, control.same_node_pods, control.same_node_age), continues, control.none_runs);
  if (s.evidence.started) s.judge();
}

void Detector::begin_scrape(Time now) {
  State& s = *state_;
  if (s.terminating) return;
  s.now = now;
  s.scraping = true;
  s.counts.begin();
  s.levels.begin();
}

void Detector::observe(const SampleView& sample) {
  if (!state_->scraping || state_->terminating) return;
  const detection::PolicyMeaning& meaning = state_->meanings.of(sample);
  state_->counts.observe(sample, meaning);
  state_->levels.observe(sample, meaning);
}

void Detector::end_scrape() {
  State& s = *state_;
  if (s.terminating || !s.scraping) return;
  s.scraping = false;
  const auto [first, process_restarted] = s.counts.commit();
  s.next_scrape();
  ++s.evidence.scrapes;
  s.evidence.failures_in_a_row = 0;
  if (!s.evidence.started) s.evidence.started = s.now;
  s.evidence.scraped = s.now;
  if (process_restarted) ++s.evidence.process_restarts;
  if (!s.judges.empty()) s.availability.scrape_succeeded(process_restarted, s.now);
  const std::uint64_t age = s.age();
  s.levels.commit(s.counts, {.seconds = std::chrono::duration<double>(s.now - s.last_good).count(), .first = first, .restarted = process_restarted, .age = age});
  s.last_good = s.now;

  if (s.policy.detector == wire::DetectorKind::anomalyzer) s.scrape_classic();
  s.link();
  const auto& metrics = s.counts.metrics();
  if (!first) {
    for (std::size_t j = 0; j < s.judges.size(); ++j) {
      std::span<const double> increments;
      for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (s.judged_by[i] != j || !metrics[i].complete) continue;
        if (s.levels.slow_start(i, age)) continue;  // shares know no age; the mean's level does
        s.judges[j].bounds_match(same_bounds(metrics[i].bounds, s.judges[j].bounds()));
        increments = metrics[i].increments;
        if (increments.size() != s.judges[j].bounds().size() + (metrics[i].kind() == wire::MetricKind::error_ratio ? 2 : 1)) increments = {};
      }
      s.judges[j].scrape(increments, s.now);
    }
  }
  s.judge();
}

void Detector::scrape_failed(Time now) {
  State& s = *state_;
  if (s.terminating) return;
  s.now = now;
  s.scraping = false;
  ++s.evidence.scrapes;
  ++s.evidence.scrape_failures;
  s.next_scrape();
  ++s.evidence.failures_in_a_row;
  if (!s.judges.empty()) s.availability.scrape_failed(now);
  s.levels.failed();
  if (s.evidence.started)
    for (MetricJudge& judge : s.judges) judge.scrape({}, now);
  s.judge();
}

void Detector::terminating() {
  state_->terminating = true;
  state_->scraping = false;
}

bool Detector::is_terminating() const { return state_->terminating; }

const Evidence& Detector::evidence() const { return state_->evidence; }

Duration Detector::scrape_age(Time now) const {
  return std::clamp<Duration>(now - state_->evidence.scraped, Duration{0}, std::min(2 * state_->policy.scrape_interval, wire::longest_age));
}

}  // namespace charon::agent
