#include "coordinator/core/culprit_text.hpp"
#include "coordinator/core/events.hpp"
#include "coordinator/core/json_lookup.hpp"
#include "coordinator/core/workload.hpp"

#include <algorithm>

namespace charon::coordinator {

AgentRecord& Workload::agent(const PodView& pod, const BootId& boot, const ReleaseRecord* release) {
  AgentRecord& a = agents_[pod.uid];
  if (a.boot != boot) {
    leaves(a);
    const std::optional<Time> restarted = a.restarted;
    a = {};
    a.boot = boot;
    a.restarted = restarted;
  }
  a.pod_uid = pod.uid;
  a.pod = pod.name;
  a.node = pod.node;
  a.release = release ? release->id : std::string();
  a.role = release && release->target() ? wire::Role::stable : wire::Role::candidate;
  return a;
}

/// What a pod in trouble showed must not fall on those that stay.
void Workload::leaves(const AgentRecord& a) {
  if (a.reported && a.release == ledger_.current_id && a.in_trouble()) pooled_.restart();
}

void Workload::forget_agents() {
  std::erase_if(agents_, [&](const auto& entry) {
    const PodView* pod = cluster_.pod(entry.first);
    const bool gone = !pod || pod->over();
    if (gone) leaves(entry.second);
    return gone;
  });
}

Result<wire::HelloReply> Workload::hello(const PodView& pod, const wire::Hello& hello, Time now) {
  if (hello.boot_id.empty() || hello.boot_id.value.size() > 64 || hello.agent_version.size() > 64) return fail(Errc::invalid_input, "hello: bootId of 1 to 64 bytes, agentVersion of at most 64 are needed");
  refresh(now);
  if (!deployment_) return fail(Errc::unavailable, fmt::format("{} is not known yet", key_.text()));
  if (pod.over()) return fail(Errc::unavailable, fmt::format("pod {}/{} ends", pod.ns, pod.name));
  const ReplicaSetView* replica_set = cluster_.replica_set_of(pod);
  const ReleaseRecord* known = release_of(pod);
  // Watches race: a pod may be seen before its Deployment's new template. A release that Charon never saw is only
  // possible for pods that are older than the ledger: they are not judged.
  const bool young = !pod.created || now - *pod.created < std::chrono::minutes{1};
  if (!known && (young || !replica_set)) return fail(Errc::unavailable, fmt::format("the release of pod {}/{} is not known yet", pod.ns, pod.name));
  AgentRecord& a = agent(pod, hello.boot_id, known);
  a.version = hello.agent_version;
  if (known) {
    ReleaseRecord& r = *ledger_.release(known->id);
    const bool again = r.budget.known(pod.uid, hello.boot_id) > 0;
    const auto share = r.budget.take(pod.uid, hello.boot_id, acknowledged_[r.id]);
    if (!share) {
      touch();
      return fail(Errc::unavailable, fmt::format("the ledger of {} is being written", key_.text()));
    }
    if (!again) {
      a.from_zero = true;
      touch();
    }
    a.share = *share;
    events::agent(log_, key_, pod.name, pod.node, r.name, a.role == wire::Role::stable ? "stable" : "candidate", a.share);
  }
  wire::HelloReply reply;
  reply.policy = policy_.agent_policy();
  reply.role = a.role;
  reply.alpha = a.share;
  reply.baseline = baseline_.baseline(pod.node);
  return reply;
}

/// A pod that shuts down shows nothing of its release any more, and its record is gone: its totals would count once more.
wire::ReportReply Workload::farewell(const wire::Report& report, const ReleaseRecord* release) const {
  wire::ReportReply reply;
  reply.acknowledged = report.sequence;
  reply.policy_version = policy_.agent_policy().version;
  reply.baseline_version = baseline_.version();
  reply.role = release && release->target() ? wire::Role::stable : wire::Role::candidate;
  reply.ending = true;
  return reply;
}

Result<wire::ReportReply> Workload::report(const PodView& pod, const wire::Report& report, Time now) {
  if (auto valid = wire::validate(report); !valid) return valid.error();
  refresh(now);
  const ReleaseRecord* release = release_of(pod);
  if (pod.over()) return farewell(report, release);
  AgentRecord& a = agent(pod, report.boot_id, release);
  if (a.share == 0 && release) a.share = release->budget.known(pod.uid, report.boot_id);
  const bool repeated = a.reported && report.sequence <= a.last.sequence;
  if (!repeated) {
    // Totals of an agent that a former coordinator knew are in the baseline already up to an unknown point: they are the
    // point to count from. A candidate's were never kept, so they count whole.
    const bool known_so_far = a.reported || a.from_zero, counts = known_so_far || a.role == wire::Role::candidate;
    const auto more = counts ? BaselineStore::shown(a.reported ? &a.last : nullptr, report) : BaselineStore::Shown{{}, {}, report.levels, report.process_restarts > 0, report.started};
    if (more.restarted) a.restarted = now;
    if (a.role == wire::Role::candidate && a.release == ledger_.current_id) pooled_.showed(pod.uid, pod.node, a.reported ? &a.last : nullptr, report, now);
    if (counts && a.role == wire::Role::stable && more.restarted) pooled_.stable_began_again(now);
    a.last = report;
    a.classic_threshold = policy_.agent.detector == wire::DetectorKind::anomalyzer ? policy_.agent.anomalyzer.threshold : 0;
    if (report.detector != policy_.agent.detector) {  // by what the policy said before: the two scales do not compare
      a.last.verdict = wire::Verdict::inconclusive;
      a.last.log_evidence = a.last.log_pass_evidence = 0;
    }
    a.received = now;
    a.reported = true;
    a.passed = a.passed || a.last.verdict == wire::Verdict::pass;
    if (release && release->id == ledger_.stable_id) baseline_.stable_showed(pod.uid, pod.node, more, !a.in_trouble(), now);
    else if (release && release->id == ledger_.current_id) baseline_.candidate_showed(pod.uid, pod.node, more, known_so_far);
    if (a.fails() && !a.announced_failing) {
      const std::string culprit = report.culprits.empty() ? "scrape failures or restarts"
                                                          : fmt::format("{}, evidence {:.3g}", culprit_text(report.culprits.front()), std::exp(std::min(report.log_evidence, 700.0)));
      events::failing(log_, key_, pod.name, pod.node, release ? release->name : "unknown", culprit);
    }
    a.announced_failing = a.fails();
  }
  wire::ReportReply reply;
  reply.acknowledged = a.last.sequence;
  // An agent without a share has to say hello: no policy has version 0.
  reply.policy_version = a.share > 0 || !release ? policy_.agent_policy().version : 0;
  reply.baseline_version = baseline_.version();
  reply.role = a.role;
  // A stable pod's requests are compared with the baseline only: the control is made of itself and its peers.
  if (a.role == wire::Role::candidate) {
    BaselineStore::Reporting stable{pod.node};
    for (const auto& [uid, other] : agents_)
      if (other.release == ledger_.stable_id && other.fresh(policy_.agent.report_interval, now)) stable.add(other.node, other.told());
    reply.control = baseline_.control(stable, now);
    reply.control.none_runs = !stable_agents_run_ && stable.everywhere.count == 0;
  }
  // Levels it is told of other nodes, so that it sees trouble of its own; never of its own node, where it is the control.
  if ((a.role == wire::Role::candidate || (ledger_.current_id != ledger_.stable_id && a.role == wire::Role::stable)) && (policy_.agent.levels_decide || !policy_.agent.metrics.empty())) {
    baseline_.add_levels(reply.control, pod.node, now, policy_.agent.report_interval);
    if (a.role != wire::Role::candidate) reply.control.same_node_levels.clear();
  }
  return reply;
}

void Workload::trouble(Surroundings& out, Time now) {
  watch_crashes(now);
  for (const auto& [node, crashes] : proven_crashing_) out.crashes[node].push_back({key_, crashes.since});
  for (const auto& [uid, a] : agents_)
    if (a.fresh(policy_.agent.report_interval, now) && a.in_trouble()) out.trouble[a.node].push_back({key_, a.last.degraded_since.value_or(a.received)});
}

void Workload::count_agents(CoordinatorCounters& counters, Time now) const {
  for (const auto& [uid, a] : agents_) {
    if (!a.fresh(policy_.agent.report_interval, now)) ++counters.silent_agents;
    else if (a.role == wire::Role::stable) ++counters.stable_agents;
    else ++counters.candidate_agents;
  }
}

}  // namespace charon::coordinator
