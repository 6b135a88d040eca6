#include "agent/core/report_policy.hpp"

namespace charon::agent {

namespace {
constexpr Duration first_backoff{1'000}, longest_backoff{60'000}, soon{500};
}

ReportPolicy::ReportPolicy(Duration interval, Duration scrape_interval, Time now, std::uint32_t seed)
    : interval_(interval), scrape_interval_(scrape_interval), random_(seed), backoff_(first_backoff, longest_backoff), planned_(now + jitter(interval)), due_(planned_), told_at_(now), scraped_at_(now) {}

Duration ReportPolicy::jitter(Duration around) {
  std::uniform_int_distribution<Duration::rep> wait(around.count() * 9 / 10, around.count() * 11 / 10);
  return Duration{wait(random_)};
}

/// It must not silence the agent.
void ReportPolicy::allow_for_a_clock_set_back(Time now) {
  told_at_ = std::min(told_at_, now);
  scraped_at_ = std::min(scraped_at_, now);
  planned_ = std::min(planned_, now + (away_ ? longest_backoff : interval_) * 11 / 10);
  due_ = std::min(due_, std::max(planned_, after_next_scrape()));
}

void ReportPolicy::report_soon(Time now) {
  if (due_ <= now + soon) return;
  std::uniform_int_distribution<Duration::rep> wait(0, soon.count());
  due_ = now + Duration{wait(random_)};
}

void ReportPolicy::scraped(wire::Verdict verdict, double log_evidence, Time now) {
  allow_for_a_clock_set_back(now);
  scraped_at_ = now;
  if (away_) return;
  if (is_news(verdict) || wanted(log_evidence) <= now + scrape_interval_ / 2) report_soon(now);
  else due_ = std::max(wanted(log_evidence), after_next_scrape());
}

void ReportPolicy::controlled(wire::Verdict verdict, double log_evidence, Time now) {
  allow_for_a_clock_set_back(now);
  if (away_) return;
  if (is_news(verdict)) report_soon(now);
  else due_ = log_evidence > 0 ? wanted(log_evidence) : std::max(planned_, after_next_scrape());
}

void ReportPolicy::acknowledged(wire::Verdict reported, Time now) {
  told_ = reported;
  told_at_ = now;
  away_ = false;
  due_ = planned_ = now + jitter(interval_);
}

void ReportPolicy::failed(Time now) {
  away_ = true;
  due_ = planned_ = now + backoff_.next(random_);
}

}  // namespace charon::agent
