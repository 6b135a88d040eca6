#include "ctl/replay_judge.hpp"

#include "lib/detection/level_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace charon::ctl {
namespace {

constexpr std::size_t most_moments = 2'000;          // of one pod
constexpr std::uint64_t most_windows = 20'000;       // as coordinator/core/baseline_store.hpp keeps
constexpr std::uint64_t most_node_windows = 5'000;
constexpr Time end_of_time = Time::max();

using Totals = std::vector<wire::MetricCounts>;

/// A stable pod, counted by a detector that never fails.
struct StablePod {
  ScrapePlayer player;
  agent::Detector detector;
  wire::Report before;  ///< of the candidate's first scrape
  wire::Report last;    ///< as of the last control

  StablePod(const RecordedTarget& target, Time to, const wire::AgentPolicy& policy) : player(target, Time{}, to), detector(policy, 0) {}
  wire::Report report() const {
    wire::Report out;
    detector.fill(out);
    return out;
  }
};

wire::MetricCounts* find(Totals& list, const wire::MetricCounts& like) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& m) { return m.metric == like.metric && m.kind == like.kind; });
  return found == list.end() ? nullptr : &*found;
}

/// Sums where kind and bounds agree; the first seen wins.
void add(Totals& sum, const Totals& more) {
  for (const wire::MetricCounts& counts : more) {
    wire::MetricCounts* total = find(sum, counts);
    if (!total) {
      if (sum.size() < wire::max_metrics) sum.push_back(counts);
    } else if (total->bounds == counts.bounds && total->counts.size() == counts.counts.size()) {
      for (std::size_t i = 0; i < counts.counts.size(); ++i) total->counts[i] = std::min(total->counts[i] + counts.counts[i], std::uint64_t{1} << 53);
      total->windows += counts.windows;
    }
  }
}

Totals difference(Totals now, Totals before) {
  for (wire::MetricCounts& counts : now)
    if (const wire::MetricCounts* old = find(before, counts); old && old->bounds == counts.bounds && old->counts.size() == counts.counts.size()) {
      counts.windows -= std::min(counts.windows, old->windows);
      for (std::size_t i = 0; i < counts.counts.size(); ++i) counts.counts[i] -= std::min(counts.counts[i], old->counts[i]);
    }
  return now;
}

void bound_windows(Totals& totals, std::uint64_t most) {
  for (wire::MetricCounts& counts : totals)
    for (; counts.windows > most; counts.windows /= 2)
      for (auto& count : counts.counts) count /= 2;
}

bool has_traffic(const Totals& totals) {
  return std::any_of(totals.begin(), totals.end(), [](const auto& m) { return m.windows > 0; });
}

using Summaries = std::map<std::string, std::vector<wire::LevelSummary>>;  // by metric, one a pod

std::vector<wire::LevelSummary> means(const Summaries& by_metric) {
  std::vector<wire::LevelSummary> out;
  for (const auto& [metric, summaries] : by_metric) {
    wire::LevelSummary mean = detection::mean_of(summaries);
    if (mean.scrapes > 0 && out.size() < wire::max_metrics) out.push_back(std::move(mean));
  }
  return out;
}

/// Where a pod's levels stood between two of its reports.
std::vector<wire::LevelNow> levels_between(const wire::Report& before, const wire::Report& now) {
  std::vector<wire::LevelNow> out;
  for (const wire::LevelSum& sum : now.level_sums) {
    const auto old = std::find_if(before.level_sums.begin(), before.level_sums.end(), [&](const auto& s) { return s.metric == sum.metric; });
    const bool known = old != before.level_sums.end() && old->scrapes <= sum.scrapes;
    const std::uint64_t scrapes = sum.scrapes - (known ? old->scrapes : 0);
    if (scrapes > 0) out.push_back({.metric = sum.metric, .value = (sum.sum - (known ? old->sum : 0)) / static_cast<double>(scrapes), .pods = 1});
  }
  return out;
}

void add(std::vector<wire::LevelNow>& mean, const std::vector<wire::LevelNow>& pod) {
  for (const wire::LevelNow& level : pod) {
    const auto found = std::find_if(mean.begin(), mean.end(), [&](const auto& l) { return l.metric == level.metric; });
    if (found == mean.end()) {
      if (mean.size() < wire::max_metrics) mean.push_back(level);
      continue;
    }
    ++found->pods;
    found->value += (level.value - found->value) / found->pods;
  }
}

