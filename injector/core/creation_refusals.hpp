#pragma once
/// Workloads whose pods are refused because of the agent (quota, policy): they never come to be, so that nothing but the
/// controller's FailedCreate Event tells. Such a workload's next pods start without an agent for a time.
#include "injector/core/workload_key.hpp"
#include "lib/base/clock.hpp"

#include <boost/json.hpp>

#include <map>
#include <optional>
#include <string>

namespace charon::injector {

struct FailedCreation {
  WorkloadKey workload;
  std::string message;
  Time when{};
};

/// Reads a core/v1 Event: reason FailedCreate, with a message that speaks of a refusal (forbidden, denied, invalid, quota)
/// and not of a time-out. Empty otherwise.
std::optional<FailedCreation> failed_creation(const boost::json::object& event);

struct RefusalConfig {
  Duration blame{300'000};          ///< a refusal this long after an injection may be the agent's fault
  Duration hold{600'000};           ///< without agents; doubles with each refusal of the same workload
  Duration longest_hold{21'600'000};
};

class CreationRefusals {
 public:
  explicit CreationRefusals(RefusalConfig config) : config_(config) {}

  /// A pod of this workload was given an agent.
  void injected(const WorkloadKey& workload, Time now);
  /// True where it starts a hold: the workload was injected shortly before, and is not held already.
  bool refused(const FailedCreation& failure, Time now);
  /// The message of the refusal while pods of this workload go without an agent.
  std::optional<std::string> held(const WorkloadKey& workload, Time now) const;
  std::size_t holds(Time now) const;

 private:
  struct Entry {
    Time injected{}, until{};
    Duration hold{};
    std::string message;
  };
  Entry& entry(const WorkloadKey& workload);

  static constexpr std::size_t max_workloads = 4096;
  RefusalConfig config_;
  std::map<WorkloadKey, Entry> entries_;
};

}  // namespace charon::injector
