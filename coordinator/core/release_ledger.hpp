#pragma once
/// The ReleaseLedger custom resource (charon.dev/v1alpha1, named "deployment.<name>" in the workload's namespace): what
/// Charon saw of a workload's releases and what it did. Everything that a restart must not forget is here; it lives under
/// `status`, so that RBAC can tell who may write it. Printer columns: .status.state, .candidate, .stable, .reason.
///
/// Bounds: 10 releases, 64 KiB. The oldest that is neither current, stable nor under quarantine goes first; templates of
/// old releases are dropped before, the stable's never.
#include "coordinator/core/alpha_budget.hpp"
#include "coordinator/core/release.hpp"
#include "coordinator/core/workload_key.hpp"

namespace charon::coordinator {

enum class ReleaseState {
  candidate,   ///< runs or began to run, no verdict yet
  stable,      ///< proven: settled on evidence, or by a person's word
  adopted,     ///< unproven: ran without complaint, when first seen or with too little traffic
  bad,
  superseded,  ///< replaced before a verdict
};
constexpr EnumNames<ReleaseState, 5> names_of(ReleaseState) {
  return {{{ReleaseState::candidate, "candidate"}, {ReleaseState::stable, "stable"}, {ReleaseState::adopted, "adopted"},
           {ReleaseState::bad, "bad"}, {ReleaseState::superseded, "superseded"}}};
}

struct ReleaseRecord {
  std::string id;                      ///< template hash; "-" and a part of a digest where one tag ran several digests
  TemplateHash template_hash;
  std::vector<TemplateHash> aliases;   ///< other templates that mean this release: "to its digest" after a rollback
  ReleaseState state = ReleaseState::candidate;
  std::string name;                    ///< for people: the first container's tag
  std::map<std::string, std::string> images;    ///< container -> reference
  std::map<std::string, Digest> digests;        ///< container -> what its pods really ran
  std::optional<boost::json::object> pod_template;  ///< normalised
  Time first_seen{};
  Time since{};                        ///< of the state
  std::optional<Time> complete_since;  ///< all pods of it, all ready
  std::optional<Time> passing_since;   ///< every agent that reports passed, and none lost its Pass since
  std::optional<Time> rolled_back;     ///< last, by Charon's own decision
  Digest pushed;                       ///< what the registry said was pushed, where that brought the release
  std::string evidence;                ///< why it has its state, one sentence
  bool first = false;                  ///< Charon knew no release before it
  AlphaBudget budget;

  bool target() const { return state == ReleaseState::stable || state == ReleaseState::adopted; }
  bool has_template(const TemplateHash& hash) const;
};
template <class V, Same<ReleaseRecord> S>
void fields(V& v, S& s) {
  v("id", s.id);
  v("name", s.name);
  v("state", s.state);
  v("templateHash", s.template_hash);
  v("aliases", s.aliases);
  v("images", s.images);
  v("digests", s.digests);
  v("firstSeen", s.first_seen);
  v("since", s.since);
  v("completeSince", s.complete_since);
  v("passingSince", s.passing_since);
  v("rolledBack", s.rolled_back);
  v("pushed", s.pushed);
  v("evidence", s.evidence);
  v("first", s.first);
  v("budget", s.budget);
  v("template", s.pod_template);
}

enum class IntentKind { rollback, deploy, pause, resume };
constexpr EnumNames<IntentKind, 4> names_of(IntentKind) {
  return {{{IntentKind::rollback, "rollback"}, {IntentKind::deploy, "deploy"}, {IntentKind::pause, "pause"}, {IntentKind::resume, "resume"}}};
}
enum class IntentPhase {
  intended,   ///< written ahead; the PATCH may or may not have happened
  patched,    ///< acknowledged; pods are on their way
  recovered,  ///< every pod on the target, ready
  failed,     ///< the target did not become ready, or the PATCH was refused
  dropped,    ///< the workload changed before the PATCH: judged again
};
constexpr EnumNames<IntentPhase, 5> names_of(IntentPhase) {
  return {{{IntentPhase::intended, "intended"}, {IntentPhase::patched, "patched"}, {IntentPhase::recovered, "recovered"},
           {IntentPhase::failed, "failed"}, {IntentPhase::dropped, "dropped"}}};
}

/// What Charon set out to do last.
struct Intent {
  std::string id;          ///< also in the Deployment's charon.dev/rollback annotation
  IntentKind kind = IntentKind::rollback;
  IntentPhase phase = IntentPhase::intended;
  std::string uid;         ///< of the Deployment
  std::string from, to;    ///< release ids; deploy: `to` is a name for people
  std::map<std::string, std::string> images;  ///< deploy: container -> reference
  Digest digest;           ///< deploy: pushed
  TemplateHash expected;   ///< rollback, deploy: of the template that the PATCH makes
  bool ambiguous = false;  ///< the policy's `ambiguous` asked for it
  std::vector<std::string> nodes;  ///< rollback, ambiguous: where the release degraded; at most 64
  ReleaseState former = ReleaseState::candidate;  ///< rollback: state of `from` before it was condemned, and since when
  std::optional<Time> former_since;
  std::string why, by;     ///< by: empty where Charon decided
  Time when{};
  std::optional<Time> patched, ended;

