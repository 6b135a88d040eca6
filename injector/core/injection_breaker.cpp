#include "injector/core/injection_breaker.hpp"

#include <algorithm>

namespace charon::injector {

std::string_view name(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::half_open: return "half-open";
    case BreakerState::open: return "open";
  }
  return "unknown";
}

std::optional<BreakerState> InjectionBreaker::open(Time now, Duration retry) {
  state_ = BreakerState::open;
  opened_ = now;
  retry_ = std::min(retry, config_.longest_retry);
  probe_.reset();
  return state_;
}

bool InjectionBreaker::enough(Time now) const {
  std::size_t counted = 0;
  for (const auto& [pod, waiting] : waiting_) {
    if (!waiting.counted) continue;
    if (now - waiting.since >= config_.patience) return true;
    ++counted;
  }
  return counted >= config_.waiting_pods;
}

std::optional<BreakerState> InjectionBreaker::stuck(const PodUid& pod, Time now) {
  if (waiting_.size() >= max_waiting && !waiting_.contains(pod)) return std::nullopt;
  const bool fresh = waiting_.try_emplace(pod, Waiting{now, true}).second;
  // Half-open, any pod that newly waits is the probe, or as good as one.
  if (state_ == BreakerState::half_open && fresh) return open(now, retry_ * 2);
  return tick(now);
}

std::optional<BreakerState> InjectionBreaker::running(const PodUid& pod, Time started, Time now) {
  waiting_.erase(pod);
  // The kubelet writes whole seconds: one that started in the second of the opening is not yet news.
  if (state_ == BreakerState::closed || started <= opened_) return tick(now);
  state_ = BreakerState::closed;
  probe_.reset();
  for (auto& [uid, waiting] : waiting_) waiting.counted = false;
  return state_;
}

void InjectionBreaker::gone(const PodUid& pod) { waiting_.erase(pod); }

std::optional<BreakerState> InjectionBreaker::tick(Time now) {
  if (state_ == BreakerState::closed && enough(now)) return open(now, config_.retry);
  if (state_ == BreakerState::open && now - opened_ >= retry_) {
    state_ = BreakerState::half_open;
    return state_;
  }
  return std::nullopt;
}

bool InjectionBreaker::admit(Time now, bool dry_run) {
  if (state_ == BreakerState::closed) return true;
  if (state_ == BreakerState::open) return false;
  if (probe_ && now - *probe_ < config_.probe_timeout) return false;
  if (!dry_run) probe_ = now;
  return true;
}

}  // namespace charon::injector