template <class Pods, class PlayerOf>
Result<ReplaySide> side_of(const Pods& pods, PlayerOf player_of, std::string_view name, std::size_t most) {
  ReplaySide side{.pods = 0, .scrapes = 0, .from = end_of_time, .to = Time{}};
  for (const auto& pod : pods) {
    const auto& times = player_of(pod).times();
    if (times.empty()) continue;
    ++side.pods;
    side.scrapes += times.size();
    side.from = std::min(side.from, times.front());
    side.to = std::max(side.to, times.back());
  }
  if (side.pods == 0) return fail(Errc::invalid_input, fmt::format("the {} holds no samples", name));
  if (side.scrapes > most) return fail(Errc::too_large, fmt::format("the {} holds {} scrapes, more than {}: take a shorter time or fewer pods", name, side.scrapes, most));
  return side;
}

struct Candidate {
  ScrapePlayer player;
  agent::Detector detector;
  ReplayPod result;
  std::size_t every = 1;  ///< of the scrapes becomes a moment
};

class Replay {
 public:
  Replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings) : settings_(settings) {
    for (const RecordedTarget& target : baseline.targets()) stable_.emplace_back(target, split.value_or(end_of_time), settings.policy);
    for (const RecordedTarget& target : candidate.targets()) {
      ScrapePlayer player(target, split.value_or(Time{}), end_of_time);
      if (!player.times().empty()) candidates_.push_back({std::move(player), agent::Detector(settings.policy, 0), {}, 1});
    }
  }

  Result<ReplayResult> run(std::size_t most_scrapes) {
    const auto baseline = side_of(stable_, [](const StablePod& pod) -> const ScrapePlayer& { return pod.player; }, "baseline", most_scrapes);
    if (!baseline) return baseline.error();
    const auto candidate = side_of(candidates_, [](const Candidate& pod) -> const ScrapePlayer& { return pod.player; }, "candidate", most_scrapes);
    if (!candidate) return candidate.error();
    result_.baseline = *baseline;
    result_.candidate = *candidate;
    result_.alpha = settings_.alpha;
    const double share = settings_.alpha / 2 / static_cast<double>(candidates_.size());
    result_.log_needed = std::log(1 / share);

    play_stable_until(candidate->from);
    for (StablePod& pod : stable_) pod.before = pod.last = pod.report();
    if (auto ok = set_baselines(share); !ok) return ok.error();
    judge();
    conclude();
    return std::move(result_);
  }

 private:
  void play_stable_until(Time time) {
    for (StablePod& pod : stable_)
      while (pod.player.next() && *pod.player.next() < time) {
        pod.player.play(pod.detector);
        control_changed_ = true;
      }
  }

  Result<void> set_baselines(double share) {
    result_.history = std::any_of(stable_.begin(), stable_.end(), [](const StablePod& pod) { return has_traffic(pod.before.totals); });
    std::vector<wire::Report> showed;
    for (const StablePod& pod : stable_) {
      if (result_.history) {
        showed.push_back(pod.before);
        continue;
      }
      StablePod whole(pod.player.target(), end_of_time, settings_.policy);
      while (whole.player.next()) whole.player.play(whole.detector);
      showed.push_back(whole.report());
    }
    wire::Baseline all;
    all.version = 1;
    all.release = "stable";
    all.pods = static_cast<std::uint32_t>(stable_.size());
    Summaries levels;
    for (const wire::Report& report : showed) {
      add(all.metrics, report.totals);
      for (const wire::LevelSummary& level : report.levels) levels[level.metric].push_back(level);
    }
    all.levels = means(levels);
    if (!has_traffic(all.metrics))
      return fail(Errc::invalid_input, "the baseline shows no requests: neither a request counter with a status label, nor a histogram of request durations, that counts (docs/configure.md)");
    bound_windows(all.metrics, most_windows);
    for (Candidate& pod : candidates_) {
      wire::Baseline own = all;
      Summaries here;
      for (std::size_t i = 0; i < stable_.size(); ++i) {
        if (!same_node(stable_[i], pod)) continue;
        add(own.same_node, showed[i].totals);
        for (const wire::LevelSummary& level : showed[i].levels) here[level.metric].push_back(level);
      }
      own.same_node_levels = means(here);
      bound_windows(own.same_node, most_node_windows);
      pod.detector.configure(settings_.policy, share);
      pod.detector.set_baseline(own);
      pod.every = (pod.player.times().size() + most_moments - 1) / most_moments;
      pod.result.name = pod.player.target().name;
      pod.result.node = pod.player.target().node;
    }
    return {};
  }

  static bool same_node(const StablePod& stable, const Candidate& candidate) {
    const std::string& node = candidate.player.target().node;
    return !node.empty() && stable.player.target().node == node;
  }

  /// In the order of time over all pods.
  void judge() {
    Time control_at{};
    for (;;) {
      Candidate* first = nullptr;
      for (Candidate& pod : candidates_)
        if (pod.player.next() && (!first || *pod.player.next() < *first->player.next())) first = &pod;
      if (!first) return;
      const Time now = *first->player.next();
      play_stable_until(now);
      if (control_changed_ && now - control_at >= settings_.policy.report_interval) {
        set_controls();
        control_at = now;
        control_changed_ = false;
      }
      first->player.play(first->detector);
      note(*first, now);
    }
  }

  void set_controls() {
    std::vector<Totals> since;
    std::vector<std::vector<wire::LevelNow>> levels;
    for (StablePod& pod : stable_) {
      wire::Report now = pod.report();
      since.push_back(difference(now.totals, pod.before.totals));
      levels.push_back(levels_between(pod.last, now));
      pod.last = std::move(now);
    }
    for (Candidate& pod : candidates_) {
      wire::Control control;
      control.since = result_.candidate.from;
      for (std::size_t i = 0; i < stable_.size(); ++i) {
        if (!has_traffic(since[i]) && levels[i].empty()) continue;
        ++control.pods;
        add(control.metrics, since[i]);
        add(control.levels, levels[i]);
        if (!same_node(stable_[i], pod)) continue;
        ++control.same_node_pods;
        add(control.same_node, since[i]);
        add(control.same_node_levels, levels[i]);
      }
      pod.detector.set_control(control);
    }
  }

  void note(Candidate& pod, Time now) {
    ReplayPod& out = pod.result;
    const agent::Evidence& evidence = pod.detector.evidence();
    const bool failing = evidence.verdict == wire::Verdict::fail && out.verdict != wire::Verdict::fail;
    const bool last = !pod.player.next();
    if (out.scrapes++ % pod.every == 0 || failing || last) {
      for (std::size_t i = out.metrics.size(); i < evidence.metrics.size(); ++i) out.metrics.push_back(evidence.metrics[i].metric);
      ReplayMoment& moment = out.moments.emplace_back();
      moment.time = now;
      moment.log_evidence = evidence.log_evidence;
      // Metrics that appear later may move others: by name, then.
      moment.metrics.assign(out.metrics.size(), 0);
      for (const agent::MetricEvidence& metric : evidence.metrics)
        for (std::size_t i = 0; i < out.metrics.size(); ++i)
          if (out.metrics[i] == metric.metric) moment.metrics[i] = metric.log_evidence;
    }
    if (out.verdict == wire::Verdict::fail) return;  // the agent would have asked for the rollback there
    if (evidence.verdict != out.verdict) out.at.reset();
    out.verdict = evidence.verdict;
    if (out.verdict != wire::Verdict::inconclusive && !out.at) out.at = now;
    if (failing || last) out.evidence = evidence;
  }

  void conclude() {
    bool all_pass = true, any = false;
    for (Candidate& pod : candidates_) {
      ReplayPod& out = pod.result;
      out.judged = std::any_of(out.evidence.metrics.begin(), out.evidence.metrics.end(), [](const auto& m) { return m.excluded == agent::Excluded::no && m.windows > 0; });
      any = any || out.judged;
      if (out.judged && out.verdict != wire::Verdict::pass) all_pass = false;
      result_.pods.push_back(std::move(out));
    }
    const auto& pods = result_.pods;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (!result_.decisive) {
        result_.decisive = i;
        continue;
      }
      const ReplayPod &best = pods[*result_.decisive], &other = pods[i];
      const bool fails = other.verdict == wire::Verdict::fail, best_fails = best.verdict == wire::Verdict::fail;
      if (fails && best_fails ? *other.at < *best.at : fails != best_fails ? fails : other.evidence.log_evidence > best.evidence.log_evidence) result_.decisive = i;
    }
    if (pods[*result_.decisive].verdict == wire::Verdict::fail) {
      result_.verdict = wire::Verdict::fail;
      result_.at = pods[*result_.decisive].at;
    } else if (any && all_pass) {
      result_.verdict = wire::Verdict::pass;
      for (const ReplayPod& pod : pods)
        if (pod.judged) result_.at = std::max(result_.at.value_or(Time{}), *pod.at);
    }
  }

  ReplaySettings settings_;
  std::vector<StablePod> stable_;
  std::vector<Candidate> candidates_;
  bool control_changed_ = false;
  ReplayResult result_;
};

}  // namespace

Result<ReplayResult> replay(const Recording& baseline, const Recording& candidate, std::optional<Time> split, const ReplaySettings& settings) {
  return Replay(baseline, candidate, split, settings).run(baseline.limits().scrapes);
}

}  // namespace charon::ctl
