#pragma once
/// What pods' levels were, by node: the mean of their summaries, of the pods seen last.
#include "lib/base/ids.hpp"
#include "lib/base/wire.hpp"

#include <deque>
#include <span>

namespace charon::coordinator {

class LevelTotals {
 public:
  static constexpr std::size_t max_nodes = 512, max_pods_a_node = 8;

  /// Takes the place of what this pod showed before.
  void set(const PodUid& pod, const std::string& node, std::span<const wire::LevelSummary> levels);
  /// What this pod showed; null: nothing.
  const std::vector<wire::LevelSummary>* of(const PodUid& pod, const std::string& node) const;
  std::vector<wire::LevelSummary> everywhere() const;
  std::vector<wire::LevelSummary> on(const std::string& node) const;
  std::vector<std::string> nodes() const;
  bool empty() const { return nodes_.empty(); }

 private:
  struct Pod {
    PodUid uid;
    std::vector<wire::LevelSummary> levels;
  };
  std::map<std::string, std::deque<Pod>> nodes_;
};

/// Adds to `spreads` by how much levels moved from `before` to `after` on each node, less what they moved on the mean of all
/// nodes: two nodes at least that showed both. Sums are halved when they pass 64 degrees of freedom, so that they stay recent.
void learn_spreads(const LevelTotals& before, const LevelTotals& after, std::map<std::string, wire::LevelSpread>& spreads);

}  // namespace charon::coordinator
