#include "agent/core/level_judge.hpp"

#include "agent/core/level_values.hpp"
#include "lib/detection/log_sum.hpp"
#include "lib/detection/pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace charon::agent {
namespace {

using detection::Direction;
using detection::ShiftSettings;
using Question = LevelCase::Question;

constexpr std::array<double, 3> source_weight = {0.6, 0.2, 0.2};
constexpr double least_degrees = 8;              // learned: with fewer a spread is an assumption, and no verdict rests on it
constexpr double documented_deviations = 2;  // of the documented spread: healthy pods rarely differ by more
constexpr double uncertain_start = 0.35;         // of how far a start is from the level: no start goes like another
constexpr double recent_memory = 0.3;            // a scrape: the last three or so count
constexpr std::size_t first_values = 3;          // on which the running level rests alone: a spike among them would look like growth
constexpr double scrapes_of_an_hour = 720;
constexpr double weight_of_growth = 0.35, weight_of_restless = 0.15;  // where asked; the rest is where the level stands
constexpr std::size_t outranked_for = 24;    // scrapes
constexpr double against_what_matters = 1;   // nats of evidence that there is no such effect

double effect_on_scale(const detection::MetricMeaning& meaning, double share) {
  return meaning.scale == detection::Scale::ratio ? std::log1p(share * meaning.effect) : share * meaning.effect;
}

}  // namespace

