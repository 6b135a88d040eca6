#include "tests/bench/release_regression/charon_column.hpp"

#include "agent/core/detector.hpp"
#include "coordinator/core/alpha_budget.hpp"
#include "coordinator/core/baseline_store.hpp"
#include "coordinator/core/pooled_evidence.hpp"
#include "coordinator/core/release_or_node.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace charon::bench {
namespace {

constexpr int pass_after = candidate_scrapes;  // the default soak time, 30 minutes
constexpr int settled_after = pass_after;      // scrapes: then the stable release is proven
constexpr int calm_reports = 12;               // scrapes between reports while nothing is judged
constexpr auto start_phase = std::chrono::minutes{1};

Decision decision(Verdict verdict, std::string_view cause = {}, int pod = -1) {
  Decision out;
  out.verdict = verdict;
  out.cause = cause;
  out.pod = pod;
  return out;
}

std::string_view word_of(coordinator::Suspect suspect) {
  switch (suspect) {
    case coordinator::Suspect::node: return "node";
    case coordinator::Suspect::load: return "load";
    case coordinator::Suspect::requests: return "mix";
    case coordinator::Suspect::environment: return "environment";
    case coordinator::Suspect::none: break;
  }
  return "ambiguous";
}

struct Agent {
  std::unique_ptr<agent::Detector> detector;
  wire::Report before, report;
  bool reported = false;
  std::optional<Time> restarted_at;
  PodUid uid;
  std::string node;
  double share = 0;
  wire::Control control;

  bool in_trouble() const { return report.log_evidence >= coordinator::log_suspicion; }
};

class Charon : public Column {
 public:
  void begin(const Setting&) override {
    store_ = {};
    agents_.clear();
    release_ = -earlier_releases - 1;
    judging_ = promoted_ = false;
    failing_since_.reset();
    budget_ = {};
    pooled_ = {};
    budget_.expected = pods_per_release;
    budget_.next = 0;
  }

  Decision scrape(const FleetScrape& fleet) override {
    const Time now{Duration{static_cast<std::int64_t>(fleet.time * 1000)}};
    if (fleet.release != release_) start_release(fleet, now);
    if (fleet.release == 0 && fleet.index == settled_after) promote(now);
    std::erase_if(agents_, [&](const auto& entry) {
      return std::none_of(fleet.pods.begin(), fleet.pods.end(), [&](const PodScrape& p) { return p.release == entry.first.first && p.pod == entry.first.second; });
    });
    for (const PodScrape& pod : fleet.pods) observe(pod, fleet);
    if (!judging_) return {};
    reply(now);
    return decide(fleet, now);
  }

  Decision end() override {
    const bool passed = judging_ && last_index_ + 1 >= pass_after && std::all_of(agents_.begin(), agents_.end(), [](const auto& entry) {
                          return entry.first.first != 1 || (entry.second.report.verdict == wire::Verdict::pass && !entry.second.restarted_at);
                        });
    return decision(passed ? Verdict::pass : Verdict::none);
  }

 private:
  void promote(Time now) {
    store_.candidate_promoted("stable", now);
    promoted_ = true;
  }

  /// Reports are cumulative: as long as nothing is judged, one now and then tells all, but what is promoted then has to be told.
  bool reports(const FleetScrape& fleet) const {
    const int next = fleet.index + 1;
    return judging_ || (promoted_ && next % calm_reports == 0) || next == (fleet.release < 0 ? earlier_scrapes : settled_after);
  }

  void start_release(const FleetScrape& fleet, Time now) {
    if (release_ >= -earlier_releases && !promoted_) promote(now);
    promoted_ = false;
    release_ = fleet.release;
    judging_ = fleet.phase == Phase::candidate;
    store_.candidate_appeared(now);
    if (!judging_) agents_.clear();
    else
      for (auto& [key, known] : agents_) known.detector->set_baseline(store_.baseline(known.node));
  }

  Agent& agent_of(const PodScrape& pod) {
    Agent& known = agents_[{pod.release, pod.pod}];
    if (known.detector) return known;
    known.uid = PodUid("pod" + std::to_string(pod.pod) + "of" + std::to_string(pod.release));
    known.node = std::string(1, static_cast<char>('a' + pod.node));
    const double share = pod.release == 1 ? budget_.share(budget_.next++) : 0;
    known.share = share;
    known.detector = std::make_unique<agent::Detector>(policy_, share);
    if (judging_) known.detector->set_baseline(store_.baseline(known.node));
    return known;
  }

  void observe(const PodScrape& pod, const FleetScrape& fleet) {
    if (pod.image_pull_failed) return;
    Agent& known = agent_of(pod);
    const Time now{Duration{static_cast<std::int64_t>(pod.time * 1000)}};  // the agent's own, of this scrape
    if (judging_) known.detector->set_control(known.control);
    if (pod.lost) {
      known.detector->scrape_failed(now);
    } else {
      known.detector->begin_scrape(now);
      for (std::size_t i = 0; i < pod.values.size(); ++i) known.detector->observe((*pod.schema)[i].sample(pod.values[i]));
      known.detector->end_scrape();
    }
    last_index_ = fleet.index;
    if (!reports(fleet)) return;
    std::swap(known.before, known.report);
    known.detector->fill(known.report);
    const auto more = coordinator::BaselineStore::shown(known.reported ? &known.before : nullptr, known.report);
    if (judging_ && pod.release == 1) pooled_.showed(known.uid, known.node, known.reported ? &known.before : nullptr, known.report, now);
    if (pod.release != 1 && more.restarted) pooled_.stable_began_again(now);
    known.reported = true;
    if (more.restarted) known.restarted_at = now;
    if (pod.release == fleet.release && !promoted_) store_.candidate_showed(known.uid, known.node, more);
    else store_.stable_showed(known.uid, known.node, more, !known.in_trouble(), now);
  }

