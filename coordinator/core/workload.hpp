#pragma once
/// One watched workload: what Charon knows of it and the steps it goes through. The files follow the steps:
///   workload.cpp           one look and one tick, what people are told
///   workload_storage.cpp   ledger and baseline: read, written, written by somebody else
///   workload_releases.cpp  which release runs
///   workload_promotion.cpp when it is stable
///   workload_agents.cpp    hello, reports, baseline
///   workload_facts.cpp     what pod status says for certain, and whether the node is to blame for it
///   workload_verdict.cpp   evidence of agents -> a finding -> what to do about it
///   workload_plans.cpp     what a PATCH shall do
///   workload_intents.cpp   intent -> ledger -> PATCH -> recovery
///   workload_commands.cpp  what people and registries ask for
///   workload_view.cpp      JSON for readers
#include "coordinator/core/action.hpp"
#include "coordinator/core/baseline_store.hpp"
#include "coordinator/core/cluster.hpp"
#include "coordinator/core/coordinator.hpp"
#include "coordinator/core/decision.hpp"
#include "coordinator/core/facts.hpp"
#include "coordinator/core/pooled_evidence.hpp"
#include "coordinator/core/release_or_node.hpp"

#include <cmath>
#include <set>

namespace charon::coordinator {

/// A bad release that comes back within this time after its rollback is contested, or within the policy's rollbackWindow
/// where that is longer; later it is judged again.
inline constexpr Duration contest_window = std::chrono::hours{1};

/// What the whole cluster says while one workload decides.
struct Surroundings {
  struct Trouble {
    WorkloadKey workload;
    Time since;
  };
  std::map<std::string, std::vector<Trouble>> trouble;  ///< node -> agents in trouble there
  std::map<std::string, std::vector<Trouble>> crashes;  ///< node -> proven releases whose containers crash or are killed there
  std::set<std::string> failing_registries;             ///< from which several workloads cannot pull
  bool breaker_open = false;
  bool may_decide = false;  ///< synced, and agents had the time to report
};

struct AgentRecord {
  PodUid pod_uid;
  std::string pod, node, release;   ///< release: id
  wire::Role role = wire::Role::candidate;
  BootId boot;
  std::string version;
  double share = 0;                 ///< of alpha; 0: not known (the agent must say hello) or never judges
  bool from_zero = false;           ///< its counts since boot are all unaccounted for yet
  bool reported = false, announced_failing = false;
  bool passed = false;              ///< has reported Pass since its boot
  double classic_threshold = 0;     ///< of the classic engine, where `last` is by it; 0: by evidence
  Time received{};
  std::optional<Time> restarted;    ///< the application's process did, last
  wire::Report last;

  /// The last scrape that it tells of.
  Time told() const { return received - last.scrape_age; }
  bool fresh(Duration report_interval, Time now) const { return reported && now - received <= BaselineStore::fresh_for(report_interval); }
  /// Natural logarithm of the evidence from which it fails.
  double log_needed() const { return classic_threshold > 0 ? -std::log1p(-classic_threshold) : -std::log(share); }
  /// The classic engine judges candidates alone: of a stable pod, or of a node, an alarm of it says nothing.
  bool in_trouble() const { return classic_threshold > 0 ? fails() : last.log_evidence >= log_suspicion; }
  bool fails() const {
    if (classic_threshold > 0 && role != wire::Role::candidate) return false;
    return share > 0 && last.verdict == wire::Verdict::fail && last.log_evidence >= log_needed() - 1e-9;
  }
};

/// A verdict with its words.
struct Finding {
  Cause cause = Cause::none;
  std::string evidence;             ///< one sentence
  std::vector<std::string> nodes;
};

class Workload {
 public:
  Workload(WorkloadKey key, const Cluster& cluster, const RollbackPolicy& defaults, const Log& log, CoordinatorCounters& counters);

  // What was written before, and what the watch says of it later. A ledger that cannot be read (a newer Charon's, or
  // damaged) is left alone: nothing is decided, done or written for its workload until it can be read, or is deleted.
  void restore(const boost::json::object& ledger);
  void ledger_seen(const boost::json::object& ledger);
  void ledger_gone();
  /// Why its ledger cannot be read; empty: it can.
  const std::string& unreadable() const { return unreadable_; }
  void restore_baseline(const boost::json::object& object);
  void baseline_seen(std::string resource_version);
  /// As they would be written, for when the workload stops being watched and is watched again later.
  boost::json::object kept_ledger() const { return unreadable_.empty() ? ledger_object(key_, ledger_, ledger_version_) : *seen_; }
  boost::json::object kept_baseline(Time now) { return baseline_.object(key_, baseline_version_, now); }

