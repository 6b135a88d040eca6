#include "coordinator/core/coordinator.hpp"

#include "coordinator/core/coordinator_state.hpp"
#include "coordinator/core/json_lookup.hpp"

#include <algorithm>

namespace charon::coordinator {
Coordinator::Coordinator(CoordinatorConfig config, Log log) : state_(std::make_unique<State>(std::move(config), std::move(log))) {}
Coordinator::~Coordinator() = default;

Result<wire::HelloReply> Coordinator::hello(const AgentIdentity& agent, const wire::Hello& hello, Time now) {
  auto speaker = state_->speaker(agent);
  auto reply = speaker ? speaker->workload->hello(*speaker->pod, hello, now) : Result<wire::HelloReply>(speaker.error());
  ++(reply ? state_->counters.hellos : state_->counters.refused_hellos);
  return reply;
}

Result<wire::ReportReply> Coordinator::report(const AgentIdentity& agent, const wire::Report& report, Time now) {
  auto speaker = state_->speaker(agent);
  if (!speaker) return speaker.error();
  ++state_->counters.reports;
  return speaker->workload->report(*speaker->pod, report, now);
}

Result<wire::Baseline> Coordinator::baseline(const AgentIdentity& agent, Time) const {
  auto speaker = state_->speaker(agent);
  if (!speaker) return speaker.error();
  return speaker->workload->baseline(*speaker->pod);
}

std::vector<Action> Coordinator::tick(Time now) {
  std::vector<Action> out;
  state_->ticked = now;
  if (!state_->synced) return out;
  Surroundings around = state_->surroundings(now);
  for (const auto& [key, w] : state_->workloads) w->look(around, now);
  state_->look_for_an_outage(around, now);
  for (const auto& [key, w] : state_->workloads) w->tick(around, out, now);
  for (EmitEvent& event : state_->events) out.push_back(std::move(event));
  state_->events.clear();
  return out;
}

void Coordinator::outcome(const Action& action, const Result<boost::json::object>& result, Time now) {
  if (const auto* write = std::get_if<WriteLedger>(&action)) {
    if (Workload* w = state_->workload(write->key)) w->ledger_written(result, write->revision, now);
  } else if (const auto* baseline = std::get_if<WriteBaseline>(&action)) {
    if (Workload* w = state_->workload(baseline->key)) w->baseline_written(result, now);
  } else if (const auto* patch = std::get_if<PatchWorkload>(&action)) {
    Workload* w = state_->workload(patch->key);
    if (w) w->patch_done(*patch, result, now);
    // What the patch made of it is known before the watch says so.
    if (result && text_at(*result, {"metadata", "uid"}) == patch->plan.uid) on_deployment(*result, now);
  }
}

Result<CommandReply> Coordinator::rollback(const WorkloadKey& key, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->rollback(options, now);
}
Result<CommandReply> Coordinator::freeze(const WorkloadKey& key, const CommandOptions& options, Time) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->set_frozen(true, options);
}
Result<CommandReply> Coordinator::unfreeze(const WorkloadKey& key, const CommandOptions& options, Time) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->set_frozen(false, options);
}
Result<CommandReply> Coordinator::promote(const WorkloadKey& key, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->promote(options, now);
}
Result<CommandReply> Coordinator::rollout(const WorkloadKey& key, std::string_view image, std::string_view tag, const CommandOptions& options, Time now) {
  auto w = state_->commanded(key);
  if (!w) return w.error();
  return (*w)->rollout(image, tag, options, now);
}

std::vector<CommandReply> Coordinator::image_pushed(const ImagePush& push, const std::vector<std::string>& namespaces, Time now) {
  std::vector<CommandReply> out;
  for (const auto& [key, w] : state_->workloads) {
    const bool everywhere = std::find(namespaces.begin(), namespaces.end(), "*") != namespaces.end();
    if (!everywhere && std::find(namespaces.begin(), namespaces.end(), key.ns) == namespaces.end()) continue;
    if (auto reply = w->image_pushed(push, now)) out.push_back(*std::move(reply));
  }
  return out;
}

std::vector<WorkloadKey> Coordinator::find_by_image(std::string_view image) const {
  std::vector<WorkloadKey> out;
  for (const auto& [key, w] : state_->workloads)
    if (w->has_image(image)) out.push_back(key);
  return out;
}

std::vector<WorkloadKey> Coordinator::watched() const {
  std::vector<WorkloadKey> out;
  for (const auto& [key, w] : state_->workloads) out.push_back(key);
  return out;
}

boost::json::object Coordinator::workloads(std::string_view ns) const {
  boost::json::array list;
  for (const auto& [key, w] : state_->workloads)
    if (ns.empty() || key.ns == ns) list.push_back(w->summary());
  return {{"workloads", std::move(list)}};
}

Result<boost::json::object> Coordinator::workload(const WorkloadKey& key, Time now) const {
  if (const Workload* w = state_->workload(key)) return w->view(now);
  return state_->commanded(key).error();
}

CoordinatorCounters Coordinator::counters() const {
  const Time now = state_->ticked;
  CoordinatorCounters out = state_->counters;
  out.watched = state_->workloads.size();
  for (const auto& [key, w] : state_->workloads) w->count_agents(out, now);
  out.breaker_open = state_->breaker_open;
  out.ready = state_->may_decide(now);
  return out;
}

}  // namespace charon::coordinator
