#pragma once
/// What a run found, in the shape of its JSON: columns.NAME.{healthy,traps,faults,ambiguous}[]. Filled by the runner, read
/// by the writers of table, JSON and plots.
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace charon::bench {

/// Scrapes; infinite (JSON: null) where undetected or never passed.
inline constexpr double never = std::numeric_limits<double>::infinity();

struct HealthyResult {
  std::string world;       ///< "model", "t3", "spikes", "sawtooth_gc", "jobs", "integer_constant", "harmless", "phi99" (reported only), ...
  std::string layout;      ///< "A", "B", "C"
  bool history = true;
  double phi = 0;
  double requests_per_second = 100;
  std::int64_t releases = 0;
  std::int64_t false_rollbacks = 0;
  std::int64_t passed = 0;
  std::int64_t inconclusive = 0;   ///< neither rolled back nor passed, holds included
  std::int64_t held = 0;           ///< of the inconclusive ones
  double median_to_pass = never;   ///< scrapes since the candidate's start, over all releases; infinite if fewer than half passed
  double evidence_to_pass = never; ///< the same, until the evidence alone sufficed: without the soak time
};

/// Releases of traps and unidentifiable cells take the four phi in turn.
struct TrapResult {
  std::string name;
  std::string layout;
  std::int64_t releases = 0;
  std::int64_t rollbacks = 0;
  std::int64_t passed = 0;
  std::int64_t held = 0;
};

struct FaultResult {
  std::string name;        ///< "errors", "latency", "leak", "cpu", "level", "variance", "stall", "descriptors", "restarts"
  std::string size;        ///< as a person writes it: "+2%", "x1.5"
  int onset = 0;           ///< scrape of the candidate at which it sets in: 0 or 120
  std::string layout;
  std::string devices;     ///< "all" or "one"
  bool history = true;
  double phi = 0;
  double requests_per_second = 100;
  std::int64_t runs = 0;
  std::int64_t detected = 0;     ///< rollbacks at or after the onset
  std::int64_t early = 0;        ///< rollbacks before the onset: false alarms, counted as undetected
  std::int64_t wrong_pass = 0;   ///< passed after the onset
  double median = never;         ///< delay in scrapes after the onset; the first scrape that shows the fault is 1
  double p90 = never;
  std::vector<double> delays;    ///< of every run in order of the runs, infinite where undetected: for plots, not in the JSON
};

struct AmbiguousResult {
  std::string name;
  std::string layout;
  std::int64_t releases = 0;
  std::int64_t rollbacks = 0;
  std::int64_t held = 0;           ///< said to be ambiguous and held
  std::int64_t cause_named = 0;    ///< of these, with the right cause
  std::int64_t passed = 0;
  std::int64_t inconclusive = 0;   ///< none of these
  std::int64_t inconclusive_named = 0;  ///< of these, with the right cause named at the end; Charon names the load alone there
};

struct ColumnResults {
  std::vector<HealthyResult> healthy;
  std::vector<TrapResult> traps;
  std::vector<FaultResult> faults;
  std::vector<AmbiguousResult> ambiguous;
  std::string note;   ///< e.g. that a calibration could not be reached
};

struct Results {
  std::uint64_t seed = 0;
  bool quick = false;
  double seconds = 0;                            ///< wall clock of the run
  std::map<std::string, ColumnResults> columns;  ///< "charon", "oracle", "oracle_told", "anomalyzer", "kayenta", "threshold" and variants
};

}  // namespace charon::bench
