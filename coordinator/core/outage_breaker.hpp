#pragma once
/// Many workloads that degrade at once are an outage, not many bad releases: more than five, and more than a quarter of
/// all that are watched, within ten minutes hold every rollback.
#include "coordinator/core/workload_key.hpp"
#include "lib/base/clock.hpp"

#include <map>

namespace charon::coordinator {

class OutageBreaker {
 public:
  static constexpr std::size_t least = 5;
  static constexpr Duration window = std::chrono::minutes{10};

  void failing(const WorkloadKey& key, Time now) { since_.try_emplace(key, now).first->second = now; }
  /// `watched`: workloads now. Forgets what is older than the window.
  bool open(std::size_t watched, Time now) {
    std::erase_if(since_, [&](const auto& entry) { return now - entry.second > window; });
    return since_.size() > least && since_.size() * 4 > watched;
  }
  std::size_t count() const { return since_.size(); }

 private:
  std::map<WorkloadKey, Time> since_;
};

}  // namespace charon::coordinator
