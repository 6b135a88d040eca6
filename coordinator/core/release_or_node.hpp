#pragma once
/// A bad release or a bad node? The table of docs/design.md ("Verdict") as a function.
#include "lib/base/clock.hpp"

#include <string>
#include <vector>

namespace charon::coordinator {

/// What is known of one node on which the release under judgement has an agent that reports.
struct NodeSituation {
  std::string node;
  bool fails = false;              ///< an agent of the release failed it here
  bool stable_runs = false;        ///< a pod of the stable release reports from here now
  bool stable_degraded = false;    ///< and shows trouble too
  bool stable_in_doubt = false;    ///< and may be about to: not well enough to speak against the release at once
  bool stable_began_again = false; ///< one runs here whose process began anew too lately to compare with
  bool stable_ran_before = false;  ///< the baseline has scrapes of this node
  bool at_once = false;            ///< the trouble began with the pod's first minute
  Time since{};                    ///< when it began
  bool others_suffer = false;      ///< agents of other workloads here turned bad at about that time
  bool others_suffered_before = false;  ///< ... already before this pod of the release started
  std::string condition;           ///< node condition that turned bad at about that time (MemoryPressure, NotReady); empty: none
};

struct Situation {
  std::vector<NodeSituation> nodes;
  bool stable_runs_somewhere = false;
  bool load_unusual = false;       ///< requests per scrape outside the range of the baseline
  Duration confirmation{30'000};   ///< how long a late onset waits for others on the node to report, and a verdict for a stable pod in doubt
  Time failing_since{};            ///< when the coordinator first saw the failing verdict
};

enum class Cause {
  none,          ///< nothing fails
  undecided,     ///< wait: other agents on the node may still report
  release,
  node,
  ambiguous,     ///< the release or `suspect`: nothing tells them apart
  inconclusive,  ///< load or an outage rather than the release
};

/// What else it may be.
enum class Suspect { none, node, load, requests, environment };

struct Attribution {
  Cause cause = Cause::none;
  std::vector<std::string> nodes;  ///< those that the reason speaks of
  bool confident = true;
  std::string reason;              ///< one clause for people
  Suspect suspect = Suspect::none; ///< of ambiguous and inconclusive: `requests` are others than before, or what they call is
};

Attribution release_or_node(const Situation& situation, Time now);

}  // namespace charon::coordinator