wire::LevelSummary LevelReference::moves() const {
  if (same_node.scrapes >= scrapes_to_know_moves) return same_node;
  wire::LevelSummary out = everywhere;
  if (!ran_here()) return out;
  out.scrapes = same_node.scrapes;  // that surely
  out.phi = std::max(out.phi, same_node.phi);
  out.noise = std::max(out.noise, same_node.noise);
  out.wander = std::max(out.wander, same_node.wander);
  out.activity = std::max(out.activity, same_node.activity);
  return out;
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

void LevelJudge::control(const wire::LevelNow* same_node, const wire::LevelNow* elsewhere, Again again) {
  // A coordinator that does not say who they are: as many are the same.
  const auto stable = [](const wire::LevelNow* level, bool told_again) {
    return level ? Stable{level->value, level->pods, level->of > 0 ? level->of : level->pods, told_again} : Stable{};
  };
  same_node_ = stable(same_node, again.same_node);
  elsewhere_ = stable(elsewhere, again.elsewhere);
}

void LevelJudge::give_up_farther() {
  const LevelCase& nearer = *cases_[static_cast<std::size_t>(source_)];
  for (std::size_t farther = static_cast<std::size_t>(source_) + 1; farther < sources; ++farther) {
    auto& c = cases_[farther];
    if (c && ++c->outranked >= outranked_for && c->log_evidence() > 0 && nearer.log_pass_evidence() > against_what_matters) c.reset();
  }
}

LevelJudge::Source LevelJudge::choose() const { return same_node_.pods > 0 ? Source::same_node : elsewhere_.pods > 0 ? Source::elsewhere : Source::history; }

LevelCase LevelJudge::open(Source source, const Stable* now) const {
  const std::uint32_t pods = now ? now->pods : 1;
  const wire::LevelSummary moves = reference_.moves();
  const double pair = 2 * std::pow(meaning_.pod_spread / documented_deviations, 2);  // variance of a difference of two pods
  const double degrees = prior_degrees + reference_.spread.degrees;
  const double known = (prior_degrees * pair + reference_.spread.squares) / degrees;
  const double nodes = std::pow(meaning_.node_spread / documented_deviations, 2);
  const double from_control = 1.0 / std::max(pods, 1U);
  const bool here = source == Source::same_node || reference_.ran_here();
  const double scale = detection::deviation(moves);

  ShiftSettings level;
  level.tolerance = effect_on_scale(meaning_, tolerance_share_);
  level.matters = effect_on_scale(meaning_, 1);
  level.sizes = detection::sizes_of(level.shape, level.matters);
  level.prior_variance = known * (1 + from_control) / 2 + (here ? 0 : nodes * (1 + from_control));
  level.degrees = degrees;
  level.assumed = !meaning_.named && (reference_.spread.degrees < least_degrees || !here);  // a policy that names it vouches for it
  level.wander = moves.wander * (1 + from_control) + 1e-4 * scale * scale;
  level.prior_variance += level.wander;
  level.late = source != Source::history;
  double noise = moves.noise * std::sqrt(1 + from_control);
  const double effective = std::max(static_cast<double>(reference_.nearest().scrapes) * (1 - moves.phi) / (1 + moves.phi), 1.0);
  const double of_mean = scale * scale / effective;
  if (source == Source::history) {
    const double day = meaning_.scale == detection::Scale::ratio ? day_deviation : meaning_.effect / 2;
    level.prior_variance += day * day + of_mean;
    noise = moves.noise;
  }
  ShiftSettings trend = level;
  trend.shape = detection::Shape::trend;
  trend.tolerance = level.tolerance / scrapes_of_an_hour;
  trend.matters = level.matters / scrapes_of_an_hour;
  trend.sizes = detection::sizes_of(trend.shape, trend.matters);
  // Counts of a few things move by whole ones and at times: no noise to compare. A share's variance goes with its level: how
  // restless it is says nothing. What is counted between two scrapes - rates, durations of requests - moves with how many
  // there are, and with how their rhythm falls on that of the scrapes, which is another for each pod.
  const bool restless_known = meaning_.kind == detection::Kind::gauge && meaning_.scale == detection::Scale::ratio && (floor_ != floor_of_things || std::exp(-moves.level) < moves.noise);
  const double restless = restless_known ? weight_of_restless : 0, growth = meaning_.trend ? weight_of_growth : 0, stands = 1 - growth - restless;
  const bool up = meaning_.direction != Direction::down, down = meaning_.direction != Direction::up;
  LevelCase out(moves, noise, std::sqrt(level.prior_variance));
  if (up) out.ask(Question::up, down ? stands / 2 : stands, level);
  if (down) out.ask(Question::down, up ? stands / 2 : stands, level);
  if (growth > 0) out.ask(Question::growth, growth, trend);
  out.weights.push_back(restless);
  out.pods = out.opened_with = now ? pods : 0;
  out.deviation = std::sqrt(scale * scale + moves.wander);
  // Others' pods count against their own past. Student's t varies by more than its scale.
  out.pod_variance = source == Source::same_node ? known / 2 * degrees / (degrees - 2) : of_mean + moves.wander;
  return out;
}

void LevelJudge::scrape(double value, std::uint64_t age, bool suspended) {
  for (auto& c : cases_)
    if (c) c->tick();
  if (!has_reference()) return;
  source_ = choose();
  auto& active = cases_[static_cast<std::size_t>(source_)];
  const Stable* now = source_ == Source::same_node ? &same_node_ : source_ == Source::elsewhere ? &elsewhere_ : nullptr;
  const double young = age < young_.size() ? static_cast<double>(young_[age]) : 0;
  if (!std::isnan(value)) {  // judged or not: what it says may suspend others
    expected_ = young + (source_ == Source::same_node ? now->value : reference_.nearest().level + (now ? now->value : 0));
    last_ = value;
    recent_ += (recent_known_ ? recent_memory : 1) * (value - expected_ - recent_);
    recent_known_ = true;
  }
  if (std::isnan(value) || suspended || (now && now->again)) {
    if (active) {
      active->since += 1;
      active->restless.scrape(std::numeric_limits<double>::quiet_NaN(), false);
    }
    return;
  }
  if (!active) {
    active = std::make_unique<LevelCase>(open(source_, now));
    active->tick();
  }
  LevelCase& c = *active;
  if (now) {
    c.control_is(now->pods, now->who);
    const double usual = source_ == Source::same_node ? reference_.nearest().level : 0;
    if (c.control_is_beside_itself(now->value, value - young - (source_ == Source::same_node ? 0 : reference_.nearest().level), usual)) {
      c.since += 1;
      c.restless.scrape(std::numeric_limits<double>::quiet_NaN(), false);
      return;
    }
  }
  ++windows_;
  c.outranked = 0;
  give_up_farther();
  const auto seen = c.filter.pass(value - expected_, c.prior_deviation, c.since);
  c.restless.scrape(value - young, young == 0);
  c.since = 1;
  // How a start goes differs from start to start: what is expected of a young pod is as uncertain as it is large.
  const double of_level = 1 / (1 / seen.precision + std::pow(uncertain_start * young, 2)), of_growth = 1 / (1 / seen.precision + young * young);
  const bool settled = ++c.seen > first_values;
  c.start_of_level.add(of_level, uncertain_start * young);
  if (settled) c.start_of_growth.add(of_growth, uncertain_start * young);
  for (auto& [question, evidence] : c.questions)
    if (question != Question::growth || settled) evidence.observe(question == Question::down ? -seen.y : seen.y, question == Question::growth ? of_growth : of_level);
}

double LevelJudge::over_sources(double (LevelCase::*log_of)() const) const {
  std::array<double, sources> logs{};
  for (std::size_t i = 0; i < sources; ++i)
    if (cases_[i]) logs[i] = ((*cases_[i]).*log_of)();
  return detection::log_sum(source_weight, logs);
}

double LevelJudge::log_evidence() const { return over_sources(&LevelCase::log_evidence); }
double LevelJudge::log_pass_evidence() const { return over_sources(&LevelCase::log_pass_evidence); }

std::size_t LevelJudge::scrapes_since_onset() const {
  double strongest = 0;
  std::size_t since = 0;
  const auto consider = [&](const auto& evidence) {
    if (evidence.log_evidence() <= strongest) return;
    strongest = evidence.log_evidence();
    since = evidence.scrapes_since_onset();
  };
  for (const auto& c : cases_) {
    if (!c) continue;
    for (const auto& question : c->questions) consider(question.evidence);
    if (c->weights.back() > 0) consider(c->restless);
  }
  return since;
}

PassNeeds LevelJudge::pass_needs() const {
  PassNeeds out;
  const auto& active = cases_[static_cast<std::size_t>(source_)];
  if (!active || log_pass_evidence() >= detection::log_pass_needed) return out;
  out.pods = active->opened_with;
  // By this source alone: the others' part of the mean over sources counts as nothing.
  const double needed = detection::log_pass_needed - std::log(source_weight[static_cast<std::size_t>(source_)]);
  double times = 1;
  for (const auto& [question, evidence] : active->questions) {
    if (question == Question::growth) continue;
    const double takes = evidence.pass_takes(needed);
    out.undecidable = out.undecidable || (!std::isfinite(takes) && !evidence.can_pass(needed));
    times = std::max(times, takes);
  }
  const double more = (times - 1) * static_cast<double>(active->seen);
  if (!out.undecidable && more < most_scrapes_told) out.scrapes = static_cast<std::uint64_t>(std::ceil(more));
  return out;
}

void LevelJudge::describe(MetricEvidence& out) const {
  out.excluded = has_reference() ? Excluded::no : Excluded::no_baseline;
  out.baseline = windows_ > 0 ? from_scale(expected_, meaning_.scale, floor_) : 0;
  out.now = windows_ > 0 ? from_scale(last_, meaning_.scale, floor_) : 0;
  out.limit = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, tolerance_share_), meaning_.scale, floor_) : 0;
  out.matters = windows_ > 0 ? from_scale(expected_ + effect_on_scale(meaning_, 1), meaning_.scale, floor_) : 0;
  out.log_evidence = has_reference() ? log_evidence() : 0;
  out.log_evidence_assumed = has_reference() ? log_evidence_assumed() : 0;
  out.log_pass_evidence = has_reference() ? log_pass_evidence() : 0;
  out.windows = windows_;
  out.pass = pass_needs();
}

