#include "agent/core/metric_judge.hpp"

#include "lib/detection/pass.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace charon::agent {
namespace {

constexpr double natural_spread = 0.5;       // between pods and nodes, relative to the stable share
constexpr double dispersion_of_errors = 0.3, dispersion_of_slow = 0.2;  // cv from scrape to scrape
constexpr double most_slow = 0.10;           // share of stable requests above the slow threshold
constexpr double least_history = 30;         // requests below which a share means nothing
constexpr double node_history = 300;         // requests from which the node's own history counts
constexpr std::uint64_t rough_start = 6;     // scrapes of a pod that count as one where no stable pod is left
constexpr double young_control = 12;         // scrapes a pod, up to which a control that is new here began with this pod

std::size_t slow_bucket(const wire::MetricCounts& counts) {
  const double total = static_cast<double>(std::accumulate(counts.counts.begin(), counts.counts.end(), std::uint64_t{0}));
  double within = 0;
  for (std::size_t i = 0; i < counts.bounds.size(); ++i) {
    within += static_cast<double>(counts.counts[i]);
    if (total - within <= most_slow * total) return i + 1;
  }
  return counts.bounds.size();
}

}  // namespace

bool same_bounds(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return std::abs(x - y) <= 1e-9 * std::max(std::abs(x), std::abs(y)); });
}

MetricJudge::MetricJudge(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings)
    : metric_(history.metric), kind_(history.kind), bounds_(history.bounds), slow_from_(slow_bucket(history)), settings_(settings), evidence_(count_settings()) {
  read_history(history, same_node);
  restart();
}

void MetricJudge::update(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings) {
  settings_ = settings;
  if (!same_bounds(history.bounds, bounds_)) {
    bounds_ = history.bounds;
    slow_from_ = slow_bucket(history);
    last_all_ = last_node_ = {};
    restart();
  }
  read_history(history, same_node);
}

void MetricJudge::restart() {
  evidence_.restart();
  drop_pending();
  renewed_ = false;
  control_all_.restart();
  control_node_.restart();
  told_all_ = told_node_ = Time::min();
  since_control_ = since_node_control_ = age_ = 0;
  none_runs_ = false;
  recent_.fill({});
  windows_ = 0;
}

detection::CountSettings MetricJudge::count_settings() const {
  const bool errors = kind_ == wire::MetricKind::error_ratio;
  const double effect = errors ? settings_.error_ratio_effect : settings_.latency_effect;
  return {.effect = effect, .tolerance = settings_.tolerance * effect, .slope = 1 + natural_spread,
          .dispersion = errors ? dispersion_of_errors : dispersion_of_slow, .cap = settings_.cap};
}

MetricJudge::Window MetricJudge::window(const wire::MetricCounts& counts) const {
  Window result{{}, static_cast<double>(counts.windows)};
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    const double count = static_cast<double>(counts.counts[i]);
    result.trials.total += count;
    if (is_bad(i)) result.trials.bad += count;
  }
  return result;
}

void MetricJudge::read_history(const wire::MetricCounts& history, const wire::MetricCounts* same_node) {
  const detection::CountSettings settings = count_settings();
  evidence_.configure(settings);
  // The slow threshold is chosen with the data, one of `bounds`: the error is divided among them.
  const double error = settings_.history_error / static_cast<double>(std::max<std::size_t>(bounds_.size(), 1));
  const auto bound = [&](const Window& window) {
    const double each = window.trials.bad / std::max(window.scrapes, 1.0);
    const double weight = 1 / (1 + each * settings.dispersion * settings.dispersion);
    return stable_share({weight * window.trials.total, weight * window.trials.bad}, error);
  };
  const Window everywhere = window(history);
  history_ = everywhere.trials;
  bound_ = bound(everywhere);
  control_all_.expect(everywhere.trials, everywhere.scrapes, settings.dispersion);
  control_node_.expect(everywhere.trials, everywhere.scrapes, settings.dispersion);
  if (!same_node || !same_bounds(same_node->bounds, bounds_)) return;
  const Window here = window(*same_node);
  if (here.trials.total < node_history || here.trials.share() <= history_.share()) return;
  history_ = here.trials;
  bound_.high = std::max(bound_.high, bound(here).high);
  control_node_.expect(here.trials, here.scrapes, settings.dispersion);
}

Excluded MetricJudge::excluded() const {
  if (ignored_) return Excluded::ignored;
  if (!bounds_match_) return Excluded::bounds_differ;
  if (history_.total < least_history) return Excluded::baseline_too_small;
  return Excluded::no;
}

void MetricJudge::control(const Control& everywhere, const Control& same_node, bool continues, bool none_runs) {
  const bool first = last_all_.trials.total <= 0 && last_node_.trials.total <= 0;
  if (!continues && !first) renewed_ = true;
  const bool all = add_control(everywhere, last_all_, control_all_, continues);
  const bool here = add_control(same_node, last_node_, control_node_, continues);
  if (all) told_all_ = everywhere.told;
  if (here) told_node_ = same_node.told;
  // The first may have nothing to tell yet, the next will.
  if (all || here || (first && (everywhere.counts || same_node.counts))) since_control_ = 0;
  if (here) since_node_control_ = 0;
  // A new coordinator knows nothing of the scrapes before its control began.
  if (excluded() != Excluded::no || renewed_) drop_pending();
  if (all || here) renewed_ = false;
  const detection::StableShare now = by_control();
  for (std::size_t i = 0; i < pendings_; ++i) {
    Pending& pending = pending_[i];
    if (now.most.mean >= pending.most.mean) pending.most = now.most;
    pending.bound = std::max(pending.bound, now.bound);
  }
  settle(now);
  if (none_runs && age_ >= rough_start) {
    since_control_ = settings_.control_patience + 1;
    settle_by_history();
  } else if (none_runs_ && !none_runs) {
    since_control_ = 0;  // some run again, and will tell
  }
  none_runs_ = none_runs;
  preview();
}

