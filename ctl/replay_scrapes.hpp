#pragma once
/// A recorded target's scrapes again, in the order of time: samples of about one timestamp are one scrape, as the agent
/// would have seen it. `up` 0 (Prometheus' own record of a scrape that failed) is a failed scrape. Nothing recorded over
/// some time is no scrape, neither good nor bad.
#include "agent/core/detector.hpp"
#include "ctl/replay_recording.hpp"

namespace charon::ctl {

/// Samples up to this much later than the first belong to its scrape: some exporters stamp each sample themselves.
inline constexpr Duration scrape_width{250};

class ScrapePlayer {
 public:
  /// Scrapes at `from` or later and before `to`. `target` must outlive it.
  ScrapePlayer(const RecordedTarget& target, Time from, Time to);

  const RecordedTarget& target() const { return *target_; }
  /// When the next scrape was; nothing after the last.
  std::optional<Time> next() const { return at_ < times_.size() ? std::optional<Time>(times_[at_]) : std::nullopt; }
  /// Feeds the next scrape.
  void play(agent::Detector& detector);

  const std::vector<Time>& times() const { return times_; }
  /// An agent's policy, with the third quartile of what lies between its scrapes for the interval: an agent would have been set to
  /// it. Not the median: exporters that stamp some samples apart make two scrapes of one.
  wire::AgentPolicy at_its_pace(wire::AgentPolicy policy) const;

 private:
  const RecordedTarget* target_;
  std::vector<Time> times_;               // of the scrapes
  std::size_t at_ = 0;
  std::vector<std::size_t> cursors_;      // per series: its next point
  std::vector<std::vector<agent::LabelView>> labels_;
};

/// What was recorded of one side.
struct ReplaySide {
  std::size_t pods = 0;
  std::uint64_t scrapes = 0;
  Time from = Time::max(), to{};

  void add(const ScrapePlayer& player);
};
/// Errors: invalid_input (no scrapes), too_large (more than `most`); `name` says of which side.
Result<void> validate(const ReplaySide& side, std::string_view name, std::size_t most);

}  // namespace charon::ctl
