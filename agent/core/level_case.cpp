#include "agent/core/level_case.hpp"

#include "lib/detection/level_summary.hpp"
#include "lib/detection/log_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace charon::agent {
namespace {

constexpr double outlying = 4;                   // standard deviations of the control's pods
constexpr std::size_t control_memory = 24;       // scrapes
constexpr double longest_off = 24, longest_off_at_start = 6;  // scrapes at a stretch; in the long run a third of all

}  // namespace

LevelCase::LevelCase(const wire::LevelSummary& moves, double noise, double prior_deviation)
    : filter(moves.phi, noise, detection::phi_error(moves)), restless(moves), prior_deviation(prior_deviation) {}

void LevelCase::ask(Question question, double weight, const detection::ShiftSettings& settings) {
  questions.emplace_back(question, settings);
  weights.push_back(weight);
}

void LevelCase::tick() {
  for (auto& [question, evidence] : questions) evidence.tick();
}

void LevelCase::control_is(std::uint32_t now, std::uint64_t who) {
  if (now == 0 || pods == 0) return;
  const std::uint32_t before = std::exchange(pods, now);
  const auto known = std::find(controls.begin(), controls.end(), who);
  const bool seen_before = known != controls.end(), first = controls.front() == 0;
  std::rotate(controls.begin(), seen_before ? known : controls.end() - 1, seen_before ? known + 1 : controls.end());
  controls.front() = who;
  if (seen_before || first) return;
  control_stood.known = 0;
  // The mean over other pods stands elsewhere, for good: over some of them, or over as many others.
  const double variance = pod_variance * (now == before ? 2.0 / now : std::abs(1.0 / now - 1.0 / before));
  for (auto& [question, evidence] : questions) evidence.control_changed(variance);
}

bool LevelCase::control_is_beside_itself(double control, double pod, double usual) {
  auto& [level, known, standing, off] = control_stood;
  const double stood = known > 0 ? level : usual;
  const double tolerated = std::hypot(outlying * deviation / std::sqrt(std::max(pods, 1U)), known > 0 ? 0 : 2 * day_deviation);
  const bool jumped = std::abs(control - stood) > tolerated;
  standing = jumped ? standing + 1 : 0;
  const double most = known > 0 ? longest_off : longest_off_at_start;
  if (jumped && std::abs(pod - stood) < std::abs(pod - control) && off + 1 <= most) {
    ++off;
    return true;
  }
  off = std::max(off - 0.5, 0.0);
  // A spike, in a fault's direction too, is no place to stand; what lasts is, and what is the first after a while.
  if (jumped && known > 0 && standing < control_memory) return false;
  if (jumped) known = 0;
  known = std::min(known + 1, control_memory);
  level = known == 1 ? control : level + (control - level) / static_cast<double>(known);
  return false;
}

double LevelCase::mixed(double (detection::ShiftEvidence::*log_of)() const) const {
  std::array<double, most_questions> logs{};
  for (std::size_t i = 0; i < questions.size(); ++i) logs[i] = (questions[i].evidence.*log_of)();
  logs[questions.size()] = restless.log_evidence();
  return detection::log_sum(weights, std::span(logs).first(weights.size()));
}

double LevelCase::Start::deviation() const { return precision > 0 ? uncertain / precision : 0; }

double LevelCase::log_pass_evidence() const {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [question, evidence] : questions)
    if (question != Question::growth) least = std::min(least, evidence.log_pass_evidence());
  return least;
}

}  // namespace charon::agent
