#include "agent/core/report_policy.hpp"

#include <algorithm>
#include <cmath>

namespace charon::agent {

namespace {
constexpr Duration first_backoff{1'000}, longest_backoff{60'000}, soon{500};
const double suspicion = std::log(20.0);
}

ReportPolicy::ReportPolicy(Duration interval, Time now, std::uint32_t seed)
    : interval_(interval), random_(seed), backoff_(first_backoff, longest_backoff), due_(now + jitter(interval)), told_at_(now) {}

Duration ReportPolicy::jitter(Duration around) {
  std::uniform_int_distribution<Duration::rep> wait(around.count() * 9 / 10, around.count() * 11 / 10);
  return Duration{wait(random_)};
}

void ReportPolicy::judged(wire::Verdict verdict, double log_evidence, Time now) {
  const bool news = (verdict == wire::Verdict::fail) != (told_ == wire::Verdict::fail);
  if (away_ || (!news && log_evidence < suspicion)) return;
  const Time from = news ? now : std::max(now, told_at_ + interval_ / 2);
  if (due_ <= from + soon) return;
  std::uniform_int_distribution<Duration::rep> wait(0, soon.count());
  due_ = from + Duration{wait(random_)};
}

void ReportPolicy::acknowledged(wire::Verdict reported, Time now) {
  told_ = reported;
  told_at_ = now;
  away_ = false;
  backoff_.reset();
  due_ = now + jitter(interval_);
}

void ReportPolicy::failed(Time now) {
  away_ = true;
  due_ = now + backoff_.next(random_);
}

}  // namespace charon::agent