  /// Looks at the Deployment and its pods: which release is this?
  void refresh(Time now);
  Result<wire::HelloReply> hello(const PodView& pod, const wire::Hello& hello, Time now);
  Result<wire::ReportReply> report(const PodView& pod, const wire::Report& report, Time now);
  wire::Baseline baseline(const PodView& pod) const { return baseline_.baseline(pod.node); }

  /// Adds what it knows of its nodes.
  void trouble(Surroundings& out, Time now);
  std::vector<const PodView*> pods() const;
  /// First every workload looks, then all of them act: many that fail in the same moment are an outage.
  void look(const Surroundings& around, Time now);
  void tick(const Surroundings& around, std::vector<Action>& out, Time now);
  /// Whether a verdict against its release stands, for the cluster-wide breaker.
  bool failing() const { return finding_.cause == Cause::release; }

  void ledger_written(const Result<boost::json::object>& result, std::uint64_t revision, Time now);
  void baseline_written(const Result<boost::json::object>& result, Time now);
  void patch_done(const PatchWorkload& action, const Result<boost::json::object>& result, Time now);

  Result<CommandReply> rollback(const CommandOptions& options, Time now);
  Result<CommandReply> set_frozen(bool frozen, const CommandOptions& options);
  Result<CommandReply> promote(const CommandOptions& options, Time now);
  Result<CommandReply> rollout(std::string_view image, std::string_view tag, const CommandOptions& options, Time now);
  /// Nothing where the workload does not follow the repository.
  std::optional<CommandReply> image_pushed(const ImagePush& push, Time now);

  bool has_image(std::string_view image) const;
  boost::json::object summary() const;
  boost::json::object view(Time now) const;
  const WorkloadKey& key() const { return key_; }
  void count_agents(CoordinatorCounters& counters, Time now) const;
  Duration report_interval() const { return policy_.agent.report_interval; }

 private:
  // workload.cpp
  void choose_policy();
  const ReleaseRecord* release_of(const PodView& pod) const;
  std::vector<const PodView*> pods_of_release(std::string_view id) const;
  void tell(const std::string& once, std::string type, std::string reason, std::string message, Time now);
  void describe();
  boost::json::array excluded_metrics(Time now) const;
  // workload_storage.cpp
  void touch() { dirty_ = true; }
  void lock(const boost::json::object& ledger, const std::string& why);
  void adopt_seen(Time now);
  void write(std::vector<Action>& out, Time now);
  // workload_releases.cpp
  void switch_to(const std::string& id, Time now);
  void came_back(ReleaseRecord& release, Time now);
  void note_push(ReleaseRecord& release);
  void learn_digests(Time now);
  void watch_completion(Time now);
  // workload_promotion.cpp
  struct Watchers {
    std::size_t pods = 0, reporting = 0, passing = 0;
    bool lost = false;      ///< one that had passed does not any more
    bool in_trouble = false;
    bool restarted = false; ///< a process did within the settle time
    const wire::Suspension* suspended = nullptr;  ///< of one whose Pass waits for levels that are not judged now
    const wire::PassWait* waits = nullptr;        ///< what takes longest to a Pass, and whose report says so
    const wire::Report* waiting = nullptr;
    bool covered(double minimum) const { return reporting > 0 && static_cast<double>(reporting) >= minimum * static_cast<double>(pods); }
  };
  Watchers watchers(const ReleaseRecord& release, Time now) const;
  void watch_passing(ReleaseRecord& release, const Watchers& agents, Time now);
  void consider_promotion(Time now);
  void settle(ReleaseRecord& release, ReleaseState state, std::string why, Time now);
  // workload_agents.cpp
  AgentRecord& agent(const PodView& pod, const BootId& boot, const ReleaseRecord* release);
  wire::ReportReply farewell(const wire::Report& report, const ReleaseRecord* release) const;
  void leaves(const AgentRecord& a);
  void forget_agents();
  // workload_facts.cpp
  std::set<std::string> nodes_of_release(std::string_view id) const;
  void watch_crashes(Time now);
  void suspect_by_company(const Surroundings& around, Time now);
  bool may_be_the_node(const std::vector<Fact>& facts, Time now) const;
  Finding look_for_facts(const Surroundings& around, Time now);
  // workload_verdict.cpp
  Finding look_for_evidence(const Surroundings& around, Time now);
  NodeSituation node_situation(const std::string& node, const Surroundings& around, Time now) const;
  void weigh_together(const ReleaseRecord& release, Time now);
  std::string culprit(const AgentRecord& a) const;
  std::string words(const AgentRecord& a) const;
  /// Of the release under judgement: by itself, or as a part of what all show together.
  bool fails(const AgentRecord& a) const { return a.fails() || (together_.fails() && a.share > 0 && a.classic_threshold <= 0 && a.last.log_evidence >= together_.suspected_from); }
  void judge(const Surroundings& around, Time now);
  void act(const Surroundings& around, Time now);
  void suspect_nodes(const Finding& finding, Time now);
  // workload_plans.cpp
  Result<PatchPlan> plan_rollback(const ReleaseRecord& from, const ReleaseRecord& to) const;
  Result<PatchPlan> plan(const Intent& intent) const;
  // workload_intents.cpp
  Intent& begin(IntentKind kind, std::string from, std::string to, std::string why, std::string by, std::map<std::string, std::string> images, Time now);
  Intent& condemn_and_roll_back(const ReleaseRecord& from, const ReleaseRecord& to, std::string why, std::string by, Time now);
  /// What was condemned by it is not the stable release any more: the PATCH is made, or the release is given up otherwise.
  void demote(const Intent& intent, Time now);
  void advance_intent(const Surroundings& around, std::vector<Action>& out, Time now);
  /// Why Charon's own intent must not be carried out any more; empty: it may. Time passed since it was decided.
  std::string refused_now(const Intent& intent, const ReleaseRecord& from, const Surroundings& around, Time now) const;
  enum class Told { people_only, always };  ///< that an intent was dropped: to who asked for it, or to everybody
  void drop_intent(const std::string& why, Told told, Time now);
  void acquit(const std::string& why, Time now);
  /// After an ambiguous rollback: whether the stable release degrades where the other one did.
  void review_ambiguous(Time now);
  /// `answered`: `deployment` is the PATCH's own answer; else it was found with the intent's annotation.
  void mark_patched(const DeploymentView& deployment, bool answered, Time now);
  void end_intent(IntentPhase phase, Time now);

