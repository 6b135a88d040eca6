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
constexpr double node_control = 20;          // requests from which the node's own control does
constexpr std::uint64_t control_patience = 6;  // scrapes; reports come each other scrape

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
  pending_ = {};
  control_all_.restart();
  control_node_.restart();
  control_came_ = false;
  since_control_ = 0;
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

void MetricJudge::control(const wire::MetricCounts* everywhere, const wire::MetricCounts* same_node, bool continues) {
  const bool first = last_all_.trials.total <= 0 && last_node_.trials.total <= 0;
  const bool all = add_control(everywhere, last_all_, control_all_, continues);
  const bool here = add_control(same_node, last_node_, control_node_, continues);
  if (all || here) control_came_ = true;
  if (all || here || (first && (everywhere || same_node))) since_control_ = 0;  // the first has nothing to tell yet, the next will
}

bool MetricJudge::add_control(const wire::MetricCounts* counts, Window& last, ControlShare& share, bool continues) const {
  if (!counts || !same_bounds(counts->bounds, bounds_)) {
    last = {};
    return false;
  }
  const Window now = window(*counts);
  const Trials more{now.trials.total - last.trials.total, now.trials.bad - last.trials.bad};
  const double scrapes = now.scrapes - last.scrapes;
  // A pod that left takes its counts away: such a step tells nothing, and the next ones count from there.
  const bool grew = continues && last.trials.total > 0 && more.total > 0 && more.bad >= 0 && more.total >= more.bad && scrapes >= 0;
  last = now;
  if (grew) share.add(more, scrapes);
  return grew;
}

void MetricJudge::scrape(std::span<const double> increments, Time now) {
  const bool counts = excluded() == Excluded::no;
  // What was scraped before this control came is what it tells of.
  if (counts && control_came_ && pending_.scrapes > 0) settle(by_control());
  control_came_ = false;
  ++since_control_;
  evidence_.tick(now);
  Trials seen;
  for (std::size_t i = 0; i < increments.size(); ++i) {
    seen.total += increments[i];
    if (is_bad(i)) seen.bad += increments[i];
  }
  if (seen.total > 0) {
    recent_[windows_++ % recent_.size()] = seen;
    pending_.trials = {pending_.trials.total + seen.total, pending_.trials.bad + seen.bad};
    pending_.scrapes += 1;
  }
  if (!counts) pending_ = {};
  if (pending_.scrapes <= 0) return;
  if (since_control_ > control_patience) {
    // Half a bad request more than was seen: a history without any must not make the first one an outrage.
    settle({{bound_.high, 0}, {(history_.bad + 0.5) / (history_.total + 1), 0}, bound_.low, bound_.high});
  } else {
    evidence_.preview(pending_.trials, pending_.scrapes, by_control());
  }
}

detection::StableShare MetricJudge::by_control() const {
  // Which control counts is settled by how much it served, never by how well.
  const ControlShare& control = control_node_.served() >= node_control ? control_node_ : control_all_;
  return {control.most(), control.likely(), control.likely().mean, control.bound()};
}

void MetricJudge::settle(const detection::StableShare& stable) {
  evidence_.observe(pending_.trials, pending_.scrapes, stable);
  pending_ = {};
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
