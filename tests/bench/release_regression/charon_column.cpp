#include "tests/bench/release_regression/charon_column.hpp"

#include "tests/bench/release_regression/simulated_coordinator.hpp"

#include <algorithm>

namespace charon::bench {
namespace {

constexpr int settled_after = 360;  // scrapes, the default settle time: then the stable release is proven
constexpr int calm_reports = 12;    // scrapes between reports while nothing is judged
constexpr Duration until_next{4'750};  // from a planned moment to the earliest that the next scrape may come

Time time_of(double seconds) { return Time{Duration{static_cast<std::int64_t>(seconds * 1000)}}; }

class Charon : public Column {
 public:
  void begin(const Setting&) override {
    agents_.clear();
    coordinator_.begin();
    release_ = -earlier_releases - 1;
    judging_ = promoted_ = false;
  }

  Decision scrape(const FleetScrape& fleet) override {
    const Time planned = time_of(fleet.time);
    if (fleet.release != release_) start_release(fleet, planned);
    if (fleet.release == 0 && fleet.index == settled_after) promote(planned);
    std::erase_if(agents_, [&](const auto& entry) {
      return std::none_of(fleet.pods.begin(), fleet.pods.end(), [&](const PodScrape& p) { return p.release == entry.first.first && p.pod == entry.first.second; });
    });
    for (const PodScrape& pod : fleet.pods) observe(pod);
    if (!judging_) {
      if (tells_all(fleet))
        for (auto& [key, agent] : agents_) report(agent, agent.scraped);
      return {};
    }
    report_those_due(planned + until_next);
    return coordinator_.decide(fleet, planned + until_next);
  }

 private:
  void promote(Time now) {
    coordinator_.promote(now);
    promoted_ = true;
  }

  /// Reports are cumulative: as long as nothing is judged, one now and then tells all, but what is promoted then has to be told.
  bool tells_all(const FleetScrape& fleet) const {
    const int next = fleet.index + 1;
    return (promoted_ && next % calm_reports == 0) || next == (fleet.release < 0 ? earlier_scrapes : settled_after);
  }

  void start_release(const FleetScrape& fleet, Time now) {
    if (release_ >= -earlier_releases && !promoted_) promote(now);
    promoted_ = false;
    release_ = fleet.release;
    judging_ = fleet.phase == Phase::candidate;
    coordinator_.release_appeared(now);
    if (!judging_) return agents_.clear();
    const auto pods = std::count_if(fleet.pods.begin(), fleet.pods.end(), [](const PodScrape& pod) { return pod.release == 1; });
    coordinator_.candidate_appeared(static_cast<std::uint32_t>(pods));
    const Duration interval = coordinator_.policy().report_interval;
    for (auto& [key, agent] : agents_) {
      agent.learn_baseline(coordinator_.store());
      agent.begin_reports(interval, Duration{agent.seed % interval.count()});  // stable agents are anywhere in their intervals
    }
  }

  void observe(const PodScrape& pod) {
    if (pod.image_pull_failed) return;  // no agent runs yet
    const auto key = std::pair(pod.release, pod.pod);
    const auto known = agents_.find(key);
    if (known != agents_.end()) return known->second.scrape(pod);
    SimulatedAgent& agent = agents_.try_emplace(key, pod, coordinator_.policy(), pod.release == 1 ? coordinator_.next_share() : 0).first->second;
    if (judging_) agent.learn_baseline(coordinator_.store());
    agent.scrape(pod);
    if (judging_) agent.begin_reports(coordinator_.policy().report_interval, coordinator_.policy().report_interval);
  }

  void report(SimulatedAgent& agent, Time now) {
    agent.report(now);
    const bool proven = promoted_ || (judging_ && agent.known.role == wire::Role::stable);
    coordinator_.showed(agent, proven, now);
  }

  /// In the order in which they come: an answer holds what came before, and may make the next report of its agent due.
  void report_those_due(Time until) {
    for (;;) {
      SimulatedAgent* next = nullptr;
      Time now{};
      for (auto& [key, agent] : agents_) {
        const Time due = std::max(agent.due(), agent.scraped);
        if (due < until && (!next || due < now)) next = &agent, now = due;
      }
      if (!next) return;
      report(*next, now);
      next->replied(coordinator_.control(*next, now), coordinator_.store(), now);
    }
  }

  SimulatedAgents agents_;
  SimulatedCoordinator coordinator_{agents_};
  int release_ = 0;
  bool judging_ = false, promoted_ = false;
};

}  // namespace

std::unique_ptr<Column> make_charon() { return std::make_unique<Charon>(); }

}  // namespace charon::bench
