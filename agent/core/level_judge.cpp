#include "agent/core/level_judge.hpp"

#include "agent/core/level_values.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {
namespace {

using detection::Direction;
using detection::ShiftSettings;

constexpr std::array<double, 3> source_weight = {0.6, 0.2, 0.2};
constexpr double day_deviation = 0.15;          // history only: what time of day and load may do to a level, log
constexpr double usual_activity_deviation = 0.25, activity_tolerance = 0.5;
constexpr double activity_precision = 1 / 1.6;  // squares of clipped Gaussian residuals, per scrape
constexpr double scrapes_of_an_hour = 720;

/// The weights of level, growth and restlessness.
struct Questions { double level, growth, restless; };
Questions questions(const detection::MetricMeaning& meaning) { return meaning.trend ? Questions{0.5, 0.35, 0.15} : Questions{0.8, 0, 0.2}; }

std::array<double, detection::effect_sizes> sizes(double matters) { return {matters, 2 * matters, 4 * matters, 8 * matters}; }

double effect_on_scale(const detection::MetricMeaning& meaning, double share) {
  return meaning.scale == detection::Scale::ratio ? std::log1p(share * meaning.effect) : share * meaning.effect;
}

double sum_of_logs(std::initializer_list<std::pair<double, double>> weighted) {
  double largest = 0, sum = 0;
  for (const auto& [weight, log] : weighted)
    if (weight > 0) largest = std::max(largest, log);
  for (const auto& [weight, log] : weighted) sum += weight * std::exp(log - largest);
  return largest + std::log(sum);
}

}  // namespace

LevelJudge::Case::Case(const ShiftSettings& level, const ShiftSettings& trend, const ShiftSettings& activity, double phi, double noise, double usual)
    : filter(phi, noise), up(level), down(level), growth(trend), restless(activity), prior_deviation(std::sqrt(level.prior_variance)), usual_activity(usual) {}

double LevelJudge::Case::log_evidence(const detection::MetricMeaning& meaning) const {
  const Questions share = questions(meaning);
  const bool both = meaning.direction == Direction::both;
  const double up_share = meaning.direction == Direction::down ? 0 : both ? share.level / 2 : share.level;
  return sum_of_logs({{up_share, up.log_evidence()}, {share.level - up_share, down.log_evidence()}, {share.growth, growth.log_evidence()}, {share.restless, restless.log_evidence()}});
}

LevelJudge::LevelJudge(std::string name, const detection::MetricMeaning& meaning, double floor, double tolerance_share)
    : name_(std::move(name)), meaning_(meaning), floor_(floor), tolerance_share_(tolerance_share) {}

void LevelJudge::restart() {
  for (auto& c : cases_) c.reset();
  windows_ = 0;
}

void LevelJudge::control(const wire::LevelNow& same_node, const wire::LevelNow& elsewhere) {
  same_node_ = same_node;
  elsewhere_ = elsewhere;
}

LevelJudge::Source LevelJudge::choose() const { return same_node_.pods > 0 ? Source::same_node : elsewhere_.pods > 0 ? Source::elsewhere : Source::history; }

LevelJudge::Case LevelJudge::open(Source source, double pods) const {
  const wire::LevelSummary& moves = reference_.same_node.scrapes > 0 ? reference_.same_node : reference_.everywhere;
  const double pair = 2 * meaning_.pod_spread * meaning_.pod_spread;  // variance of a difference of two pods
  const double degrees = prior_degrees + reference_.spread.degrees;
  // What was learnt is itself uncertain: with few degrees of freedom it may be much larger than it looks.
  const double known = (prior_degrees * pair + reference_.spread.squares * (1 + 4 / degrees)) / degrees;
  const double nodes = meaning_.node_spread * meaning_.node_spread;
  const double from_control = 1 / std::max(pods, 1.0);
  const bool here = source == Source::same_node || (source == Source::history && reference_.same_node.scrapes > 0);
  const double scale = detection::deviation(moves);

  ShiftSettings level;
  level.tolerance = effect_on_scale(meaning_, tolerance_share_);
  level.matters = effect_on_scale(meaning_, 1);
  level.sizes = sizes(level.matters);
  level.prior_variance = known * (1 + from_control) / 2 + (here ? 0 : nodes * (1 + from_control));
  level.wander = moves.wander * (1 + from_control) + 1e-4 * scale * scale;
  level.prior_variance += level.wander;
  level.late = source != Source::history;
  double noise = moves.noise * std::sqrt(1 + from_control);
  if (source == Source::history) {
    const double day = meaning_.scale == detection::Scale::ratio ? day_deviation : meaning_.effect / 2;
    const double effective = std::max(static_cast<double>(moves.scrapes) * (1 - moves.phi) / (1 + moves.phi), 1.0);
    level.prior_variance += day * day + scale * scale / effective;
    noise = moves.noise;
  }
  ShiftSettings trend = level;
  trend.shape = detection::Shape::trend;
  trend.tolerance = level.tolerance / scrapes_of_an_hour;
  trend.matters = level.matters / scrapes_of_an_hour;
  trend.sizes = {2 * trend.matters, 6 * trend.matters, 20 * trend.matters, 60 * trend.matters};
  ShiftSettings activity;
  const double usual = std::max(moves.activity, 0.5);
  activity.tolerance = activity_tolerance * usual;
  activity.matters = usual;
  activity.sizes = {0.8 * usual, 1.2 * usual, 2 * usual, 3.5 * usual};
  activity.prior_variance = std::pow(usual_activity_deviation * usual, 2);
  activity.wander = activity.prior_variance;
  activity.late = level.late;
  return {level, trend, activity, moves.phi, noise, usual};
}