  void reply(Time now) {
    const auto fresh = now - 3 * policy_.report_interval;
    for (auto& [key, known] : agents_) {
      if (key.first != 1) {  // a stable pod is told of other nodes' levels alone
        known.control = {};
        store_.add_levels(known.control, known.node, fresh, policy_.scrape_interval);
        known.control.same_node_levels.clear();
        continue;
      }
      std::uint32_t all = 0, here = 0;
      for (const auto& [other_key, other] : agents_)
        if (other_key.first != 1) {
          ++all;
          if (other.node == known.node) ++here;
        }
      known.control = store_.control(known.node, all, here);
      store_.add_levels(known.control, known.node, fresh, policy_.scrape_interval);
    }
  }

  Decision decide(const FleetScrape& fleet, Time now) {
    bool pull_failed = false;
    for (const PodScrape& pod : fleet.pods) pull_failed = pull_failed || (pod.release == 1 && pod.image_pull_failed);
    if (pull_failed) return fleet.registry_failing ? decision(Verdict::hold, "environment") : decision(Verdict::rollback);

    const coordinator::Together together = weigh_together(now);
    coordinator::Situation situation;
    situation.load_unusual = store_.load_unusual();
    int culprit_pod = -1;
    for (const auto& [key, known] : agents_) {
      if (key.first != 1) {
        situation.stable_runs_somewhere = true;
        continue;
      }
      coordinator::NodeSituation node;
      node.node = known.node;
      node.stable_ran_before = store_.ran_on(known.node);
      const NodeFacts& facts = fleet.nodes[static_cast<std::size_t>(known.node[0] - 'a')];
      const bool by_level = coordinator::rests_on_levels(known.report, together);
      for (const auto& [other_key, other] : agents_)
        if (other_key.first != 1 && other.node == known.node && !(by_level && coordinator::BaselineStore::young_again(other.restarted_at, now))) {
          node.stable_runs = true;
          node.stable_degraded = node.stable_degraded || other.in_trouble();
          node.stable_in_doubt = node.stable_in_doubt || other.report.log_evidence >= coordinator::log_doubt;
        }
      node.fails = known.report.verdict == wire::Verdict::fail || (together.fails() && known.report.log_evidence >= together.suspected_from);
      if (node.fails) {
        culprit_pod = key.second;
        node.since = known.report.degraded_since.value_or(now);
        node.at_once = node.since - known.report.started <= start_phase;
        node.others_suffer = facts.others_degraded;
        if (facts.pressure) node.condition = "MemoryPressure";
        if (!facts.ready) node.condition = "NotReady";
      }
      situation.nodes.push_back(std::move(node));
    }
    if (culprit_pod < 0) {
      failing_since_.reset();
      return {};
    }
    if (!failing_since_) failing_since_ = now;
    situation.failing_since = *failing_since_;
    if (fleet.others_degraded) return decision(Verdict::hold, "environment", culprit_pod);
    const coordinator::Attribution found = coordinator::release_or_node(situation, now);
    switch (found.cause) {
      case coordinator::Cause::none:
      case coordinator::Cause::undecided: return {};
      case coordinator::Cause::release: return decision(Verdict::rollback, {}, culprit_pod);
      case coordinator::Cause::node: return decision(Verdict::hold, "node", culprit_pod);
      case coordinator::Cause::ambiguous:
      case coordinator::Cause::inconclusive: return decision(Verdict::hold, word_of(found.suspect), culprit_pod);
    }
    return {};
  }

  coordinator::Together weigh_together(Time now) {
    pooled_.tick(policy_.report_interval, std::log(1 / budget_.share_together()) / 2, now);
    std::vector<coordinator::PodEvidence> pods;
    for (const auto& [key, known] : agents_)
      if (key.first == 1) pods.push_back({known.share, known.report.log_evidence});
    return pooled_.with(pods, budget_.share_together());
  }

  static wire::AgentPolicy policy() {
    wire::AgentPolicy out;
    out.version = 1;
    out.report_interval = out.scrape_interval;
    return out;
  }

  const wire::AgentPolicy policy_ = policy();
  coordinator::BaselineStore store_;
  coordinator::AlphaBudget budget_;
  coordinator::PooledEvidence pooled_;
  std::map<std::pair<int, int>, Agent> agents_;  // by release and pod
  int release_ = 0, last_index_ = 0;
  bool judging_ = false, promoted_ = false;
  std::optional<Time> failing_since_;
};

}  // namespace

std::unique_ptr<Column> make_charon() { return std::make_unique<Charon>(); }

}  // namespace charon::bench
