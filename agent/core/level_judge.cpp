#include "agent/core/level_judge.hpp"

#include "agent/core/level_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace charon::agent {
namespace {

using detection::Direction;
using detection::ShiftSettings;

constexpr std::array<double, 3> source_weight = {0.6, 0.2, 0.2};
constexpr double day_deviation = 0.15;          // history only: what time of day and load may do to a level, log
constexpr double documented_deviations = 2;  // of the documented spread: healthy pods rarely differ by more
constexpr double start_deviation = 0.35;         // of how far a start is from the level: no start goes like another
constexpr double recent_memory = 0.3;            // a scrape: the last three or so count
constexpr double scrapes_of_an_hour = 720;

/// The weights of level, growth and restlessness.
struct Questions { double level, growth, restless; };
Questions questions(const detection::MetricMeaning& meaning) {
  // A share's variance goes with its level: how restless it is says nothing.
  const double restless = meaning.scale == detection::Scale::ratio ? 0.15 : 0, growth = meaning.trend ? 0.35 : 0;
  return {1 - growth - restless, growth, restless};
}

std::array<double, detection::effect_sizes> sizes(double matters) { return {matters, 2 * matters, 4 * matters, 8 * matters}; }

double effect_on_scale(const detection::MetricMeaning& meaning, double share) {
  return meaning.scale == detection::Scale::ratio ? std::log1p(share * meaning.effect) : share * meaning.effect;
}

double sum_of_logs(std::initializer_list<std::pair<double, double>> weighted) {
  double largest = 0, sum = 0;
  for (const auto& [weight, log] : weighted)
    if (weight > 0) largest = std::max(largest, log);
  for (const auto& [weight, log] : weighted)
    if (weight > 0) sum += weight * std::exp(log - largest);
  return largest + std::log(sum);
}

}  // namespace

LevelJudge::Case::Case(const ShiftSettings& level, const ShiftSettings& trend, const wire::LevelSummary& moves, double noise)
    : moves(moves), filter(moves.phi, noise, detection::phi_error(moves)), up(level), down(level), growth(trend), restless(moves.phi, moves.noise, moves.activity), prior_deviation(std::sqrt(level.prior_variance)) {}

double LevelJudge::Case::log_evidence(const detection::MetricMeaning& meaning) const {
  Questions share = questions(meaning);
  if (!restless_known) share = {share.level + share.restless, share.growth, 0};
  const bool both = meaning.direction == Direction::both;
  const double up_share = meaning.direction == Direction::down ? 0 : both ? share.level / 2 : share.level;
  return sum_of_logs({{up_share, up.log_evidence()}, {share.level - up_share, down.log_evidence()}, {share.growth, growth.log_evidence()}, {share.restless, restless.log_evidence()}});
}

LevelJudge::LevelJudge(std::string name, const detection::MetricMeaning& meaning, double floor, double tolerance_share)
    : name_(std::move(name)), meaning_(meaning), floor_(floor), tolerance_share_(tolerance_share) {}

void LevelJudge::restart() {
  for (auto& c : cases_) c.reset();
  windows_ = 0;
  recent_known_ = false;
  recent_ = 0;
}

void LevelJudge::refer_to(const LevelReference& reference) {
  reference_ = reference;
  young_ = detection::young_differences(reference_.everywhere);
}

void LevelJudge::control(const wire::LevelNow& same_node, const wire::LevelNow& elsewhere) {
  same_node_ = same_node;
  elsewhere_ = elsewhere;
}

LevelJudge::Source LevelJudge::choose() const { return same_node_.pods > 0 ? Source::same_node : elsewhere_.pods > 0 ? Source::elsewhere : Source::history; }

LevelJudge::Case LevelJudge::open(Source source, double pods) const {
  const wire::LevelSummary& moves = reference_.same_node.scrapes > 0 ? reference_.same_node : reference_.everywhere;
  const double pair = 2 * std::pow(meaning_.pod_spread / documented_deviations, 2);  // variance of a difference of two pods
  const double degrees = prior_degrees + reference_.spread.degrees;
  const double known = (prior_degrees * pair + reference_.spread.squares) / degrees;
  const double nodes = std::pow(meaning_.node_spread / documented_deviations, 2);
  const double from_control = 1 / std::max(pods, 1.0);
  const bool here = source == Source::same_node || reference_.same_node.scrapes > 0;
  const double scale = detection::deviation(moves);

  ShiftSettings level;
  level.tolerance = effect_on_scale(meaning_, tolerance_share_);
  level.matters = effect_on_scale(meaning_, 1);
  level.sizes = sizes(level.matters);
  level.prior_variance = known * (1 + from_control) / 2 + (here ? 0 : nodes * (1 + from_control));
  level.degrees = degrees;
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
  trend.sizes = {2 * trend.matters, 5 * trend.matters, 12 * trend.matters, 30 * trend.matters};
  Case out{level, trend, moves, noise};
  out.restless_known = floor_ != floor_of_things || std::exp(-moves.level) < moves.noise;
  return out;
}

