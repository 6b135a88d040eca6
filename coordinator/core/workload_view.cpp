#include "coordinator/core/culprit_text.hpp"
#include "coordinator/core/image_reference.hpp"
#include "coordinator/core/pass_wait_text.hpp"
#include "coordinator/core/suspension_text.hpp"
#include "coordinator/core/workload.hpp"

namespace charon::coordinator {

bool Workload::has_image(std::string_view image) const {
  const DeploymentView* d = cluster_.deployment(key_);
  if (!d) return false;
  for (const auto& [container, text] : images_of(d->pod_template))
    if (names_image(image, parse_image(text))) return true;
  return false;
}

boost::json::object Workload::summary() const {
  return {{"namespace", key_.ns}, {"kind", key_.kind}, {"name", key_.name}, {"state", ledger_.state},
          {"candidate", ledger_.candidate}, {"stable", ledger_.stable}, {"reason", ledger_.reason}};
}

/// What the agents of the release under judgement leave out of the verdict, by metric and reason, with the number of pods.
boost::json::array Workload::excluded_metrics(Time now) const {
  constexpr std::size_t most = 2 * wire::max_excluded;
  std::map<std::tuple<std::string, wire::MetricKind, std::string>, std::size_t> pods;
  std::size_t more = 0;
  const auto add = [&](const std::string& metric, wire::MetricKind kind, std::string reason) {
    const std::tuple key{metric, kind, std::move(reason)};
    if (pods.size() < most || pods.contains(key)) ++pods[key];
    else ++more;
  };
  for (const auto& [uid, a] : agents_) {
    if (a.release != ledger_.current_id || !a.fresh(policy_.agent.report_interval, now)) continue;
    more = std::max<std::size_t>(more, a.last.excluded_more);
    for (const wire::ExcludedMetric& metric : a.last.excluded) add(metric.metric, metric.kind, JsonWriter::write(metric.reason).as_string().c_str());
    if (!a.last.suspended) continue;
    for (const std::string& metric : a.last.suspended->metrics) add(metric, wire::MetricKind::level, "load_differs");
  }
  boost::json::array out;
  for (const auto& [key, count] : pods)
    out.push_back(boost::json::object{{"metric", std::get<0>(key)}, {"kind", JsonWriter::write(std::get<1>(key))}, {"reason", std::get<2>(key)}, {"pods", count}});
  if (more > 0) out.push_back(boost::json::object{{"metric", fmt::format("and {} more", more)}});
  return out;
}

boost::json::object Workload::view(Time now) const {
  boost::json::object out = summary();
  boost::json::array releases;
  for (const ReleaseRecord& r : ledger_.releases) {
    boost::json::object one = to_json(r);
    one.erase("template");
    one.erase("budget");
    one["alpha"] = r.budget.alpha;
    one["alphaSpent"] = r.budget.spent();
    one["current"] = r.id == ledger_.current_id;
    one["lastStable"] = r.id == ledger_.stable_id;
    releases.push_back(std::move(one));
  }
  out["releases"] = std::move(releases);

  boost::json::array list;
  std::size_t reporting = 0, all = 0;
  for (const PodView* pod : pods()) {
    ++all;
    boost::json::object one{{"pod", pod->name}, {"node", pod->node}, {"ready", pod->ready}};
    const ReleaseRecord* r = release_of(*pod);
    one["release"] = r ? r->name : "";
    const auto a = agents_.find(pod->uid);
    if (!pod->has_agent) {
      one["coverage"] = "no agent";
    } else if (a == agents_.end() || !a->second.fresh(policy_.agent.report_interval, now)) {
      one["coverage"] = "silent";
    } else {
      ++reporting;
      const AgentRecord& agent = a->second;
      one["coverage"] = "reporting";
      one["role"] = JsonWriter::write(agent.role);
      one["verdict"] = JsonWriter::write(agent.last.verdict);
      one["logEvidence"] = JsonWriter::write(agent.last.log_evidence);
      one["logPassEvidence"] = JsonWriter::write(agent.last.log_pass_evidence);
      one["alphaShare"] = agent.share;
      if (agent.share > 0) one["logThreshold"] = agent.log_needed();
      if (agent.last.degraded_since) one["degradedSince"] = format_time(*agent.last.degraded_since);
      if (!agent.last.assumption.empty()) one["assumption"] = fmt::format("documented spread of {}", agent.last.assumption);
      if (agent.last.suspended) one["suspended"] = suspension_text(*agent.last.suspended);
      if (!agent.last.pass_waits.empty()) {
        boost::json::array waits;
        for (const wire::PassWait& wait : agent.last.pass_waits) waits.push_back(boost::json::string(pass_wait_text(wait, agent.last.excluded)));
        one["passWaits"] = std::move(waits);
      }
      one["culprits"] = JsonWriter::write(agent.last.culprits);
      one["scrapes"] = agent.last.scrapes;
      one["scrapeFailures"] = agent.last.scrape_failures;
      one["processRestarts"] = agent.last.process_restarts;
      one["reported"] = format_time(agent.received);
      one["agentVersion"] = agent.version;
    }
    list.push_back(std::move(one));
  }
  out["pods"] = std::move(list);
  if (const ReleaseRecord* r = ledger_.current(); r && !r->target() && together_.sum > 0) {
    boost::json::array culprits;
    for (const auto& [metric, kind] : pooled_.culprits(r->budget.alpha)) culprits.push_back(boost::json::string(metric_text(metric, kind)));
    out["together"] = boost::json::object{{"logEvidence", JsonWriter::write(pooled_.log_evidence())}, {"logThreshold", -std::log(r->budget.share_together())}, {"sumByShares", together_.sum}, {"culprits", std::move(culprits)}};
  }
  out["coverage"] = boost::json::object{{"pods", all}, {"reporting", reporting}};
  if (ledger_.intent) out["lastAction"] = to_json(*ledger_.intent);
  out["quarantined"] = JsonWriter::write(ledger_.quarantined);
  out["frozen"] = ledger_.frozen;
  boost::json::object policy = to_json(policy_);
  policy["name"] = policy_name_;
  if (policy_.agent.detector != wire::DetectorKind::anomalyzer) policy.erase("anomalyzer");
  out["policy"] = std::move(policy);
  out["excluded"] = excluded_metrics(now);
  const auto baseline = baseline_.baseline({});
  out["baseline"] = boost::json::object{{"version", baseline.version}, {"release", baseline.release}, {"pods", baseline.pods}, {"metrics", baseline.metrics.size()}};
  if (const DeploymentView* d = cluster_.deployment(key_))
    if (const std::string automation = automation_of(*d); !automation.empty()) out["ownedBy"] = automation;
  return out;
}

}  // namespace charon::coordinator