void LevelJudge::scrape(double value, std::uint64_t age, bool suspended) {
  for (auto& c : cases_)
    if (c) {
      c->up.tick();
      c->down.tick();
      c->growth.tick();
      c->restless.tick();
    }
  if (!has_reference()) return;
  const Source source = choose();
  if (source != source_) source_ = source;
  auto& active = cases_[static_cast<std::size_t>(source)];
  const bool first = !active;
  if (std::isnan(value) || suspended) {
    if (active) active->since += 1;
    return;
  }
  const wire::LevelNow* now = source == Source::same_node ? &same_node_ : source == Source::elsewhere ? &elsewhere_ : nullptr;
  const wire::LevelSummary& history = reference_.same_node.scrapes > 0 ? reference_.same_node : reference_.everywhere;
  if (first) {
    active = std::make_unique<Case>(open(source, now ? now->pods : 1));
    active->up.tick();
    active->down.tick();
    active->growth.tick();
    active->restless.tick();
  }
  const double young = detection::young_difference(reference_.everywhere, age);
  expected_ = (now ? now->value : history.level) + young;
  last_ = value;
  ++windows_;
  Case& c = *active;
  const auto seen = c.filter.pass(value - expected_, c.prior_deviation, c.since);
  c.since = 1;
  // How a start goes differs from start to start: what is expected of a young pod is as uncertain as it is large.
  const double precision = 1 / (1 / seen.precision + young * young);
  c.up.observe(seen.y, precision);
  c.down.observe(-seen.y, precision);
  c.growth.observe(seen.y, precision);
  if (young == 0) c.restless.observe(std::min(seen.residual * seen.residual, 6.25) - c.usual_activity, activity_precision);
}

double LevelJudge::log_evidence() const {
  double largest = 0, sum = 0;
  std::array<double, sources> logs{};
  for (std::size_t i = 0; i < sources; ++i) {
    logs[i] = cases_[i] ? cases_[i]->log_evidence(meaning_) : 0;
    largest = std::max(largest, logs[i]);
  }
  for (std::size_t i = 0; i < sources; ++i) sum += source_weight[i] * std::exp(logs[i] - largest);
  return largest + std::log(sum);
}

double LevelJudge::difference() const {
  const auto& c = cases_[static_cast<std::size_t>(source_)];
  return c && c->filter.started() ? c->filter.level() : 0;
}

std::size_t LevelJudge::scrapes_since_onset() const {
  const detection::ShiftEvidence* strongest = nullptr;
  for (const auto& c : cases_)
    if (c)
      for (const auto* evidence : {&c->up, &c->down, &c->growth, &c->restless})
        if (!strongest || evidence->log_evidence() > strongest->log_evidence()) strongest = evidence;
  return strongest ? strongest->scrapes_since_onset() : 0;
}

void LevelJudge::describe(MetricEvidence& out) const {
  out.excluded = has_reference() ? Excluded::no : Excluded::no_baseline;
  out.baseline = windows_ > 0 ? from_scale(expected_, meaning_.scale, floor_) : 0;
  out.now = windows_ > 0 ? from_scale(last_, meaning_.scale, floor_) : 0;
  out.limit = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, tolerance_share_), meaning_.scale, floor_) : 0;
  out.matters = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, 1), meaning_.scale, floor_) : 0;
  out.log_evidence = has_reference() ? log_evidence() : 0;
  out.windows = windows_;
}

}  // namespace charon::agent