bool MetricJudge::add_control(const Control& control, Window& last, ControlShare& share, bool continues) const {
  if (!control.counts || !same_bounds(control.counts->bounds, bounds_)) {
    last = {};
    return false;
  }
  const Window now = window(*control.counts);
  const Trials more{now.trials.total - last.trials.total, now.trials.bad - last.trials.bad};
  const double scrapes = now.scrapes - last.scrapes;
  const bool known = last.trials.total > 0 ? continues : now.scrapes <= young_control * control.pods;
  // A pod that left takes its counts away: such a step tells nothing, and the next ones count from there.
  const bool grew = known && more.total > 0 && more.bad >= 0 && more.total >= more.bad && scrapes >= 0;
  last = now;
  if (grew) share.add(more, scrapes, control.pods);
  return grew;
}

void MetricJudge::scrape(std::span<const double> increments, Time now) {
  const bool counts = excluded() == Excluded::no;
  if (!counts) drop_pending();
  for (std::size_t i = 0; i < pendings_; ++i) {  // the clock was set back
    pending_[i].from = std::min(pending_[i].from, now);
    pending_[i].until = std::min(pending_[i].until, now);
  }
  ++since_control_;
  ++since_node_control_;
  ++age_;
  evidence_.tick(now);
  Trials seen;
  for (std::size_t i = 0; i < increments.size(); ++i) {
    seen.total += increments[i];
    if (is_bad(i)) seen.bad += increments[i];
  }
  if (seen.total > 0) {
    recent_[windows_++ % recent_.size()] = seen;
    if (counts) add_pending(seen, now);
  }
  if (since_control_ <= settings_.control_patience) return preview();
  settle_by_history();
}

MetricJudge::Window MetricJudge::pending() const {
  Window all;
  for (std::size_t i = 0; i < pendings_; ++i) all.add(pending_[i].window);
  return all;
}

void MetricJudge::preview() {
  const Window all = pending();
  evidence_.preview(all.trials, all.scrapes, by_control());
}

void MetricJudge::add_pending(const Trials& seen, Time now) {
  if (pendings_ < pending_.size()) (pending_[pendings_++] = {}).from = now;
  Pending& last = pending_[pendings_ - 1];
  last.window.add({seen, 1});
  last.until = now;
}

detection::StableShare MetricJudge::by_control() const {
  const ControlShare& control = by_same_node() ? control_node_ : control_all_;
  return {control.most(), control.likely(), control.likely().mean, control.bound()};
}

void MetricJudge::settle(detection::StableShare stable) {
  const Time told = by_same_node() ? told_node_ : told_all_;
  std::size_t settled = 0;
  for (; settled < pendings_ && pending_[settled].until <= told; ++settled) {
    const Pending& pending = pending_[settled];
    stable.most = pending.most;  // the present one's at least
    stable.bound = pending.bound;
    evidence_.observe(pending.window.trials, pending.window.scrapes, stable, pending.from);
  }
  std::move(pending_.begin() + static_cast<std::ptrdiff_t>(settled), pending_.begin() + static_cast<std::ptrdiff_t>(pendings_), pending_.begin());
  pendings_ -= settled;
}

void MetricJudge::settle_by_history() {
  const Window all = pending();
  // Half a bad request more than was seen: a history without any must not make the first one an outrage.
  detection::StableShare stable{{bound_.high, 0}, {(history_.bad + 0.5) / (history_.total + 1), 0}, bound_.low, bound_.high};
  for (std::size_t i = 0; i < pendings_ && told_all_ > Time::min(); ++i) {  // what the control showed last excuses what waited
    if (pending_[i].most.mean > stable.most.mean) stable.most = pending_[i].most;
    stable.bound = std::max(stable.bound, pending_[i].bound);
  }
  evidence_.observe(all.trials, all.scrapes, stable, pending_[0].from);
  pendings_ = 0;
}

void MetricJudge::drop_pending() {
  pendings_ = 0;
  preview();
}

wire::MetricRatios MetricJudge::ratios() const {
  return {metric_, kind_, 0, evidence_.began(), {evidence_.shared_log_ratios().begin(), evidence_.shared_log_ratios().end()},
          {evidence_.shared_preview().begin(), evidence_.shared_preview().end()}};
}

void MetricJudge::describe(MetricEvidence& out) const {
  const detection::CountSettings settings = count_settings();
  out.excluded = excluded();
  out.slow_above = kind_ == wire::MetricKind::latency && slow_from_ > 0 ? bounds_[slow_from_ - 1] : 0;
  out.baseline = history_.share();
  out.limit = std::min(settings.slope * bound_.high + settings.tolerance, 1.0);
  out.matters = std::min(out.baseline + settings.effect, 1.0);
  Trials recent;
  for (const Trials& trials : recent_) recent = {recent.total + trials.total, recent.bad + trials.bad};
  out.now = recent.share();
  const bool judged = out.excluded == Excluded::no;
  out.log_evidence = judged ? evidence_.log_evidence() : 0;
  out.log_pass_evidence = judged ? evidence_.log_pass_evidence() : 0;
  out.windows = windows_;
  out.pass = {};
  const double more = static_cast<double>(windows_) * (detection::log_pass_needed / std::max(out.log_pass_evidence, 1e-9) - 1);
  if (more > 0 && more < most_scrapes_told) out.pass.scrapes = static_cast<std::uint64_t>(std::ceil(more));
  out.since.reset();
  if (out.log_evidence > 0) out.since = evidence_.since();
}

}  // namespace charon::agent
