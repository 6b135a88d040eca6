#include "agent/core/metric_judge.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace charon::agent {
namespace {

constexpr double natural_spread = 0.5;       // between pods and nodes, relative to the stable share
constexpr double most_slow = 0.10;           // share of stable requests above the slow threshold
constexpr double least_history = 30;         // effective requests below which a share means nothing
constexpr double node_history = 300;         // effective requests from which the node's own history counts
constexpr std::uint64_t control_patience = 6;  // scrapes; reports come each other scrape
constexpr double prior_requests = 10;        // what the alternative's starting point is worth
const double log_pass_needed = std::log(1 / 0.01);
const double log_pass_most = 3 * log_pass_needed;  // more is given up, so that a late fault takes the pass back soon

std::size_t slow_bucket(const wire::MetricCounts& counts) {
  const double total = static_cast<double>(std::accumulate(counts.counts.begin(), counts.counts.end(), std::uint64_t{0}));
  double within = 0;
  for (std::size_t i = 0; i < counts.bounds.size(); ++i) {
    within += static_cast<double>(counts.counts[i]);
    if (total - within <= most_slow * total) return i + 1;
  }
  return counts.bounds.size();
}

Trials sum(Trials a, Trials b) { return {a.total + b.total, a.bad + b.bad}; }

}  // namespace

bool same_bounds(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return std::abs(x - y) <= 1e-9 * std::max(std::abs(x), std::abs(y)); });
}

MetricJudge::MetricJudge(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings, Time now)
    : metric_(history.metric), kind_(history.kind), bounds_(history.bounds), slow_from_(slow_bucket(history)), settings_(settings) {
  read_history(history, same_node);
  restart(now);
}

void MetricJudge::update(const wire::MetricCounts& history, const wire::MetricCounts* same_node, const JudgeSettings& settings, Time now) {
  settings_ = settings;
  if (!same_bounds(history.bounds, bounds_)) {
    bounds_ = history.bounds;
    slow_from_ = slow_bucket(history);
    last_all_ = last_node_ = {};
    restart(now);
  }
  read_history(history, same_node);
}

void MetricJudge::restart(Time now) {
  worse_.restart(now);
  not_worse_ = {};
  pending_ = {};
  pending_scrapes_ = 0;
  pending_all_ = pending_node_ = {};
  learnt_control_ = {};
  since_control_ = control_patience;
  recent_.fill({});
  windows_ = 0;
}

Trials MetricJudge::trials(const wire::MetricCounts& counts) const {
  Trials result;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    const double count = static_cast<double>(counts.counts[i]);
    result.total += count;
    if (kind_ == wire::MetricKind::error_ratio ? i == 1 : i >= slow_from_) result.bad += count;
  }
  return result;
}

void MetricJudge::read_history(const wire::MetricCounts& history, const wire::MetricCounts* same_node) {
  effect_ = kind_ == wire::MetricKind::error_ratio ? settings_.error_ratio_effect : settings_.latency_effect;
  limit_ = {.slope = 1 + natural_spread, .offset = settings_.tolerance * effect_};
  // The slow threshold is chosen with the data, one of `bounds`: the error is divided among them.
  const double error = settings_.history_error / static_cast<double>(std::max<std::size_t>(bounds_.size(), 1));
  history_ = effective(trials(history), static_cast<double>(history.windows));
  share_ = stable_share(history_, error);
  if (!same_node || !same_bounds(same_node->bounds, bounds_)) return;
  const Trials here = effective(trials(*same_node), static_cast<double>(same_node->windows));
  if (here.total < node_history || here.share() <= history_.share()) return;
  history_ = here;
  share_.high = std::max(share_.high, stable_share(here, error).high);
}

Excluded MetricJudge::excluded() const {
  if (ignored_) return Excluded::ignored;
  if (!bounds_match_) return Excluded::bounds_differ;
  if (history_.total < least_history) return Excluded::baseline_too_small;
  return Excluded::no;
}

void MetricJudge::control(const wire::MetricCounts* everywhere, const wire::MetricCounts* same_node, bool continues) {
  const double before = pending_all_.trials.total + pending_node_.trials.total;
  add_control(everywhere, last_all_, pending_all_, continues);
  add_control(same_node, last_node_, pending_node_, continues);
  if (pending_all_.trials.total + pending_node_.trials.total > before) since_control_ = 0;
}

