#include "tests/bench/release_regression/simulated_agent.hpp"

#include "tests/bench/release_regression/random.hpp"

#include <bit>

namespace charon::bench {

SimulatedAgent::SimulatedAgent(const PodScrape& pod, const wire::AgentPolicy& policy, double share)
    : detector(std::make_unique<agent::Detector>(policy, share)), scrape_interval(policy.scrape_interval) {
  known.pod = fmt::format("pod{}of{}", pod.pod, pod.release);
  known.pod_uid = PodUid(known.pod);
  known.node = std::string(1, static_cast<char>('a' + pod.node));
  known.role = pod.release == 1 ? wire::Role::candidate : wire::Role::stable;
  known.share = share;
  // Columns have no stream of their own: the jitter of the pod's first scrape is as random, and another one in each release.
  std::uint64_t state = std::bit_cast<std::uint64_t>(pod.time);
  seed = static_cast<std::uint32_t>(splitmix(state) >> 32);
}

void SimulatedAgent::scrape(const PodScrape& pod) {
  scraped = Time{Duration{static_cast<std::int64_t>(pod.time * 1000)}};
  if (pod.lost) {
    detector->scrape_failed(scraped);
  } else {
    detector->begin_scrape(scraped);
    for (std::size_t i = 0; i < pod.values.size(); ++i) detector->observe((*pod.schema)[i].sample(pod.values[i]));
    detector->end_scrape();
  }
  if (schedule) schedule->scraped(detector->evidence().verdict, detector->evidence().log_evidence, scraped);
}

void SimulatedAgent::begin_reports(Duration interval, Duration first_after) { schedule.emplace(interval, scrape_interval, scraped + first_after - interval, seed); }

const wire::Report& SimulatedAgent::report(Time now) {
  std::swap(before, known.last);
  detector->fill(known.last);
  known.last.scrape_age = detector->scrape_age(now);
  known.received = now;
  known.passed = known.passed || known.last.verdict == wire::Verdict::pass;
  return known.last;
}

void SimulatedAgent::replied(const wire::Control& control, const coordinator::BaselineStore& store, Time now) {
  schedule->acknowledged(known.last.verdict, now);
  detector->set_control(control, now);
  schedule->controlled(detector->evidence().verdict, detector->evidence().log_evidence, now);
  if (store.version() != baseline_version) learn_baseline(store);
}

void SimulatedAgent::learn_baseline(const coordinator::BaselineStore& store) {
  baseline_version = store.version();
  detector->set_baseline(store.baseline(known.node));
}

}  // namespace charon::bench
