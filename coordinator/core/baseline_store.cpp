#include "coordinator/core/baseline_store.hpp"

#include "coordinator/core/json_lookup.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

/// The spec of a ReleaseBaseline.
struct Kept {
  std::uint64_t version = 0;
  std::string release;
  std::uint32_t pods = 0;
  std::vector<wire::MetricCounts> metrics;
  std::map<std::string, std::vector<wire::MetricCounts>> nodes;
};
template <class V, Same<Kept> S>
void fields(V& v, S& s) {
  v("version", s.version);
  v("release", s.release);
  v("pods", s.pods);
  v("metrics", s.metrics);
  v("nodes", s.nodes);
}

}  // namespace

void BaselineStore::Totals::add(const PodUid& pod, const std::string& node, const std::vector<wire::MetricCounts>& more) {
  all.add(more);
  all.bound_windows(max_windows);
  if (nodes.size() < max_nodes || nodes.contains(node)) {
    nodes[node].add(more);
    nodes[node].bound_windows(max_node_windows);
  }
  if (pods.size() < 1024) pods.insert(pod);
}

void BaselineStore::stable_showed(const PodUid& pod, const std::string& node, const std::vector<wire::MetricCounts>& more, bool typical, Time now) {
  const bool traffic = std::any_of(more.begin(), more.end(), [](const auto& m) { return m.windows > 0; });
  if (!traffic) return;
  control_.add(pod, node, more);
  if (!typical) return;
  stable_.add(pod, node, more);
  changed(now, false);
}

void BaselineStore::candidate_showed(const PodUid& pod, const std::string& node, const std::vector<wire::MetricCounts>& more) {
  if (std::any_of(more.begin(), more.end(), [](const auto& m) { return m.windows > 0; })) candidate_.add(pod, node, more);
}

void BaselineStore::candidate_appeared(Time now) {
  candidate_ = {};
  control_ = {};
  control_since_ = now;
}

void BaselineStore::candidate_promoted(std::string release, Time now) {
  stable_ = std::move(candidate_);
  candidate_ = {};
  control_ = {};
  control_since_ = now;
  release_ = std::move(release);
  restored_pods_ = 0;
  changed(now, true);
}

void BaselineStore::forget(std::string release, Time now) {
  stable_ = {};
  candidate_appeared(now);
  release_ = std::move(release);
  restored_pods_ = 0;
  changed(now, true);
}

bool BaselineStore::load_unusual() const {
  const double usual = static_cast<double>(stable_.all.requests_per_window()), now = static_cast<double>(candidate_.all.requests_per_window());
  return usual > 0 && now > 0 && (now > 3 * usual || usual > 3 * now);
}

void BaselineStore::changed(Time now, bool at_once) {
  changed_ = true;
  const std::uint64_t windows = stable_.all.windows();
  if (!at_once && (now - version_at_ < version_interval || windows * 4 < version_windows_ * 5)) return;
  // Halving brings the count of scrapes down: growth is counted from there.
  version_windows_ = std::min(windows, max_windows * 3 / 4);
  version_at_ = now;
  ++version_;
}

wire::Baseline BaselineStore::baseline(const std::string& node) const {
  wire::Baseline out;
  out.version = version_;
  out.release = release_;
  out.pods = std::max(restored_pods_, static_cast<std::uint32_t>(stable_.pods.size()));
  out.metrics = stable_.all.list();
  if (const auto found = stable_.nodes.find(node); found != stable_.nodes.end()) out.same_node = found->second.list();
  return out;
}

wire::Control BaselineStore::control(const std::string& node, std::uint32_t pods, std::uint32_t same_node_pods) const {
  wire::Control out;
  out.pods = pods;
  out.same_node_pods = same_node_pods;
  out.since = control_since_;
  out.metrics = control_.all.list();
  if (const auto found = control_.nodes.find(node); found != control_.nodes.end()) out.same_node = found->second.list();
  return out;
}

boost::json::object BaselineStore::object(const WorkloadKey& key, std::string_view resource_version, Time now) {
  written_ = now;
  changed_ = false;
  Kept kept{version_, release_, baseline({}).pods, stable_.all.list(), {}};
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [node, totals] : stable_.nodes) order.emplace_back(totals.windows(), node);
  std::sort(order.rbegin(), order.rend());
  std::size_t bytes = boost::json::serialize(to_json(kept)).size() + 1024;
  for (const auto& [windows, node] : order) {
    const auto list = stable_.nodes.at(node).list();
    bytes += boost::json::serialize(JsonWriter::write(list)).size() + node.size() + 8;
    if (bytes > max_bytes) break;
    kept.nodes[node] = list;
  }
  boost::json::object metadata{{"name", key.ledger_name()}, {"namespace", key.ns},
                               {"labels", boost::json::object{{"app.kubernetes.io/managed-by", "charon"}}}};
  if (!resource_version.empty()) metadata["resourceVersion"] = resource_version;
  boost::json::object spec = to_json(kept);
  spec["workload"] = boost::json::object{{"apiVersion", "apps/v1"}, {"kind", key.kind}, {"name", key.name}};
  return {{"apiVersion", "charon.dev/v1alpha1"}, {"kind", "ReleaseBaseline"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}};
}

Result<void> BaselineStore::restore(const boost::json::object& object) {
  auto kept = from_json<Kept>(object_at(object, {"spec"}));
  if (!kept) return kept.error();
  const auto valid = [](const std::vector<wire::MetricCounts>& list) {
    return std::all_of(list.begin(), list.end(), [](const auto& m) { return wire::validate(m).has_value(); });
  };
  if (!valid(kept->metrics)) return fail(Errc::invalid_input, "ReleaseBaseline: counts do not fit their bounds");
  stable_ = {};
  stable_.all.add(kept->metrics);
  for (const auto& [node, list] : kept->nodes)
    if (valid(list)) stable_.nodes[node].add(list);
  restored_pods_ = kept->pods;
  release_ = kept->release;
  version_ = std::max(version_, kept->version);
  version_windows_ = stable_.all.windows();
  return {};
}

}  // namespace charon::coordinator