void MetricJudge::add_control(const wire::MetricCounts* counts, Window& last, Window& pending, bool continues) const {
  if (!counts || !same_bounds(counts->bounds, bounds_)) {
    last = {};
    return;
  }
  const Window now{trials(*counts), static_cast<double>(counts->windows)};
  const Window grown{{now.trials.total - last.trials.total, now.trials.bad - last.trials.bad}, now.scrapes - last.scrapes};
  // A pod that left takes its counts away: such a step tells nothing, and the next ones count from there.
  const bool grew = grown.trials.bad >= 0 && grown.trials.total >= grown.trials.bad && grown.scrapes >= 0;
  if (continues && last.trials.total > 0 && grew) {
    pending.trials = sum(pending.trials, grown.trials);
    pending.scrapes += grown.scrapes;
  }
  last = now;
}

void MetricJudge::scrape(std::span<const double> increments, Time now) {
  worse_.tick(now);
  ++since_control_;
  Trials seen;
  for (std::size_t i = 0; i < increments.size(); ++i) {
    seen.total += increments[i];
    if (kind_ == wire::MetricKind::error_ratio ? i == 1 : i >= slow_from_) seen.bad += increments[i];
  }
  if (seen.total > 0) {
    recent_[windows_++ % recent_.size()] = seen;
    pending_ = sum(pending_, seen);
    pending_scrapes_ += 1;
  }
  if (excluded() != Excluded::no) {
    pending_ = {};
    pending_scrapes_ = 0;
    return;
  }
  const bool have_control = pending_all_.trials.total > 0 || pending_node_.trials.total > 0;
  if (pending_.total > 0 && (have_control || since_control_ > control_patience)) judge_block(now);
}

void MetricJudge::judge_block(Time now) {
  const Trials seen = effective(pending_, pending_scrapes_);
  // Which control counts is settled by how much it served, never by how well.
  const Window& chosen = pending_node_.trials.total >= 20 ? pending_node_ : pending_all_.trials.total > 0 ? pending_all_ : pending_node_;
  const Trials stable = effective(chosen.trials, chosen.scrapes);
  // The alternative's stable share: history, moved by what the control showed lately. Only power hangs on it.
  const double known = std::min(history_.total, 500.0);
  const double q1 = stable.total > 0 ? sum({known, known * history_.share()}, learnt_control_).share() : history_.share();
  const Line matters{.slope = 1, .offset = effect_};
  const double edge = stable.total > 0 ? limit_.at(q1) : limit_.at(share_.high);
  const double least_worse = edge + std::max((1 - settings_.tolerance) * effect_, 1e-3);
  // A block of several scrapes may add more than one scrape, but less than two: it may hold only one bad one.
  const double cap = pending_scrapes_ > 1 ? 1.5 * settings_.cap : settings_.cap;
  worse_.multiply(seen, cap, now, [&](const EProcess::Part& part) {
    const double fitted = (part.learnt.bad + prior_requests * least_worse) / (part.learnt.total + prior_requests);
    const double p1 = std::max(fitted, least_worse);
    return stable.total > 0 ? log_two_sample(stable, seen, q1, p1, limit_, NullSide::at_most)
                            : log_one_sample(seen, p1, edge, NullSide::at_most);
  });

  const Trials& learnt = not_worse_.learnt;
  const double fitted = (learnt.bad + prior_requests * q1) / (learnt.total + prior_requests);
  const double p1 = std::min(fitted, q1 + settings_.tolerance * effect_);
  const double factor = stable.total > 0 ? log_two_sample(stable, seen, q1, p1, matters, NullSide::at_least)
                                         : log_one_sample(seen, p1, matters.at(share_.low), NullSide::at_least);
  const double pass_cap = std::min(cap, log_pass_needed / 3);
  not_worse_.log_wealth = std::min(not_worse_.log_wealth + bounded_log_factor(factor, pass_cap), log_pass_most);
  not_worse_.learnt = sum(learnt, seen);

  learnt_control_ = sum({0.9 * learnt_control_.total, 0.9 * learnt_control_.bad}, stable);
  pending_ = {};
  pending_scrapes_ = 0;
  pending_all_ = pending_node_ = {};
}

void MetricJudge::describe(MetricEvidence& out) const {
  out.excluded = excluded();
  out.slow_above = kind_ == wire::MetricKind::latency && slow_from_ > 0 ? bounds_[slow_from_ - 1] : 0;
  out.baseline = history_.share();
  out.limit = std::min(limit_.at(share_.high), 1.0);
  out.matters = std::min(out.baseline + effect_, 1.0);
  Trials recent;
  for (const Trials& trials : recent_) recent = sum(recent, trials);
  out.now = recent.share();
  const bool judged = out.excluded == Excluded::no;
  out.log_evidence = judged ? worse_.log_evidence() : 0;
  out.log_pass_evidence = judged ? not_worse_.log_wealth : 0;
  out.windows = windows_;
  out.since.reset();
  if (out.log_evidence > 0) out.since = worse_.rising_since();
}

}  // namespace charon::agent