  bool open() const { return phase == IntentPhase::intended || phase == IntentPhase::patched; }
};
template <class V, Same<Intent> S>
void fields(V& v, S& s) {
  v("id", s.id);
  v("kind", s.kind);
  v("phase", s.phase);
  v("uid", s.uid);
  v("from", s.from);
  v("to", s.to);
  v("images", s.images);
  v("digest", s.digest);
  v("expected", s.expected);
  v("ambiguous", s.ambiguous);
  v("nodes", s.nodes);
  v("former", s.former);
  v("formerSince", s.former_since);
  v("why", s.why);
  v("by", s.by);
  v("when", s.when);
  v("patched", s.patched);
  v("ended", s.ended);
}

/// The status of the custom resource.
struct ReleaseLedger {
  static constexpr int known_schema = 1;
  int schema = known_schema;  ///< of what is stored; one higher than known is a newer Charon's, and not read
  std::string state;      ///< one word: Adopting, Judging, Stable, RollingBack, RolledBack, Held, Bad, Contested, Failed, Frozen, Unreadable
  std::string candidate;  ///< names for people
  std::string stable;
  std::string reason;     ///< one sentence
  std::string current_id, stable_id;
  std::vector<ReleaseRecord> releases;  ///< oldest first
  std::vector<Digest> quarantined;      ///< never deployed by a registry's push; newest last, at most 64
  std::optional<Intent> intent;
  std::vector<Time> rollbacks;          ///< within the last hour or so, for the budget
  bool frozen = false;
  std::string contested_by;             ///< field manager that put a bad release back

  static constexpr std::size_t max_releases = 10;
  static constexpr std::size_t max_bytes = 64 * 1024;
  static constexpr std::size_t max_quarantined = 64;

  ReleaseRecord* release(std::string_view id);
  const ReleaseRecord* release(std::string_view id) const;
  const ReleaseRecord* current() const { return release(current_id); }
  const ReleaseRecord* last_stable() const { return release(stable_id); }
  /// The newest that this template means.
  const ReleaseRecord* by_template(const TemplateHash& hash) const;
  bool is_quarantined(const Digest& digest) const;

  /// Adds a release that appeared, as candidate, and makes it current. Evicts beyond max_releases.
  ReleaseRecord& appeared(const boost::json::object& normalised_template, std::string id, std::uint32_t replicas, double alpha, Time now);
  /// The current release settled: it is the stable one from now on, whatever was quarantined of it is free again.
  void promoted(std::string_view id, ReleaseState state, std::string evidence, Time now);
  /// Bad; digests of containers that differ from the stable release are quarantined, the pushed one even if no pod ran it.
  void condemned(std::string_view id, std::string evidence, Time now);
  /// Condemned, and not rolled back after all: it is what it was before, and nothing is quarantined for its sake. `since`: of
  /// that state.
  void reopened(std::string_view id, ReleaseState former, Time since);
  std::size_t rollbacks_within(Duration window, Time now) const;

 private:
  void evict();
  void release_digests(const ReleaseRecord& r);
};
template <class V, Same<ReleaseLedger> S>
void fields(V& v, S& s) {
  v("schema", s.schema);
  v("state", s.state);
  v("candidate", s.candidate);
  v("stable", s.stable);
  v("reason", s.reason);
  v("currentId", s.current_id);
  v("stableId", s.stable_id);
  v("releases", s.releases);
  v("quarantined", s.quarantined);
  v("intent", s.intent);
  v("rollbacks", s.rollbacks);
  v("frozen", s.frozen);
  v("contestedBy", s.contested_by);
}

/// The whole object, within ReleaseLedger::max_bytes. `resource_version` empty: not created yet.
boost::json::object ledger_object(const WorkloadKey& key, const ReleaseLedger& ledger, std::string_view resource_version);
/// Whose a ReleaseLedger or ReleaseBaseline is: by its name, which holds where its content cannot be read. Nothing where the
/// name is none that Charon gives.
std::optional<WorkloadKey> owner_of(const boost::json::object& stored);
/// Errors: invalid_input (damaged, or a newer Charon's). `key` is read from spec.
Result<std::pair<WorkloadKey, ReleaseLedger>> read_ledger(const boost::json::object& object);

}  // namespace charon::coordinator
