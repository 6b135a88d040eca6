#include "agent/core/detector.hpp"

#include "agent/core/anomalyzer_judge.hpp"
#include "agent/core/availability_judge.hpp"
#include "agent/core/family_meanings.hpp"
#include "agent/core/levels.hpp"
#include "agent/core/metric_judge.hpp"
#include "agent/core/request_counts.hpp"
#include "agent/core/weights.hpp"
#include "lib/detection/pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

constexpr double history_share = 0.05;      // of alpha: for bounds on the stable release's shares that turn out wrong
constexpr double scrapes_to_decide = 2;     // at least
constexpr std::uint64_t most_patience = 60; // scrapes
constexpr double most_of_a_metric = 2.0 / 3; // of what is needed: by one scrape of it
constexpr double usual_alpha = 1e-3;        // where nothing is decided

const wire::MetricCounts* find(const std::vector<wire::MetricCounts>& list, std::string_view metric, wire::MetricKind kind) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& counts) { return counts.metric == metric && counts.kind == kind; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

struct Detector::State {
  wire::AgentPolicy policy;
  double alpha = 0;
  std::uint64_t baseline_version = 0;
  std::string baseline_release;
  Time control_since{};
  bool terminating = false, scraping = false;
  Time now{};

  FamilyMeanings meanings;
  RequestCounts counts;
  std::vector<wire::MetricCounts> baseline, baseline_node;
  std::vector<MetricJudge> judges;                 // as in the baseline
  std::vector<detection::PolicyMeaning> judge_meanings;  // as judges
  std::vector<std::optional<std::size_t>> judged_by;  // per metric of `counts`
  AvailabilityJudge availability;
  Levels levels;
  AnomalyzerJudge classic;                         // in place of all judges, where the policy says so
  std::vector<AnomalyzerJudge::Value> classic_values;
  Time last_good{};
  Evidence evidence;
  Weights weights;
  std::size_t first_level = 0;  // of the levels in `weights`
  double before_scrape = 0;     // the combined evidence
  double allowance = 0;         // by which it may rise in this scrape

  double alpha_or_usual() const { return alpha > 0 ? alpha : usual_alpha; }
  /// The allowance of a scrape is half of what is needed, and half as much may be left of the one before: evidence that waited for
  /// a control comes late, not too much of it.
  void next_scrape() {
    const double each = std::log(1 / alpha_or_usual()) / scrapes_to_decide * (1 + 1e-9);
    const double used = std::max(evidence.log_evidence, 0.0) - std::max(before_scrape, 0.0);
    allowance = each + std::clamp(allowance - std::max(used, 0.0), 0.0, each / 2);
    before_scrape = evidence.log_evidence;
  }

  JudgeSettings settings(const detection::MetricMeaning& meaning) const {
    const double error = alpha_or_usual() * history_share;
    const auto effect = [&](double usual) { return meaning.share_effect > 0 ? meaning.share_effect : usual; };
    return {.error_ratio_effect = effect(policy.error_ratio_effect), .latency_effect = effect(policy.latency_effect), .tolerance = policy.tolerance,
            .history_error = error / static_cast<double>(std::max<std::size_t>(baseline.size(), 1)),
            .cap = std::min(JudgeSettings{}.cap, most_of_a_metric * std::log(1 / alpha_or_usual())),
            .control_patience = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(3 * policy.report_interval / policy.scrape_interval), JudgeSettings{}.control_patience, most_patience)};
  }

  /// Scrapes since the process started, or since this agent saw it first.
  std::uint64_t age() const {
    const double start = counts.process_start(), seen = std::chrono::duration<double>(now.time_since_epoch()).count();
    const double seconds = start > 0 ? seen - start : std::chrono::duration<double>(now - evidence.started.value_or(now)).count();
    return static_cast<std::uint64_t>(std::max(seconds, 0.0) / std::chrono::duration<double>(policy.scrape_interval).count());
  }

  bool listed(const RequestMetric& metric) const {
    return std::any_of(policy.ignore.begin(), policy.ignore.end(), [&](const std::string& name) { return name == metric.family || name == metric.name || name == metric.stem; });
  }
  bool ignored(const RequestMetric& metric) const { return metric.meaning.standing != detection::Standing::as_known || listed(metric); }

  /// Judges for the baseline's metrics; those that stay keep their evidence unless `restart`.
  void rebuild(bool restart, bool remapped = false) {
    std::vector<MetricJudge> next;
    judge_meanings.clear();
    for (const wire::MetricCounts& history : baseline) {
      if (!wire::validate(history)) continue;  // the shell validates messages; this is the last line
      const detection::PolicyMeaning meaning = meanings.of_counts(history.metric, history.kind);
      if (!counts_requests(meaning.meaning, history.kind)) continue;
      judge_meanings.push_back(meaning);
      const wire::MetricCounts* node = find(baseline_node, history.metric, history.kind);
      if (node && !wire::validate(*node)) node = nullptr;
      const auto old = std::find_if(judges.begin(), judges.end(), [&](const MetricJudge& judge) { return judge.metric() == history.metric && judge.kind() == history.kind; });
      if (old == judges.end() || restart) {
        next.emplace_back(history, node, settings(meaning.meaning));
      } else {
        old->update(history, node, settings(meaning.meaning));
        next.push_back(std::move(*old));
      }
      next.back().ignore(meaning.standing != detection::Standing::as_known);
    }
    judges = std::move(next);
    levels.configure(policy.tolerance, policy.ignore, restart, remapped);
    if (remapped) counts.restart();
    if (restart) {
      availability.restart();
      classic.restart();
      before_scrape = 0;
    }
    judged_by.clear();
    link();
    judge();
  }

  /// Finds the judge of each metric; again whenever one is new.
  void link() {
    const auto& metrics = counts.metrics();
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const RequestMetric& metric = metrics[i];
      if (i < judged_by.size() && judged_by[i] && judges[*judged_by[i]].metric() == metric.name) continue;
      judged_by.resize(std::max(judged_by.size(), i + 1));
      judged_by[i].reset();
      for (std::size_t j = 0; j < judges.size(); ++j)
        if (judges[j].metric() == metric.name && judges[j].kind() == metric.kind()) judged_by[i] = j;
      // The metric's own meaning is that of the last scrape, the policy may be newer.
      if (judged_by[i]) judges[*judged_by[i]].ignore(judge_meanings[*judged_by[i]].standing != detection::Standing::as_known || listed(metric));
    }
  }

  /// Of evidence.metrics, in its order. Of the judged counts those decide that the table or the policy names; of levels the mean
  /// durations of such requests, and what the policy calls critical. What the stable release showed too and cannot be compared
  /// lets nothing pass, if this pod shows it: a metric that is new with the release does.
  bool weigh() {
    weights.clear();
    std::size_t at = 0;
    const auto add = [&](PartOf of, const detection::MetricMeaning& meaning, bool decides, bool both_show_it) {
      const MetricEvidence& metric = evidence.metrics[at++];
      const bool incomparable = metric.excluded == Excluded::bounds_differ || metric.excluded == Excluded::baseline_too_small ||
                                metric.excluded == Excluded::series_left_out || metric.excluded == Excluded::no_baseline;
      weights.add({.of = of, .weight = metric.excluded == Excluded::no ? meaning.weight : 0, .critical = meaning.critical, .decides = decides,
                   .owes_pass = decides && incomparable && both_show_it});
    };
    const auto in_baseline = [&](std::size_t metric) { return metric < judged_by.size() && judged_by[metric]; };
    for (std::size_t j = 0; j < judges.size(); ++j)
      add(judges[j].kind() == wire::MetricKind::error_ratio ? PartOf::errors : PartOf::latency, judge_meanings[j].meaning, judge_meanings[j].meaning.decides, evidence.metrics[at].windows > 0);
    if (!judges.empty()) {
      const detection::MetricMeaning endpoint{.weight = 1};
      add(PartOf::scrape_failures, endpoint, false, true);
      add(PartOf::process_restarts, endpoint, false, true);
    }
    first_level = at;
    for (std::size_t i = 0; i < levels.judges().size(); ++i) {
      const detection::MetricMeaning& meaning = levels.judges()[i].meaning();
      add(meaning.group == detection::Group::latency ? PartOf::latency : PartOf::rest, meaning, meaning.critical || (levels.is_duration(i) && meaning.decides),
          levels.shown(i) && (meaning.critical || levels.stable_was_short(i, in_baseline)));
    }
    return weights.share_out();
  }

  void judge() {
    Evidence& out = evidence;
    out.log_needed = alpha > 0 ? std::log(1 / alpha) : std::numeric_limits<double>::infinity();
    out.baseline_version = baseline_version;
    out.series = counts.series();
    out.samples_ignored = counts.samples_ignored() + levels.samples_ignored();
    out.detector = policy.detector;
    out.pass_waits_for_load = false;
    if (policy.detector == wire::DetectorKind::anomalyzer) return classic.describe(out, alpha > 0);
    describe();

    out.log_evidence = out.log_pass_evidence = 0;
    out.degraded_since.reset();
    out.assumption.clear();
    out.verdict = wire::Verdict::inconclusive;
    const bool comparable = weigh();
    for (std::size_t i = 0; i < out.metrics.size(); ++i) {
      out.metrics[i].weight = weights.share(i);
      out.metrics[i].pass_waits = comparable && weights.lacks_pass(i, out.metrics[i]);
    }
    if (!comparable) return;  // nothing to compare with: never a verdict

    const Weights::Combined all = weights.combine(out.metrics);
    // Bounds on the stable shares take their part of alpha: P(fail) <= (1 - history_share) alpha + history_share alpha.
    // No scrape decides, however many metrics jump in it.
    const double after_history = std::log1p(-history_share);
    out.log_evidence = std::min(all.log_evidence + after_history, std::max(before_scrape, 0.0) + allowance);
    if (out.log_evidence > 0) out.degraded_since = all.since;
    out.log_pass_evidence = all.log_pass_evidence.value_or(0);
    if (out.log_evidence >= out.log_needed) out.verdict = wire::Verdict::fail;
    else if (all.log_evidence + after_history < out.log_needed && all.log_evidence_assumed + after_history >= out.log_needed) out.assumption = out.metrics[*all.assumption].metric;
    else if (out.log_pass_evidence >= detection::log_pass_needed) out.verdict = wire::Verdict::pass;
    out.pass_waits_for_load = out.verdict == wire::Verdict::inconclusive && all.pass_waits_for_load;
  }

  /// What the classic engine looks at: shares of errors, mean durations of requests, and levels where they have a part.
  void scrape_classic() {
    classic_values.clear();
    for (const RequestMetric& metric : counts.metrics()) {
      if (!metric.complete || metric.kind() != wire::MetricKind::error_ratio) continue;
      const double requests = metric.increments[0] + metric.increments[1];
      const bool unfit = metric.meaning.standing == detection::Standing::unfit;
      classic_values.push_back({.metric = metric.name, .kind = metric.kind(), .excluded = unfit ? Excluded::unfit : ignored(metric) ? Excluded::ignored : Excluded::no,
                                .value = requests > 0 ? metric.increments[1] / requests : std::numeric_limits<double>::quiet_NaN()});
    }
    for (std::size_t i = 0; i < levels.judges().size(); ++i) {
      const LevelJudge& judge = levels.judges()[i];
      classic_values.push_back({.metric = judge.name(), .kind = wire::MetricKind::level, .excluded = levels.excluded(judge, policy.levels_decide || levels.is_duration(i)),
                                .value = levels.value(i)});
    }
    classic.scrape(classic_values, now);
  }

  /// evidence.metrics: the judges in the baseline's order, then the endpoint's own, then levels, then what has no baseline, then what no judge sees. The entries
  /// are rebuilt only when their number changes, so that a warm scrape allocates nothing.
  void describe() {
    const auto& metrics = counts.metrics();
    const bool judging = !judges.empty();
    std::size_t size = 0;
    const auto entry = [&](std::string_view name, wire::MetricKind kind) -> MetricEvidence& {
      if (size == evidence.metrics.size()) evidence.metrics.emplace_back();
      MetricEvidence& out = evidence.metrics[size++];
      if (out.metric != name || out.kind != kind) {
        out = {};
        out.metric = name;
        out.kind = kind;
      }
      return out;
    };
    for (std::size_t j = 0; j < judges.size(); ++j) {
      MetricEvidence& out = entry(judges[j].metric(), judges[j].kind());
      judges[j].describe(out);
      if (judge_meanings[j].standing == detection::Standing::unfit) out.excluded = Excluded::unfit;
      else if (out.excluded == Excluded::no && judge_meanings[j].meaning.weight <= 0) out.excluded = Excluded::for_the_record;
    }
    for (std::size_t i = 0; i < judged_by.size(); ++i) {
      if (!judged_by[i] || !metrics[i].series_left_out) continue;
      MetricEvidence& out = evidence.metrics[*judged_by[i]];
      out.excluded = Excluded::series_left_out;
      out.log_evidence = out.log_pass_evidence = 0;
      out.pass = {};
      out.since.reset();
    }
    if (judging) {
      availability.describe_failures(entry(scrape_failures_metric, wire::MetricKind::error_ratio));
      availability.describe_restarts(entry(process_restarts_metric, wire::MetricKind::error_ratio));
    }
    for (std::size_t i = 0; i < levels.judges().size(); ++i) {
      const LevelJudge& judge = levels.judges()[i];
      MetricEvidence& out = entry(judge.name(), wire::MetricKind::level);
      judge.describe(out);
      out.requests = levels.unlike_control(i).requests;
      out.concurrent = levels.unlike_control(i).concurrent;
      out.since.reset();
      if (out.log_evidence > 0) out.since = now - judge.scrapes_since_onset() * policy.scrape_interval;
      if (const Excluded known = levels.excluded(judge, policy.levels_decide); known != Excluded::no) out.excluded = known;
    }
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      if ((!metrics[i].complete && !metrics[i].series_left_out) || (i < judged_by.size() && judged_by[i])) continue;
      MetricEvidence& out = entry(metrics[i].name, metrics[i].kind());
      out.excluded = metrics[i].meaning.standing == detection::Standing::unfit ? Excluded::unfit : ignored(metrics[i]) ? Excluded::ignored : metrics[i].series_left_out ? Excluded::series_left_out : Excluded::no_baseline;
      out.windows = metrics[i].windows;
    }
    levels.left_out(counts, [&](std::string_view name, bool known) { entry(name, wire::MetricKind::level).excluded = known ? Excluded::no_place : Excluded::unknown; });
    for (const FamilyMeanings::Unread& unread : meanings.unread())
      entry(unread.family, wire::MetricKind::latency).excluded = std::find(policy.ignore.begin(), policy.ignore.end(), unread.family) == policy.ignore.end() ? unread.why : Excluded::ignored;
    evidence.metrics.resize(size);
  }
};

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
    const wire::MetricCounts* counts = pods > 0 || control.none_runs ? find(metrics, judge.metric(), judge.kind()) : nullptr;
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

