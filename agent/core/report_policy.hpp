#pragma once
/// When the agent reports: each interval with 10% jitter, so that a thousand agents started at once spread out, but just after
/// a scrape where one is near, so that nothing it tells is old; twice as often while its evidence is above 1, since what it is
/// told of stable pods then decides; soon after the verdict changed; after failures with backoff (1 s to 60 s, jittered),
/// whatever the verdict.
/// Reports are cumulative, so nothing is queued: the next one says all.
#include "lib/base/backoff.hpp"
#include "lib/base/wire.hpp"

#include <random>

namespace charon::agent {

class ReportPolicy {
 public:
  /// The first report is due one jittered interval after `now`. Equal seeds give equal times.
  ReportPolicy(Duration interval, Duration scrape_interval, Time now, std::uint32_t seed);

  Time due() const { return due_; }

  /// After each scrape, and when a control came. A change into or out of Fail brings the report forward to within half a second, unless the
  /// coordinator is away; a fail that was not acknowledged yet stays news. `log_evidence`: the natural logarithm.
  void judged(wire::Verdict verdict, double log_evidence, Time now);
  void acknowledged(wire::Verdict reported, Time now);
  void failed(Time now);

 private:
  Duration jitter(Duration around);

  Duration interval_, scrape_interval_;
  std::mt19937 random_;
  Backoff backoff_;
  Time due_, told_at_;
  wire::Verdict told_ = wire::Verdict::inconclusive;
  bool away_ = false;
};

}  // namespace charon::agent
