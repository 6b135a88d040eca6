#include "coordinator/core/baseline_store.hpp"

#include "coordinator/core/json_lookup.hpp"
#include "lib/detection/level_summary.hpp"

#include <algorithm>
#include <cmath>

namespace charon::coordinator {
namespace {

constexpr double most_load_change = 1.6;  // times: about what a day brings
constexpr double load_memory = 0.05;      // a scrape

/// The spec of a ReleaseBaseline.
struct Kept {
  std::uint64_t version = 0;
  std::string release;
  std::uint32_t pods = 0;
  std::vector<wire::MetricCounts> metrics;
  std::map<std::string, std::vector<wire::MetricCounts>> nodes;
  std::map<std::string, std::vector<wire::LevelSummary>> levels;  // by node
  std::vector<wire::LevelSpread> spreads;
};
template <class V, Same<Kept> S>
void fields(V& v, S& s) {
  v("version", s.version);
  v("release", s.release);
  v("pods", s.pods);
  v("metrics", s.metrics);
  v("nodes", s.nodes);
  v("levels", s.levels);
  v("spreads", s.spreads);
}

/// That agents accept.
double within_range(double value) { return std::clamp(value, -wire::largest_number, wire::largest_number); }

bool traffic(const BaselineStore::Shown& more) {
  return std::any_of(more.increments.begin(), more.increments.end(), [](const auto& m) { return m.windows > 0; });
}

}  // namespace

void BaselineStore::Totals::add(const PodUid& pod, const std::string& node, const Shown& more) {
  levels.set(pod, node, more.levels);
  if (!traffic(more)) return;
  all.add(more.increments);
  all.bound_windows(max_windows);
  if (nodes.size() < max_nodes || nodes.contains(node)) {
    nodes[node].add(more.increments);
    nodes[node].bound_windows(max_node_windows);
  }
  if (pods.size() < 1024) pods.insert(pod);
}

BaselineStore::Shown BaselineStore::shown(const wire::Report* before, const wire::Report& now) {
  static const wire::Report nothing{};
  const wire::Report& last = before ? *before : nothing;
  Shown out{increments(last.totals, now.totals), {}, now.levels, now.process_restarts > last.process_restarts, now.started, now.scrape_interval};
  for (const wire::LevelSum& sum : now.level_sums) {
    const auto known = std::find_if(last.level_sums.begin(), last.level_sums.end(), [&](const auto& s) { return s.metric == sum.metric; });
    const double old = known == last.level_sums.end() ? 0 : known->sum;
    const std::uint64_t old_scrapes = known == last.level_sums.end() ? 0 : known->scrapes;
    if (sum.scrapes > old_scrapes)
      out.levels_now.push_back({.metric = sum.metric, .value = within_range((sum.sum - old) / static_cast<double>(sum.scrapes - old_scrapes)), .pods = 1});
  }
  return out;
}

void BaselineStore::stable_showed(const PodUid& pod, const std::string& node, const Shown& more, bool typical, Time now) {
  if (!more.levels_now.empty() || more.restarted) {
    std::erase_if(now_, [&](const auto& entry) { return now - entry.second.received > std::max(youth, fresh_for(entry.second.scrape_interval)) && !young_again(entry.second.again, now); });
    if (now_.size() < 1024 || now_.contains(pod)) {
      PodNow& known = now_[pod];
      known.node = node;
      known.settled = more.started + youth;
      known.scrape_interval = more.scrape_interval;
      if (more.restarted) known.again = now;
      if (!more.levels_now.empty()) {
        known.received = now;
        known.levels = more.levels_now;
      }
    }
  }
  if (!traffic(more) && more.levels.empty()) return;
  control_.add(pod, node, more);
  if (!typical) return;
  stable_.add(pod, node, more);
  changed(now, false);
}

void BaselineStore::candidate_showed(const PodUid& pod, const std::string& node, const Shown& more, bool lately) {
  candidate_.add(pod, node, more);
  const double load = requests_per_window(more.increments);
  if (load <= 0 || !lately) return;
  const double kept = std::pow(1 - load_memory, static_cast<double>(windows(more.increments)));
  candidate_load_ = candidate_load_ > 0 ? load + kept * (candidate_load_ - load) : load;
}

void BaselineStore::candidate_appeared(Time now) {
  candidate_ = {};
  candidate_load_ = 0;
  control_ = {};
  control_since_ = now;
}

void BaselineStore::candidate_promoted(std::string release, Time now) {
  learn_spreads(stable_.levels, candidate_.levels, spreads_);
  stable_ = std::move(candidate_);
  now_.clear();
  candidate_appeared(now);
  release_ = std::move(release);
  restored_pods_ = 0;
  changed(now, true);
}

void BaselineStore::forget(std::string release, Time now) {
  stable_ = {};
  now_.clear();
  candidate_appeared(now);
  release_ = std::move(release);
  restored_pods_ = 0;
  changed(now, true);
}

bool BaselineStore::load_unusual() const {
  const double usual = stable_.all.requests_per_window();
  return usual > 0 && candidate_load_ > 0 && (candidate_load_ > most_load_change * usual || usual > most_load_change * candidate_load_);
}

void BaselineStore::changed(Time now, bool at_once) {
  changed_ = true;
  const std::uint64_t windows = stable_.all.windows();
  if (!at_once && (now - version_at_ < version_interval || windows * 4 < version_windows_ * 5)) return;
  // Halving brings the count of scrapes down: growth is counted from there.
  version_windows_ = std::min(windows, max_windows * 3 / 4);
  version_at_ = now;
  ++version_;
  learn_starts();
}

wire::Baseline BaselineStore::baseline(const std::string& node) const {
  wire::Baseline out;
  out.version = version_;
  out.release = release_;
  out.pods = std::max(restored_pods_, static_cast<std::uint32_t>(stable_.pods.size()));
  out.metrics = stable_.all.list();
  if (const auto found = stable_.nodes.find(node); found != stable_.nodes.end()) out.same_node = found->second.list();
  out.levels = stable_.levels.everywhere();
  out.same_node_levels = stable_.levels.on(node);
  for (const auto& [metric, spread] : spreads_)
    if (out.spreads.size() < wire::max_metrics) out.spreads.push_back(spread);
  return out;
}

void BaselineStore::Reporting::add(const std::string& of_node, Time scraped) {
  const auto count = [&](Pods& pods) {
    if (pods.count == 0 || scraped < pods.told) pods.told = scraped;
    ++pods.count;
  };
  count(everywhere);
  if (of_node == node) count(same_node);
}

wire::Control BaselineStore::control(const Reporting& reporting, Time now) const {
  wire::Control out;
  const auto age = [&](const Reporting::Pods& pods) { return pods.count > 0 ? std::clamp<Duration>(now - pods.told, Duration{0}, wire::longest_age) : Duration{0}; };
  out.pods = reporting.everywhere.count;
  out.same_node_pods = reporting.same_node.count;
  out.age = age(reporting.everywhere);
  out.same_node_age = age(reporting.same_node);
  out.since = control_since_;
  out.metrics = control_.all.list();
  if (const auto found = control_.nodes.find(reporting.node); found != control_.nodes.end()) out.same_node = found->second.list();
  return out;
}

void BaselineStore::learn_starts() {
  starts_.clear();
  for (const wire::LevelSummary& usual : stable_.levels.everywhere())
    if (!usual.young.empty()) starts_[usual.metric] = static_cast<std::int64_t>(detection::young_differences(usual).size());
}

void BaselineStore::add_levels(wire::Control& out, const std::string& node, Time now, Duration report_interval) const {
  std::map<std::string, wire::LevelNow> all, here;
  std::uint64_t all_of = 0, here_of = 0;  // whoever may be the control, though not all show every metric each time
  const auto add = [](std::map<std::string, wire::LevelNow>& to, const wire::LevelNow& level, std::uint64_t who) {
    wire::LevelNow& mean = to[level.metric];
    mean.metric = level.metric;
    mean.of ^= who;
    ++mean.pods;
    mean.value += (level.value - mean.value) / mean.pods;
  };
  const auto young_for = [&](const std::string& metric, Duration scrape_interval) -> Duration {
    const auto known = starts_.find(metric);
    if (known == starts_.end()) return youth_again;
    const Duration start = known->second * scrape_interval;
    return std::clamp<Duration>(start + start / 2, youth, youth_again);
  };
  for (const auto& [uid, pod] : now_) {
    if (now - pod.received > fresh_for(std::max(report_interval, pod.scrape_interval)) || pod.received < pod.settled) continue;
    const std::uint64_t who = std::hash<std::string>{}(uid.value) >> 11;  // JSON's readers keep 53 bits
    const bool again = young_again(pod.again, pod.received);
    if (!again) (pod.node == node ? here_of : all_of) ^= who;
    const std::vector<wire::LevelSummary>* usual = stable_.levels.of(uid, pod.node);
    for (const wire::LevelNow& level : pod.levels) {
      if (again && pod.received - *pod.again < young_for(level.metric, pod.scrape_interval)) continue;
      if (pod.node == node) {
        add(here, level, again ? who : 0);
        out.same_node_levels_reported = std::max(out.same_node_levels_reported, pod.received);
        continue;
      }
      if (!usual) continue;
      const auto own = std::find_if(usual->begin(), usual->end(), [&](const auto& summary) { return summary.metric == level.metric; });
      if (own == usual->end()) continue;
      wire::LevelNow change = level;
      change.value = within_range(change.value - own->level);
      add(all, change, again ? who : 0);
      out.levels_reported = std::max(out.levels_reported, pod.received);
    }
  }
  const auto put = [](const std::map<std::string, wire::LevelNow>& from, std::uint64_t of, std::vector<wire::LevelNow>& to) {
    for (const auto& [metric, level] : from)
      if (to.size() < wire::max_metrics) to.push_back({metric, level.value, level.pods, of ^ level.of});
  };
  put(all, all_of, out.levels);
  put(here, here_of, out.same_node_levels);
}

boost::json::object BaselineStore::object(const WorkloadKey& key, std::string_view resource_version, Time now) {
  written_ = now;
  changed_ = false;
  const wire::Baseline whole = baseline({});
  Kept kept{version_, release_, whole.pods, whole.metrics, {}, {}, whole.spreads};
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [node, totals] : stable_.nodes) order.emplace_back(totals.windows(), node);
  for (const std::string& node : stable_.levels.nodes())  // of workloads that serve no requests
    if (!stable_.nodes.contains(node)) order.emplace_back(0, node);
  std::sort(order.rbegin(), order.rend());
  std::size_t bytes = boost::json::serialize(to_json(kept)).size() + 1024;
  for (const auto& [windows, node] : order) {
    const auto counts = stable_.nodes.find(node);
    const auto list = counts == stable_.nodes.end() ? std::vector<wire::MetricCounts>{} : counts->second.list();
    const auto levels = stable_.levels.on(node);
    bytes += boost::json::serialize(JsonWriter::write(list)).size() + boost::json::serialize(JsonWriter::write(levels)).size() + 2 * (node.size() + 8);
    if (bytes > max_bytes) break;
    if (!list.empty()) kept.nodes[node] = list;
    if (!levels.empty()) kept.levels[node] = levels;
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
  wire::HelloReply checked;  // whose validation bounds levels and spreads
  for (const auto& [node, levels] : kept->levels) {
    checked.baseline.levels = levels;
    if (wire::validate(checked)) stable_.levels.set(PodUid("restored"), node, levels);
  }
  checked.baseline.levels.clear();
  checked.baseline.spreads = kept->spreads;
  spreads_.clear();
  if (wire::validate(checked))
    for (const wire::LevelSpread& spread : kept->spreads) spreads_[spread.metric] = spread;
  restored_pods_ = kept->pods;
  release_ = kept->release;
  version_ = std::max(version_, kept->version);
  version_windows_ = stable_.all.windows();
  learn_starts();
  return {};
}

}  // namespace charon::coordinator
