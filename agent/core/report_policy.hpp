#pragma once
/// When the agent reports: each interval with 10% jitter, so that a thousand agents started at once spread out, but just after
/// a scrape where one is near, so that nothing it tells is old, and once a scrape at most, save where a pod's own are rarer; twice
/// as often while its evidence is above 1, between two scrapes too, since what it is told of stable pods then decides; soon after
/// the verdict changed; after failures with backoff (1 s to 60 s, jittered), whatever the verdict.
/// Reports are cumulative, so nothing is queued: the next one says all.
#include "lib/base/backoff.hpp"
#include "lib/base/wire.hpp"

#include <algorithm>
#include <random>

namespace charon::agent {

class ReportPolicy {
 public:
  /// The first report is due one jittered interval after `now`. Equal seeds give equal times.
  ReportPolicy(Duration interval, Duration scrape_interval, Time now, std::uint32_t seed);

  Time due() const { return due_; }

  /// After each scrape. A change into or out of Fail brings the report forward to within half a second, unless the
  /// coordinator is away; a fail that was not acknowledged yet stays news. `log_evidence`: the natural logarithm.
  void scraped(wire::Verdict verdict, double log_evidence, Time now);
  /// The same where a control came.
  void controlled(wire::Verdict verdict, double log_evidence, Time now);
  void acknowledged(wire::Verdict reported, Time now);
  /// What an acknowledgement asked for was done too: the backoff begins anew.
  void succeeded() { backoff_.reset(); }
  void failed(Time now);

 private:
  Duration jitter(Duration around);
  void allow_for_a_clock_set_back(Time now);
  bool is_news(wire::Verdict verdict) const { return (verdict == wire::Verdict::fail) != (told_ == wire::Verdict::fail); }
  void report_soon(Time now);
  /// When the next report would be due if there were no scrapes.
  Time wanted(double log_evidence) const { return log_evidence > 0 ? std::min(planned_, told_at_ + interval_ / 2) : planned_; }
  Time after_next_scrape() const { return scraped_at_ + scrape_interval_ * 5 / 4; }  // should it fail to come

  Duration interval_, scrape_interval_;
  std::mt19937 random_;
  Backoff backoff_;
  Time planned_;  ///< by the interval or the backoff, without a look at scrapes
  Time due_, told_at_, scraped_at_;
  wire::Verdict told_ = wire::Verdict::inconclusive;
  bool away_ = false;
};

}  // namespace charon::agent