  WorkloadKey key_;
  const Cluster& cluster_;
  const RollbackPolicy& defaults_;
  const Log& log_;
  CoordinatorCounters& counters_;

  const DeploymentView* deployment_ = nullptr;  ///< of this refresh or tick; null: gone
  RollbackPolicy policy_;
  std::string policy_name_;
  ReleaseLedger ledger_;
  BaselineStore baseline_;
  std::map<PodUid, AgentRecord> agents_;
  bool stable_agents_run_ = true;               ///< as of the last look, by what pods there are: a new coordinator has heard of none
  Finding finding_;
  std::string note_;                            ///< the present reason, for the ledger
  std::optional<Time> failing_since_;           ///< when an agent's failing verdict was first seen
  PooledEvidence pooled_;                       ///< of the release under judgement
  std::uint64_t pooled_policy_ = 0;             ///< version of the policy that it was gathered by
  Together together_;                           ///< as of the last look
  struct Crashes {
    Time since;                                 ///< by what the containers' status says, which a restart does not change
    Time seen;                                  ///< first, here
  };
  /// Nodes where containers of the release under judgement, or of a proven one, crash or are killed.
  std::map<std::string, Crashes> crashing_, proven_crashing_;
  struct Suspicion {
    std::string why;
    Time seen;                                  ///< when the reason was last there
  };
  std::map<std::string, Suspicion> suspects_;   ///< nodes, while the release under judgement crashes there
  bool held_ = false;                           ///< told of an ambiguous release, nothing more to do about it

  std::map<std::string, Time> told_;            ///< what people were told, and when: each at most once an hour
  std::vector<EmitEvent> events_;

  std::string ledger_version_, baseline_version_, baseline_seen_;  ///< resourceVersions
  std::optional<boost::json::object> seen_;     ///< a ledger that the watch saw, newer than what was written; or unreadable
  std::string unreadable_;
  TemplateHash written_status_, sent_status_;   ///< hashes of the ledger's status as last acknowledged, as last sent
  std::map<std::string, std::uint32_t> acknowledged_;  ///< release id -> shares reserved in the written ledger
  std::map<std::string, std::uint32_t> in_flight_;     ///< the same, of the write under way
  std::uint64_t revision_ = 0, written_revision_ = 0, intent_revision_ = 0;
  bool dirty_ = false, writing_ledger_ = false, writing_baseline_ = false, patching_ = false;
  Time write_after_{}, baseline_after_{}, patch_after_{};
  std::string patch_sent_;              ///< intent whose PATCH was sent at least once
  Time write_begun_{}, patch_begun_{};  ///< an outcome that never comes must not block for ever
  Duration patch_backoff_{1000};
};

}  // namespace charon::coordinator
