#include "coordinator/core/rollback_policy.hpp"

#include "coordinator/core/json_lookup.hpp"
#include "lib/detection/metric_meaning.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace charon::coordinator {
namespace {

std::string out_of_bounds(const RollbackPolicy& p) {
  using namespace std::chrono_literals;
  const auto within = [](Duration value, Duration least, Duration most) { return value >= least && value <= most; };
  if (!(p.alpha > 0 && p.alpha <= 0.1)) return "alpha: more than 0, at most 0.1";
  if (!within(p.settle_time, 1s, 24h * 30)) return "settleTime: 1s to 30d";
  if (!within(p.confirmation, 0s, 10min)) return "confirmation: 0 to 10m";
  if (!within(p.rollback_window, 0s, 24h * 30)) return "rollbackWindow: 0 to 30d";
  if (p.max_rollbacks_per_hour > 60) return "maxRollbacksPerHour: 0 to 60";
  if (!(p.minimum_coverage >= 0 && p.minimum_coverage <= 1)) return "minimumCoverage: 0 to 1";
  for (const auto& [name, value] : {std::pair{"errorRatioEffect", p.agent.error_ratio_effect}, {"latencyEffect", p.agent.latency_effect}, {"tolerance", p.agent.tolerance}})
    if (!(value >= 0 && value <= 1)) return fmt::format("{}: 0 to 1", name);
  if (!within(p.agent.scrape_interval, 500ms, longest_interval)) return "scrapeInterval: 500ms to 5m";
  if (!within(p.agent.report_interval, 500ms, longest_interval)) return "reportInterval: 500ms to 5m";
  if (p.agent.ignore.size() > 64) return "ignore: at most 64 names";
  if (p.agent.metrics.size() > wire::max_overrides) return fmt::format("metrics: at most {} entries", wire::max_overrides);
  for (const wire::MetricOverride& entry : p.agent.metrics)
    if (const auto ok = detection::validate(entry); !ok) return ok.error().context;
  if (const auto ok = wire::validate(p.agent.anomalyzer); !ok) return ok.error().context;
  return {};
}

}  // namespace

wire::AgentPolicy RollbackPolicy::agent_policy() const {
  wire::AgentPolicy out = agent;
  out.version = 0;
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : boost::json::serialize(to_json(out))) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  out.version = (hash >> 12) | 1;  // 52 bits: exact in every JSON implementation; never 0
  return out;
}

PolicyObject read_policy(const boost::json::object& object, const RollbackPolicy& defaults) {
  PolicyObject out;
  out.ns = text_at(object, {"metadata", "namespace"});
  out.name = text_at(object, {"metadata", "name"});
  out.uid = text_at(object, {"metadata", "uid"});
  out.policy = defaults;
  for (const auto& [key, value] : object_at(object, {"spec", "selector", "matchLabels"}))
    if (value.is_string()) out.match_labels.emplace(key, value.get_string());
  if (!array_at(object, {"spec", "selector", "matchExpressions"}).empty()) out.problem = "selector: only matchLabels is understood";
  std::optional<Error> error;
  RollbackPolicy read = defaults;
  JsonReader reader(object_at(object, {"spec"}), {}, error);
  fields(reader, read);
  if (error) out.problem = error->context;
  else if (out.problem.empty()) out.problem = out_of_bounds(read);
  read.agent.report_interval = std::max(read.agent.report_interval, read.agent.scrape_interval);  // between scrapes there is nothing to tell
  if (out.problem.empty()) out.policy = std::move(read);
  else out.policy.action = out.policy.ambiguous = PolicyAction::notify;
  return out;
}

const PolicyObject* choose_policy(const std::map<std::string, PolicyObject>& by_uid, std::string_view ns, const std::map<std::string, std::string>& labels,
                                  std::vector<std::string>* others) {
  std::vector<const PolicyObject*> fits;
  for (const auto& [uid, policy] : by_uid)
    if (policy.ns == ns && std::all_of(policy.match_labels.begin(), policy.match_labels.end(), [&](const auto& wanted) {
          const auto label = labels.find(wanted.first);
          return label != labels.end() && label->second == wanted.second;
        }))
      fits.push_back(&policy);
  if (fits.empty()) return nullptr;
  // One that can be read comes before those that cannot.
  std::sort(fits.begin(), fits.end(), [](const auto* a, const auto* b) {
    return std::pair(!a->problem.empty(), a->name) < std::pair(!b->problem.empty(), b->name);
  });
  if (others)
    for (std::size_t i = 1; i < fits.size(); ++i) others->push_back(fits[i]->name);
  return fits.front();
}

}  // namespace charon::coordinator
