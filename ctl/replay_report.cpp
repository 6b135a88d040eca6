#include "ctl/replay_report.hpp"

#include "agent/core/anomaly_text.hpp"
#include "coordinator/core/culprit_text.hpp"
#include "coordinator/core/pass_wait_text.hpp"
#include "coordinator/core/suspension_text.hpp"
#include "ctl/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

namespace charon::ctl {
namespace {

using agent::evidence_text;
using agent::percent_text;

std::string side_text(std::string_view name, const ReplaySide& side) {
  return fmt::format("{:<10} {} pod{}, {} scrapes, {} to {}", name, side.pods, side.pods == 1 ? "" : "s", side.scrapes, format_time(side.from), format_time(side.to));
}

/// "no baseline": the name of the reason.
std::string why(const agent::MetricEvidence& metric) {
  if (metric.excluded == agent::Excluded::no) return "no traffic";
  std::string out(JsonWriter::write(metric.excluded).as_string());
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

/// The classic engine's evidence is its score.
std::string strength(bool classic, double log_evidence) { return classic ? agent::probability_text(log_evidence) : evidence_text(log_evidence); }

std::string metric_line(const agent::MetricEvidence& metric, bool culprit, bool classic) {
  const std::string slow = metric.kind == wire::MetricKind::latency ? fmt::format(" above {:g} s", metric.slow_above) : "";
  const auto value = [&](double number) { return metric.kind == wire::MetricKind::level ? fmt::format("{:.4g}", number) : percent_text(number); };
  return fmt::format("  {:<52} {:>10} {:>10} {:>10}{}{}", metric.metric + slow, value(metric.baseline), value(metric.now), strength(classic, metric.log_evidence),
                     culprit ? "  culprit" : "", metric.requests > 0 ? "  not judged now" : "");
}

double plain(double log_value) { return log_value > std::log(1e300) ? 1e300 : std::exp(log_value); }
boost::json::value time_value(const std::optional<Time>& time) { return time ? boost::json::value(format_time(*time)) : boost::json::value(nullptr); }

boost::json::array culprits_array(const std::vector<wire::Culprit>& culprits) {
  boost::json::array out;
  for (const wire::Culprit& culprit : culprits) {
    boost::json::object entry = to_json(culprit);
    entry["evidence"] = plain(culprit.log_evidence);
    out.push_back(std::move(entry));
  }
  return out;
}

boost::json::value suspended_value(const agent::Evidence& evidence) {
  const auto suspended = agent::suspension(evidence);
  return suspended ? boost::json::value(to_json(*suspended)) : boost::json::value(nullptr);
}

/// What keeps pods from a Pass, a text for each metric; where several wait for the same, of the one that waits longest.
std::map<std::string, std::string> waits_of(const ReplayResult& result) {
  std::map<std::string, wire::PassWait> longest;
  std::map<std::string, std::string> out;
  for (const ReplayPod& pod : result.pods)
    for (const wire::PassWait& wait : agent::pass_waits(pod.evidence)) {
      const std::string metric = coordinator::metric_text(wait.metric, wait.kind);
      const auto [known, fresh] = longest.try_emplace(metric, wait);
      if (!fresh && !coordinator::sooner(known->second, wait)) continue;
      known->second = wait;
      out[metric] = coordinator::pass_wait_text(wait, agent::exclusions(pod.evidence).metrics);
    }
  return out;
}

/// "http_requests_total errors, ..."
std::string names_of(const ReplayTogether& together) {
  std::string out;
  for (const auto& [metric, kind] : together.culprits) out += (out.empty() ? "" : ", ") + coordinator::metric_text(metric, kind);
  return out;
}

std::string together_text(const ReplayTogether& together) {
  std::string out = fmt::format("evidence {} of {}", evidence_text(together.log_evidence), evidence_text(together.log_needed));
  if (!together.culprits.empty()) out += ", by " + names_of(together);
  return out + fmt::format("; with the pods' own, each by what it needs, {:.2g} of 1", together.sum);
}

boost::json::object together_object(const ReplayTogether& together) {
  boost::json::array culprits;
  for (const auto& [metric, kind] : together.culprits) culprits.push_back(boost::json::string(coordinator::metric_text(metric, kind)));
  return {{"failed", time_value(together.failed)}, {"evidence", plain(together.log_evidence)}, {"logEvidence", together.log_evidence}, {"needed", plain(together.log_needed)},
          {"sumByShares", JsonWriter::write(together.sum)}, {"culprits", std::move(culprits)}};
}

boost::json::object side_object(const ReplaySide& side) {
  return {{"pods", side.pods}, {"scrapes", side.scrapes}, {"from", format_time(side.from)}, {"to", format_time(side.to)}};
}

}  // namespace

std::string replay_text(const ReplayResult& result) {
  std::string out;
  // Names come from a recording or a policy: none begins a line of its own.
  const auto line = [&](std::string text) { out += printable(std::move(text)) + '\n'; };
  line(side_text("baseline", result.baseline));
  line(side_text("candidate", result.candidate));
  if (!result.history) line("The baseline holds nothing from before the candidate: all that the stable pods showed stands in for it, later parts included.");
  const ReplayPod& pod = result.pods[result.decisive];
  const agent::Evidence& evidence = result.evidence();
  const bool classic = evidence.detector == wire::DetectorKind::anomalyzer;
  const std::string alpha = classic ? "the classic engine never passes a release" : fmt::format("alpha {:g} over {} pod{}", result.alpha, result.pods.size(), result.pods.size() == 1 ? "" : "s");
  out += '\n';
  if (result.verdict == wire::Verdict::fail) {
    line(fmt::format("FAIL at {}, {} after the candidate's first scrape, {} {}{}", format_time(*result.at), format_duration(std::chrono::round<std::chrono::seconds>(*result.at - result.candidate.from)),
                       result.by_together ? "by all pods together, most of it on" : "on", pod.name, pod.node.empty() ? "" : " (node " + pod.node + ")"));
    line((result.by_together ? "All pods together: " + together_text(result.together) : agent::anomaly_text(evidence)) + (classic ? "" : " (" + alpha + ")"));
  } else if (result.verdict == wire::Verdict::pass) {
    line(fmt::format("PASS since {}: up to the end, no effect of the size that matters on any pod ({})", format_time(*result.at), alpha));
  } else {
    line(fmt::format("INCONCLUSIVE: neither a degradation nor its absence is shown ({})", alpha));
    if (result.together.log_evidence >= coordinator::log_suspicion) line("All pods together are in trouble: " + together_text(result.together));
    if (!pod.evidence.assumption.empty())
      line(fmt::format("{} stands off so far that it would be a FAIL if pods differ no more than documented, which no recording of one release shows; a policy that names it (`metrics`) vouches for that.", pod.evidence.assumption));
    for (const ReplayPod& each : result.pods)
      if (const auto suspended = agent::suspension(each.evidence); suspended && suspended->pass_waits && each.verdict == wire::Verdict::inconclusive)
        line(fmt::format("On {} {}.", each.name, coordinator::suspension_text(*suspended)));
    const auto waits = waits_of(result);
    if (!waits.empty()) line("A Pass waits for");
    for (const auto& [metric, text] : waits) line("  " + text);
  }

  out += '\n';
  line("Shares of bad requests, and levels, on " + pod.name);
  line(fmt::format("  {:<52} {:>10} {:>10} {:>10}", "metric", classic ? "before" : "stable", "now", classic ? "score" : "evidence"));
  std::vector<agent::MetricEvidence> judged;
  std::copy_if(evidence.metrics.begin(), evidence.metrics.end(), std::back_inserter(judged), [](const auto& m) { return m.excluded == agent::Excluded::no && m.windows > 0; });
  std::stable_sort(judged.begin(), judged.end(), [](const auto& a, const auto& b) { return a.log_evidence > b.log_evidence; });
  const auto culprits = result.culprits();
  for (const agent::MetricEvidence& metric : judged)
    line(metric_line(metric, std::any_of(culprits.begin(), culprits.end(), [&](const auto& c) { return c.named && c.metric == metric.metric && c.kind == metric.kind; }), classic));
  if (judged.empty()) line("  nothing that is judged");

  out += "\nPods\n";
  for (const ReplayPod& each : result.pods) {
    std::string text = fmt::format("  {:<52} {:<12} {} {} of {}", each.name, each.judged ? JsonWriter::write(each.verdict).as_string().c_str() : "not judged",
                       classic ? "score" : "evidence", strength(classic, each.evidence.log_evidence), strength(classic, result.log_needed));
    if (each.at && each.judged) text += fmt::format(", {} {}", each.verdict == wire::Verdict::fail ? "at" : "since", format_time(*each.at));
    if (const auto suspended = agent::suspension(each.evidence)) text += "; " + coordinator::suspension_text(*suspended);
    line(std::move(text));
  }
  if (!classic) line(fmt::format("  {:<52} {:<12} {}", "all together", result.together.failed ? "fail" : result.together.log_evidence >= coordinator::log_suspicion ? "in trouble" : "", together_text(result.together) + (result.together.failed ? ", at " + format_time(*result.together.failed) : "")));
  bool left_out = false;
  for (const agent::MetricEvidence& metric : evidence.metrics) {
    if (metric.excluded == agent::Excluded::no && metric.windows > 0) continue;
    if (!std::exchange(left_out, true)) out += "\nNot judged\n";
    line(fmt::format("  {:<52} {}", metric.metric, why(metric)));
  }
  return out;
}

boost::json::object replay_json(const ReplayResult& result) {
  const ReplayPod& pod = result.pods[result.decisive];
  const agent::Evidence& evidence = result.evidence();
  boost::json::array pods;
  for (const ReplayPod& each : result.pods)
    pods.push_back(boost::json::object{{"pod", each.name}, {"node", each.node}, {"verdict", JsonWriter::write(each.verdict)}, {"at", time_value(each.at)},
                                       {"judged", each.judged}, {"scrapes", each.scrapes}, {"evidence", plain(each.evidence.log_evidence)},
                                       {"logEvidence", each.evidence.log_evidence}, {"culprits", culprits_array(agent::culprits(each.evidence))}, {"suspended", suspended_value(each.evidence)},
                                       {"passWaits", JsonWriter::write(agent::pass_waits(each.evidence))}});
  return {{"verdict", JsonWriter::write(result.verdict)}, {"detector", JsonWriter::write(evidence.detector)}, {"at", time_value(result.at)}, {"pod", pod.name}, {"evidence", plain(evidence.log_evidence)},
          {"logEvidence", evidence.log_evidence}, {"assumption", evidence.assumption}, {"needed", plain(result.log_needed)}, {"alpha", result.alpha},
          {"culprits", culprits_array(result.culprits())}, {"history", result.history}, {"baseline", side_object(result.baseline)},
          {"candidate", side_object(result.candidate)}, {"pods", std::move(pods)}, {"together", evidence.detector == wire::DetectorKind::charon ? boost::json::value(together_object(result.together)) : boost::json::value(nullptr)}};
}

}  // namespace charon::ctl
