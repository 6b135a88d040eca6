#pragma once
/// What a level judge gathers against one source of where the stable level is known from (level_judge.hpp): the evidence of each
/// question it asks, and which pods its control is.
#include "lib/base/wire.hpp"
#include "lib/detection/level_filter.hpp"
#include "lib/detection/restlessness.hpp"
#include "lib/detection/shift_evidence.hpp"

#include <array>
#include <vector>

namespace charon::agent {

inline constexpr double day_deviation = 0.15;  ///< what time of day and load may do to a level, log

struct LevelCase {
  enum class Question { up, down, growth };  ///< does the level stand off to this side, does it grow
  struct Asked {
    Asked(Question of_it, const detection::ShiftSettings& settings) : question(of_it), evidence(settings) {}
    Question question;
    detection::ShiftEvidence evidence;
  };

  LevelCase(const wire::LevelSummary& moves, double noise, double prior_deviation);
  void ask(Question question, double weight, const detection::ShiftSettings& settings);
  void tick();
  /// So many pods, known by `who`, are the control of this scrape. What others than before may differ by is allowed for once:
  /// the last few are remembered.
  void control_is(std::uint32_t now, std::uint64_t who);
  double log_evidence() const { return mixed(&detection::ShiftEvidence::log_evidence); }
  double log_evidence_assumed() const { return mixed(&detection::ShiftEvidence::log_evidence_assumed); }
  /// Whether the control, and it alone, is far from where it stood: then it tells nothing for a while. `control` and `pod`:
  /// their values; `usual`: where the control is from, before any value of its own.
  bool control_is_beside_itself(double control, double pod, double usual);
  double mixed(double (detection::ShiftEvidence::*log_of)() const) const;
  double log_pass_evidence() const;
  /// By how much a start stronger by one standard deviation, no two being just alike, would have moved the mean of what was judged.
  struct Start {
    void add(double of_precision, double deviation) {
      precision += of_precision;
      uncertain += of_precision * deviation;
    }
    double deviation() const;
    double precision = 0, uncertain = 0;  ///< sums of precisions, and of these times the deviation of a value
  };

  static constexpr std::size_t most_questions = 4;
  std::vector<Asked> questions;
  std::vector<double> weights;  ///< of the questions, then of restlessness
  detection::LevelFilter filter;
  detection::Restlessness restless;
  double prior_deviation, since = 1;  ///< since: scrapes since the last value
  double pod_variance = 0;            ///< by which one pod of the control may differ from others
  std::uint32_t pods = 0;             ///< of the control; 0: none is asked
  std::uint32_t opened_with = 0;      ///< of these, at first: what spread is allowed for goes by it
  std::array<std::uint64_t, 8> controls{};  ///< who they were, the last first
  /// Mean of what the control showed lately, and of how many scrapes; since when it stands elsewhere; scrapes that were passed
  /// over for it, two later ones making up for one.
  struct { double level = 0; std::size_t known = 0, standing = 0; double off = 0; } control_stood;
  double deviation = 0;               ///< of one pod's value, minutes included
  Start start_of_level, start_of_growth;
  std::size_t seen = 0;               ///< values
  std::size_t outranked = 0;          ///< scrapes since then that a nearer source judged
};

}  // namespace charon::agent
