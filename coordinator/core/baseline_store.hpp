#pragma once
/// What a workload's stable release showed: the baseline that agents judge against, and, while a candidate is about, the
/// concurrent control of stable pods. Fed with increments of agents' cumulative reports.
///
/// Kept recent by halving (metric_totals.hpp) beyond 20,000 scrapes over all, 5,000 per node. Agents fetch a baseline
/// again when its version changes: at most once a minute, and only when the scrapes in it grew by a quarter.
///
/// A candidate's own counts stay apart; when it is promoted they become the baseline. How much its levels differ from its
/// predecessor's node by node, beyond what they differ on all nodes alike, is what healthy pods differ by: kept as spreads.
/// Kept as ReleaseBaseline (charon.dev/v1alpha1, the ledger's name), at most 256 KiB: nodes with the fewest scrapes are
/// left out first. Written at most each minute; that much may be lost.
#include "coordinator/core/level_totals.hpp"
#include "coordinator/core/metric_totals.hpp"
#include "coordinator/core/workload_key.hpp"

#include <set>
#include <span>

namespace charon::coordinator {

class BaselineStore {
 public:
  static constexpr std::uint64_t max_windows = 20'000, max_node_windows = 5'000;
  static constexpr std::size_t max_nodes = 512, max_bytes = 256 * 1024;
  static constexpr Duration youth = std::chrono::minutes{10};  ///< in which a process may behave as no older one does: no control
  /// The same where a process began anew beside older ones, for levels of which the baseline knows no start: caches may fill for
  /// as long as baselines know one (young_scrapes). Others are young again for half as long again as it shows, and no less than `youth`.
  static constexpr Duration youth_again = std::chrono::minutes{30};
  /// Whether a stable pod's process began again so lately: then it does not speak for its node either where levels are in
  /// question, since its own agent would not see trouble there.
  static bool young_again(const std::optional<Time>& restarted, Time now) { return restarted && now - *restarted < youth_again; }
  static constexpr Duration write_interval = std::chrono::minutes{1}, version_interval = std::chrono::minutes{1};
  /// How long an agent's last report counts as what its pod shows now: three of them lost, and the waits after that.
  static constexpr Duration fresh_for(Duration report_interval) { return 3 * report_interval + std::chrono::seconds{25}; }

  /// What one report adds to the one before of the same boot.
  struct Shown {
    std::vector<wire::MetricCounts> increments;
    std::vector<wire::LevelNow> levels_now;      ///< since the report before; pods 1
    std::span<const wire::LevelSummary> levels;  ///< the report's own: valid as long as that
    bool restarted = false;                      ///< the process started anew since the report before; of the first: since the agent's start
    Time started{};                              ///< the first scrape of this agent
    Duration scrape_interval{5'000};
  };
  static Shown shown(const wire::Report* before, const wire::Report& now);

  /// A pod of the stable (or adopted) release showed this. `typical` false (the pod is in trouble): control only, so that a
  /// weak node does not become what is usual.
  void stable_showed(const PodUid& pod, const std::string& node, const Shown& more, bool typical, Time now);
  /// A pod of the release under judgement did. `lately` false: it may be of its whole life, which tells nothing of the load now.
  void candidate_showed(const PodUid& pod, const std::string& node, const Shown& more, bool lately = true);
  /// Another release is under judgement from now on (or none): the control starts again, the candidate's counts too.
  void candidate_appeared(Time now);
  /// What the candidate showed is the baseline now. `release`: its template hash.
  void candidate_promoted(std::string release, Time now);
  /// The baseline is of a release that is not the stable one any more (a stable release was rolled back by hand).
  void forget(std::string release, Time now);

  wire::Baseline baseline(const std::string& node) const;
  /// Stable pods with fresh reports, which the caller knows; `node` is that of the pod that asks.
  struct Reporting {
    struct Pods {
      std::uint32_t count = 0;
      Time told{};  ///< the earliest of the last scrapes that their last reports tell of
    };
    std::string node;
    Pods everywhere{}, same_node{};
    void add(const std::string& of_node, Time scraped);
  };
  wire::Control control(const Reporting& reporting, Time now) const;
  /// Adds where stable pods' levels stand, of those whose scrapes are told and fresh, and when the last of them reported. Costs pods times levels.
  void add_levels(wire::Control& control, const std::string& node, Time now, Duration report_interval) const;
  std::uint64_t version() const { return version_; }
  const std::string& release() const { return release_; }
  /// Whether the baseline holds scrapes of this node.
  bool ran_on(const std::string& node) const { return stable_.nodes.contains(node); }
  /// The candidate's pods now get so many more or so few requests per scrape that the baseline does not speak for them.
  bool load_unusual() const;

  bool wants_write(Time now) const { return changed_ && now - written_ >= write_interval; }
  /// What was written did not arrive, or was deleted.
  void write_again() { changed_ = version() != 0; }
  /// Marks it written at `now`.
  boost::json::object object(const WorkloadKey& key, std::string_view resource_version, Time now);
  /// Errors: invalid_input. Takes what was kept; says nothing of pods.
  Result<void> restore(const boost::json::object& object);

 private:
  struct Totals {
    MetricTotals all;
    std::map<std::string, MetricTotals> nodes;
    std::set<PodUid> pods;  ///< that contributed, at most 1024 remembered
    LevelTotals levels;
    void add(const PodUid& pod, const std::string& node, const Shown& more);
  };
  struct PodNow {
    std::string node;
    Time received{};
    Time settled{};  ///< from here on it is no young process
    Duration scrape_interval{};
    std::optional<Time> again;  ///< when it was seen to have begun anew
    std::vector<wire::LevelNow> levels;
  };
  void changed(Time now, bool at_once);
  void learn_starts();

  Totals stable_, candidate_, control_;
  double candidate_load_ = 0;      ///< requests per scrape and pod, of the last reports
  std::map<PodUid, PodNow> now_;  ///< stable pods' levels, for the control
  std::map<std::string, wire::LevelSpread> spreads_;
  std::map<std::string, std::int64_t> starts_;  ///< scrapes that they take, of levels whose start is known
  Time control_since_{};
  std::string release_;
  std::uint32_t restored_pods_ = 0;
  std::uint64_t version_ = 0, version_windows_ = 0;
  Time version_at_{}, written_{};
  bool changed_ = false;
};

}  // namespace charon::coordinator
