#pragma once
/// Charon as a judge of real faults: each row a scrape, each column a level, by the agent's own judge of levels.
///
/// What the columns mean is what the metric table says of the names under which an application would show the same:
/// CpuUsage process_cpu_seconds_total, MemoryUsage process_resident_memory_bytes, PodServerLatency the time of requests
/// served, PodClientLatency that of calls made; PodWorkload is the requests served, of which fewer are worse, as the agent
/// derives from request counters. The other columns have no part: the shares of limits say the same again, bytes go with
/// the load, nobody knows which change of system calls is worse, and the node's are not the release's.
///
/// Control: none. Each of Nezha's services runs in one pod, so there is no stable pod of the workload beside the candidate,
/// and its own past on its node is the baseline, as after a rollout by `Recreate`. Half the weight lies on the latencies,
/// half on the rest; what the agent holds for failed scrapes and restarts is left out, as the rows tell nothing of them.
/// No earlier releases were seen either, so the evidence is that of documented spreads: from its threshold on the agent itself
/// says inconclusive and names the spread, and fails nothing.
/// No setting was fitted to these data: effects, spreads, floors and tolerance are the product's defaults.
#include "tests/bench/real_faults/windows.hpp"

namespace charon::bench {

/// The largest log evidence, all metrics combined, after any of the rows; 0 where no metric has a baseline.
double charon_score(const Window& window);

}  // namespace charon::bench
