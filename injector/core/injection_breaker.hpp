#pragma once
/// Stops injecting while pods wait on the agent's image (docs/design.md, "Do no harm"): a circuit breaker whose calls are
/// pods. It decides and does no I/O; one instance per injector, fed from the watch of pending pods.
#include "lib/base/clock.hpp"
#include "lib/base/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace charon::injector {

struct BreakerConfig {
  unsigned waiting_pods = 2;        ///< that open it at once
  Duration patience{60'000};        ///< one pod that waits this long opens it too: a rollout may create one pod at a time
  Duration retry{300'000};          ///< from open to half-open; doubles with each failed probe
  Duration longest_retry{3'600'000};
  Duration probe_timeout{120'000};  ///< a probe of which nothing is heard is given up
};

enum class BreakerState { closed, half_open, open };
std::string_view name(BreakerState state);

class InjectionBreaker {
 public:
  explicit InjectionBreaker(BreakerConfig config) : config_(config) {}

  BreakerState state() const { return state_; }
  std::size_t waiting() const { return waiting_.size(); }

  /// Observations. Each returns the new state where it changed.
  /// The agent of a pod is stuck, seen again with every change of the pod.
  std::optional<BreakerState> stuck(const PodUid& pod, Time now);
  /// The agent of a pod runs since `started`: news only if that is after the breaker opened.
  std::optional<BreakerState> running(const PodUid& pod, Time started, Time now);
  /// The pod is gone or not pending any more.
  void gone(const PodUid& pod);
  /// What time alone changes: patience, retry.
  std::optional<BreakerState> tick(Time now);

  /// Whether the next pod gets an agent. Half-open: one pod at a time; a dry run takes no turn.
  bool admit(Time now, bool dry_run);

 private:
  struct Waiting {
    Time since{};
    bool counted = true;  ///< false: seen before the breaker closed again; another pod is needed to open it
  };
  std::optional<BreakerState> open(Time now, Duration retry);
  bool enough(Time now) const;

  static constexpr std::size_t max_waiting = 4096;
  BreakerConfig config_;
  BreakerState state_ = BreakerState::closed;
  std::map<PodUid, Waiting> waiting_;
  Duration retry_{};
  Time opened_{};
  std::optional<Time> probe_;
};

}  // namespace charon::injector
