#include "coordinator/core/level_totals.hpp"

#include "lib/detection/level_summary.hpp"

#include <algorithm>

namespace charon::coordinator {
namespace {

constexpr double most_degrees = 64;

std::vector<wire::LevelSummary> means(const std::map<std::string, std::vector<wire::LevelSummary>>& by_metric) {
  std::vector<wire::LevelSummary> out;
  for (const auto& [metric, summaries] : by_metric) {
    if (out.size() == wire::max_metrics) break;
    wire::LevelSummary mean = detection::mean_of(summaries);
    if (mean.scrapes > 0) out.push_back(std::move(mean));
  }
  return out;
}

}  // namespace

void LevelTotals::set(const PodUid& pod, const std::string& node, std::span<const wire::LevelSummary> levels) {
  if (levels.empty() || (nodes_.size() >= max_nodes && !nodes_.contains(node))) return;
  auto& pods = nodes_[node];
  const auto found = std::find_if(pods.begin(), pods.end(), [&](const Pod& p) { return p.uid == pod; });
  if (found != pods.end()) {
    found->levels.assign(levels.begin(), levels.end());
    return;
  }
  pods.push_back({pod, {levels.begin(), levels.end()}});
  if (pods.size() > max_pods_a_node) pods.pop_front();
}

const std::vector<wire::LevelSummary>* LevelTotals::of(const PodUid& pod, const std::string& node) const {
  const auto on_node = nodes_.find(node);
  if (on_node == nodes_.end()) return nullptr;
  const auto found = std::find_if(on_node->second.begin(), on_node->second.end(), [&](const Pod& p) { return p.uid == pod; });
  return found == on_node->second.end() ? nullptr : &found->levels;
}

std::vector<wire::LevelSummary> LevelTotals::everywhere() const {
  std::map<std::string, std::vector<wire::LevelSummary>> by_metric;
  for (const auto& [node, pods] : nodes_)
    for (const Pod& pod : pods)
      for (const wire::LevelSummary& summary : pod.levels) by_metric[summary.metric].push_back(summary);
  return means(by_metric);
}

std::vector<wire::LevelSummary> LevelTotals::on(const std::string& node) const {
  std::map<std::string, std::vector<wire::LevelSummary>> by_metric;
  if (const auto found = nodes_.find(node); found != nodes_.end())
    for (const Pod& pod : found->second)
      for (const wire::LevelSummary& summary : pod.levels) by_metric[summary.metric].push_back(summary);
  return means(by_metric);
}

std::vector<std::string> LevelTotals::nodes() const {
  std::vector<std::string> out;
  for (const auto& [node, pods] : nodes_) out.push_back(node);
  return out;
}

void learn_spreads(const LevelTotals& before, const LevelTotals& after, std::map<std::string, wire::LevelSpread>& spreads) {
  std::map<std::string, std::vector<double>> moved;
  for (const std::string& node : after.nodes()) {
    const auto old = before.on(node);
    for (const wire::LevelSummary& now : after.on(node))
      if (const auto was = std::find_if(old.begin(), old.end(), [&](const auto& s) { return s.metric == now.metric; }); was != old.end())
        moved[now.metric].push_back(now.level - was->level);
  }
  for (const auto& [metric, differences] : moved) {
    if (differences.size() < 2) continue;
    double mean = 0;
    for (const double d : differences) mean += d / static_cast<double>(differences.size());
    wire::LevelSpread& spread = spreads[metric];
    spread.metric = metric;
    for (const double d : differences) spread.squares += (d - mean) * (d - mean);
    spread.degrees += static_cast<double>(differences.size() - 1);
    if (spread.degrees > most_degrees) {
      spread.squares /= 2;
      spread.degrees /= 2;
    }
  }
}

}  // namespace charon::coordinator
