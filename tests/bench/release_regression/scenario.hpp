#pragma once
/// What happens in a release besides health: faults, traps, other healthy worlds, unidentifiable cells - all as lists of
/// effects with a time and a place.
#include "tests/bench/release_regression/column.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace charon::bench {

enum class EffectKind {
  scale,          ///< metric times `size` (log shift); errors: ratio; histograms: every duration; requests: the rate
  add,            ///< errors: ratio + size (absolute); cache ratio: logit + size
  trend,          ///< level grows by `size` of itself per hour, linearly
  variance,       ///< innovations' variance times `size`
  restart,        ///< process restarts, exponential intervals of mean `size` seconds
  load,           ///< load times `size`, with all that follows from it
  sawtooth,       ///< level swings between 1 - size and 1 + size, a period of 40..80 scrapes of its own per pod
  bursts,         ///< metric times `size` during 6 of every 60 scrapes, from the process' start
  transient,      ///< start-up amplitude times `size` and lasting 2.5 times as long
};

enum class Where {
  candidates, one_candidate,         ///< the release; one: a candidate pod and thereby node, drawn per release
  node,                              ///< everything on one node, drawn per release
  everywhere,
};

inline constexpr int forever = std::numeric_limits<int>::max();
inline constexpr int always = std::numeric_limits<int>::min();

struct Effect {
  EffectKind kind = EffectKind::scale;
  int metric = -1;           ///< all that the kind applies to, if negative
  double size = 1;
  Where where = Where::candidates;
  int from = 0, to = forever;  ///< scrapes of the candidate; negative ones are the stable release's, -720 its first
  int on = 0, period = 0;      ///< if period > 0: only in the first `on` of every `period` scrapes since `from`
};

/// Innovations of the gauges.
enum class Innovations { gaussian, t3, spikes };

struct Scenario {
  std::string name = "model";
  std::vector<Effect> effects;
  Innovations innovations = Innovations::gaussian;
  bool integers = false;            ///< gauges that count are rounded, small ones mostly 0; threads are constant
  bool new_buckets = false;         ///< the candidate's histograms have other bounds
  bool missing_series = false;      ///< the candidate lacks some series
  bool new_node = false;            ///< the stable release never ran on the last node; node effects hit that one
  double candidate_lost = -1;       ///< probability of a lost scrape on the candidate's pods, if not the model's
  double candidate_jitter = -1;     ///< seconds, likewise
  int pull_failing_until = 0;       ///< the candidate's images cannot be pulled before this scrape, nor anyone's
  int reboot_from = -1, reboot_to = -1;          ///< the node of `Where::node` is gone, then its processes start anew
  int others_from = 0, others_to = 0;            ///< other workloads degrade everywhere
  int node_facts_from = 0, node_facts_to = 0;    ///< other workloads degrade on the node of `Where::node`
  int scale_out_at = -1;            ///< an autoscaler adds two pods to each release
  int candidate_pods = pods_per_release, stable_pods = pods_per_release;  ///< the latter of earlier releases too
  double stable_requests = 1;       ///< a pod of the stable and of earlier releases gets, times what the cell says
  double error_ratio = -1;          ///< of a healthy pod, if not the model's
  // What a fault's cell says of it; the oracles' hypotheses are of the same form.
  std::string size;                 ///< "+5%"
  int onset = 0;
  bool one_device = false;
  std::string_view right_cause;     ///< of an unidentifiable cell
};

/// One fault of the benchmark in one size.
struct FaultSize {
  std::string_view fault, text;
  Effect effect;             ///< at its place and time still open
};
/// All faults in all sizes; why these: scenario.cpp.
const std::vector<FaultSize>& fault_sizes();
Scenario fault(const FaultSize& size, int onset, bool one_device);

const std::vector<Scenario>& healthy_worlds();      ///< "model" first; "phi99" is not here: it is a phi
/// Healthy too: many candidate pods or requests beside one stable pod that serves little, so that what is known of the
/// stable share is poor and all candidates share it.
const std::vector<Scenario>& few_stable_worlds();
const std::vector<Scenario>& traps();
const std::vector<Scenario>& unidentifiable();

}  // namespace charon::bench
