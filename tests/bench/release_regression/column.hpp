#pragma once
/// What every judge of the benchmark implements, and what it is shown.
///
/// One release is: `begin`, then `scrape` for each moment in time order - first the earlier releases if there is a
/// history, then 720 scrapes of the stable release, then 360 with the candidate -, then `end`. A column object judges many
/// releases one after the other on one thread; `begin` forgets all of the one before. Two objects never share state, so
/// that results depend neither on the number of threads nor on the order.
///
/// A column sees what agents, coordinator and API server would see. Only the oracles may look at fields that say so.
#include "agent/core/sample.hpp"

#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace charon::bench {

struct Model;     // generative parameters, model.hpp; oracles only
struct Scenario;  // what is wrong in this release, scenario.hpp; `oracle_told` only

inline constexpr int nodes_per_fleet = 3;
inline constexpr int pods_per_release = 3;    ///< usually: one on each node
inline constexpr int scaled_out_pods = 5;     ///< after an autoscaler added some
inline constexpr int max_pods_per_release = 30;
inline constexpr int stable_scrapes = 720;
inline constexpr int candidate_scrapes = 360;
inline constexpr int earlier_releases = 5;
inline constexpr int earlier_scrapes = 120;  ///< of each earlier release, from its start: what is affordable
inline constexpr double scrape_seconds = 5;

/// One series of a scrape. Everything a SampleView needs but the value; views live as long as the program.
struct SeriesDescription {
  std::string_view family;                     ///< of the # TYPE line: "http_request_duration_seconds"
  std::string_view name;                       ///< as written: "http_request_duration_seconds_bucket"
  std::span<const agent::LabelView> labels;    ///< le="0.005", code="200"
  agent::FamilyType type = agent::FamilyType::unknown;
  int metric = 0;                              ///< index into the 20 metrics (world.hpp); columns may use it to group series

  agent::SampleView sample(double value) const { return {family, name, labels, value, type, std::nullopt}; }
};
using Schema = std::vector<SeriesDescription>;

/// A: a canary, one stable and one candidate pod on each node, stable pods throughout. B: rolling, stable pods are gone
/// after scrape 60 of the candidate. C: recreate, stable pods are gone when the candidate starts.
enum class Layout { canary, rolling, recreate };

struct Setting {
  Layout layout = Layout::canary;
  bool history = true;               ///< five earlier healthy releases are shown first
  double phi = 0;                    ///< oracles only
  double requests_per_second = 100;  ///< a pod, roughly; a column sees the counters
  const Model* model = nullptr;      ///< oracles only
  const Scenario* told = nullptr;    ///< `oracle_told` only
  int told_device = 0;               ///< likewise: of a fault on one device
};

/// One pod at one scrape.
struct PodScrape {
  int pod = 0;       ///< of the release, from 0; other releases have other pods under the same numbers
  int node = 0;      ///< 0..2
  int release = 0;   ///< 1 the candidate, 0 the stable release, -1..-5 earlier ones
  double time = 0;   ///< of this scrape: seconds since the epoch; rates divide by its differences
  double age = 0;    ///< seconds since the process started
  bool lost = false; ///< the scrape failed (timeout, lost packet): `values` is empty
  bool restarted = false;          ///< the process is another one than at this pod's last scrape; counters began at 0
  bool image_pull_failed = false;  ///< its status says so (pod_status.hpp): the container waits for its image; nothing to scrape
  const Schema* schema = nullptr;  ///< of `values`; another one where series are missing or buckets changed
  std::span<const double> values;  ///< as a scrape shows them: cumulative counters and buckets, gauges. Until the next call.
};

/// What the API server and other workloads' agents say of a node.
struct NodeFacts {
  bool ready = true;             ///< condition Ready
  bool pressure = false;         ///< MemoryPressure, DiskPressure or PIDPressure
  bool others_degraded = false;  ///< agents of other workloads' proven releases there are in trouble at this time
};

enum class Phase { earlier, stable, candidate };

/// All pods at one moment.
struct FleetScrape {
  Phase phase = Phase::stable;
  int release = 0;         ///< which release's phase: -5..-1 earlier, 0 stable, 1 candidate
  int index = 0;           ///< within the phase, from 0
  double time = 0;         ///< planned moment, every 5 s; each pod's own scrape jitters around it
  std::span<const PodScrape> pods;    ///< that exist now: stable ones first, then candidates
  std::span<const NodeFacts> nodes;   ///< nodes_per_fleet of them
  int others_pulling = 0;  ///< other workloads of which a pod waits for an image of the same registry (pod_status.hpp)
  double true_load = 1;               ///< oracles only: load relative to its mean over a day
};

enum class Verdict { none, rollback, hold, pass };

struct Decision {
  Verdict verdict = Verdict::none;
  /// Of a hold (also "ambiguous"), or of why there is no verdict, in a word or two: "node", "environment", "load", "mix"; static text.
  std::string_view cause;
  int metric = -1;         ///< the first culprit, where the column can say
  int pod = -1;            ///< of the candidate, likewise
  bool evidence_passes = false;  ///< what a pass asks of evidence is there, whatever else it waits for
};

class Column {
 public:
  virtual ~Column() = default;
  virtual void begin(const Setting& setting) = 0;
  /// Decisions count in Phase::candidate alone. The first rollback ends the release; a pass does not: a later rollback of
  /// the same release still counts. A hold is recorded and the release goes on.
  virtual Decision scrape(const FleetScrape& fleet) = 0;
  /// After the last scrape: the last chance to decide. `none` here, with nothing decided before, is inconclusive.
  virtual Decision end() { return {}; }
};

using ColumnFactory = std::unique_ptr<Column> (*)();

/// All columns by name; columns.cpp lists them.
struct NamedColumn {
  std::string_view name;
  ColumnFactory make;
  bool slow = false;  ///< gets at most 1,000 releases a cell
};
std::span<const NamedColumn> all_columns();

}  // namespace charon::bench