const Evidence& Detector::evidence() const { return state_->evidence; }

Duration Detector::scrape_age(Time now) const {
  return std::clamp<Duration>(now - state_->evidence.scraped, Duration{0}, std::min(2 * state_->policy.scrape_interval, wire::longest_age));
}

void Detector::fill(wire::Report& report) const {
  const Evidence& e = state_->evidence;
  report.scrape_interval = state_->policy.scrape_interval;
  report.verdict = e.verdict;
  report.detector = e.detector;
  report.log_evidence = e.log_evidence;
  report.log_pass_evidence = e.log_pass_evidence;
  report.started = e.started.value_or(Time{});
  report.degraded_since = e.degraded_since;
  report.scrapes = e.scrapes;
  report.scrape_failures = e.scrape_failures;
  report.process_restarts = e.process_restarts;
  report.baseline_version = e.baseline_version;
  report.assumption = e.assumption;
  report.culprits = culprits(e);
  Exclusions excluded = exclusions(e);
  report.excluded = std::move(excluded.metrics);
  report.excluded_more = excluded.more;
  report.suspended = suspension(e);
  report.pass_waits = pass_waits(e);
  report.ratios.clear();
  if (e.detector == wire::DetectorKind::charon && !state_->judges.empty()) {
    const auto add = [&](wire::MetricRatios ratios, std::size_t metric) {
      if (report.ratios.size() == wire::max_metrics) return;
      ratios.weight = state_->weights.share(metric);
      report.ratios.push_back(std::move(ratios));
    };
    const std::size_t judges = state_->judges.size();
    for (std::size_t i = 0; i < judges; ++i) add(state_->judges[i].ratios(), i);
    add(state_->availability.restart_ratios(), judges + 1);  // in evidence.metrics after scrape failures
  }
  report.totals.clear();
  for (const RequestMetric& metric : state_->counts.metrics())
    if (metric.complete || metric.windows > 0) report.totals.push_back(metric.counts());  // also what the policy has us read otherwise by now
  state_->levels.fill(report);
  if (e.detector == wire::DetectorKind::charon) state_->levels.fill_starts(report, [&](std::size_t level) { return state_->weights.share(state_->first_level + level); });
  else report.level_starts.clear();
}

}  // namespace charon::agent