void LevelJudge::scrape(double value, std::uint64_t age, bool suspended) {
  for (auto& c : cases_)
    if (c) {
      c->up.tick();
      c->down.tick();
      c->growth.tick();
    }
  if (!has_reference()) return;
  const Source source = choose();
  if (source != source_) source_ = source;
  auto& active = cases_[static_cast<std::size_t>(source)];
  const bool first = !active;
  const wire::LevelNow* now = source == Source::same_node ? &same_node_ : source == Source::elsewhere ? &elsewhere_ : nullptr;
  const wire::LevelSummary& history = reference_.same_node.scrapes > 0 ? reference_.same_node : reference_.everywhere;
  const double young = age < young_.size() ? static_cast<double>(young_[age]) : 0;
  if (!std::isnan(value)) {  // judged or not: what it says may suspend others
    expected_ = young + (source == Source::same_node ? now->value : history.level + (now ? now->value : 0));
    last_ = value;
    recent_ += (recent_known_ ? recent_memory : 1) * (value - expected_ - recent_);
    recent_known_ = true;
  }
  if (std::isnan(value) || suspended) {
    if (active) {
      active->since += 1;
      active->restless.scrape(std::numeric_limits<double>::quiet_NaN(), false);
    }
    return;
  }
  if (first) {
    active = std::make_unique<Case>(open(source, now ? now->pods : 1));
    active->up.tick();
    active->down.tick();
    active->growth.tick();
  }
  ++windows_;
  Case& c = *active;
  const auto seen = c.filter.pass(value - expected_, c.prior_deviation, c.since);
  c.restless.scrape(value - young, young == 0);
  c.since = 1;
  // How a start goes differs from start to start: what is expected of a young pod is as uncertain as it is large.
  const double precision = 1 / (1 / seen.precision + std::pow(start_deviation * young, 2));
  c.up.observe(seen.y, precision);
  c.down.observe(-seen.y, precision);
  c.growth.observe(seen.y, 1 / (1 / seen.precision + young * young));
}

double LevelJudge::over_sources(double (*log_of)(const Case&, const detection::MetricMeaning&)) const {
  double largest = 0, sum = 0;
  std::array<double, sources> logs{};
  for (std::size_t i = 0; i < sources; ++i) {
    logs[i] = cases_[i] ? log_of(*cases_[i], meaning_) : 0;
    largest = std::max(largest, logs[i]);
  }
  for (std::size_t i = 0; i < sources; ++i) sum += source_weight[i] * std::exp(logs[i] - largest);
  return largest + std::log(sum);
}

double LevelJudge::log_evidence() const {
  return over_sources([](const Case& c, const detection::MetricMeaning& meaning) { return c.log_evidence(meaning); });
}

double LevelJudge::log_pass_evidence() const {
  return over_sources([](const Case& c, const detection::MetricMeaning& meaning) {
    const double up = c.up.log_pass_evidence(), down = c.down.log_pass_evidence();
    return meaning.direction == Direction::up ? up : meaning.direction == Direction::down ? down : std::min(up, down);
  });
}

std::size_t LevelJudge::scrapes_since_onset() const {
  double strongest = 0;
  std::size_t since = 0;
  const auto consider = [&](const auto& evidence) {
    if (evidence.log_evidence() <= strongest) return;
    strongest = evidence.log_evidence();
    since = evidence.scrapes_since_onset();
  };
  for (const auto& c : cases_)
    if (c) {
      for (const auto* evidence : {&c->up, &c->down, &c->growth}) consider(*evidence);
      consider(c->restless);
    }
  return since;
}

void LevelJudge::describe(MetricEvidence& out) const {
  out.excluded = has_reference() ? Excluded::no : Excluded::no_baseline;
  out.baseline = windows_ > 0 ? from_scale(expected_, meaning_.scale, floor_) : 0;
  out.now = windows_ > 0 ? from_scale(last_, meaning_.scale, floor_) : 0;
  out.limit = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, tolerance_share_), meaning_.scale, floor_) : 0;
  out.matters = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, 1), meaning_.scale, floor_) : 0;
  out.log_evidence = has_reference() ? log_evidence() : 0;
  out.log_pass_evidence = has_reference() ? log_pass_evidence() : 0;
  out.windows = windows_;
}

}  // namespace charon::agent