void LevelJudge::fill_starts(double weight, const std::function<wire::LevelStart&()>& next) const {
  const auto& known = cases_[static_cast<std::size_t>(Source::same_node)];
  if (!known || !has_reference()) return;
  for (std::size_t i = 0; i < known->questions.size(); ++i) {
    const auto& [question, evidence] = known->questions[i];
    const detection::ShiftSettings& settings = evidence.settings();
    if (settings.assumed) continue;
    const auto [mean, precision] = evidence.from_start();
    wire::LevelStart out;
    out.metric = name_;
    out.side = question == Question::up ? wire::LevelSide::above : question == Question::down ? wire::LevelSide::below : wire::LevelSide::growing;
    out.weight = weight * known->weights[i];
    out.mean = mean;
    out.precision = std::min(precision, wire::largest_number);
    out.in_common = (question == Question::growth ? known->start_of_growth : known->start_of_level).deviation();
    out.wander = settings.wander;
    out.variance = settings.prior_variance;
    out.degrees = settings.degrees;
    const double per = question == Question::growth ? scrapes_of_an_hour : 1;
    out.tolerance = settings.tolerance * per;
    out.matters = settings.matters * per;
    if (wire::is_valid(out)) next() = std::move(out);  // a policy's effect may be of any size
  }
}

}  // namespace charon::agent
