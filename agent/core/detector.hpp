#pragma once
/// The seam between what moves bytes and what judges: samples and `now` in, evidence out.
///
/// One scrape is `begin_scrape`, `observe` per sample in any order, then `end_scrape`; or `scrape_failed` at any point,
/// also in the middle (a body that turned out malformed): then nothing of the scrape counts. Nothing counts after
/// `terminating`. No call throws on any input but bad_alloc, and none allocates once every series, family and metric of
/// the target has been seen, and the baseline and control are set.
///
/// Combining: a weighted mean of the metrics' e-values (an arithmetic mean of e-values is one however they depend on each
/// other; V. Vovk, R. Wang, "E-values: calibration, combination and applications", Ann. Statist. 49, 2021), with weights
/// fixed by the baseline: of what callers see 75% on requests, half errors and half latencies, evenly within, 10% on failed
/// scrapes, 15% on process restarts; where levels decide, half of all on the rest; half of all on what a policy calls
/// critical. Fail from 1/alpha on. The bounds on the baseline's shares may be wrong with a probability of 5% of
/// alpha, which the evidence pays for. No metric with a baseline: no verdict, ever.
///
/// The same judge runs beside candidates and beside stable pods; what differs is only `alpha`. A stable pod's evidence
/// tells the coordinator of trouble with its node or environment.
#include "agent/core/evidence.hpp"
#include "agent/core/sample.hpp"
#include "lib/base/wire.hpp"

#include <memory>

namespace charon::agent {

class Detector {
 public:
  /// `alpha` is this pod's share of the release's error probability; 0: measure and report, but never fail.
  Detector(const wire::AgentPolicy& policy, double alpha);
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  /// A changed effect, tolerance, ignore list or meaning of metrics starts the evidence again; the totals stay. Only a changed alpha does not.
  void configure(const wire::AgentPolicy& policy, double alpha);
  /// A baseline of another release starts the evidence again; a newer version of the same release's does not: the counts
  /// of it apply from the next scrape.
  void set_baseline(const wire::Baseline& baseline);
  /// Cumulative since `control.since`; the detector takes the differences. A repeated control changes nothing. `now`: it came.
  void set_control(const wire::Control& control, Time now);

  void begin_scrape(Time now);
  void observe(const SampleView& sample);
  void end_scrape();
  /// Connection refused, deadline passed, bad status, malformed body.
  void scrape_failed(Time now);
  /// SIGTERM came, or the pod ends: from here every call but `evidence` and `fill` does nothing.
  void terminating();
  bool is_terminating() const;

  /// As of the last scrape; valid until the next call.
  const Evidence& evidence() const;
  /// What a report that is sent `now` says of it.
  Duration scrape_age(Time now) const;
  /// Everything of a report but boot id and sequence.
  void fill(wire::Report& report) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace charon::agent
