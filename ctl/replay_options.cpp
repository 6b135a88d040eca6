#include "ctl/replay_options.hpp"

#include "ctl/option_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace charon::ctl {
namespace {

constexpr std::string_view usage = R"(Usage: charonctl replay --baseline FILE... --candidate FILE... [options]
       charonctl replay --split TIME FILE... [options]

Judges recorded metrics as the agents would have, and all pods together as the coordinator. FILE: the JSON of
Prometheus' /api/v1/query_range (or of /api/v1/query to a range selector), or OpenMetrics or Prometheus text with
timestamps. "-" is standard input.
Exit status: 0 pass, 1 fail, 2 inconclusive, 3 bad input.

)";

/// RFC 3339, or seconds since the epoch as Prometheus takes them.
Result<Time> read_time(const std::string& text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size()) {
    if (const auto time = recorded_time(seconds)) return *time;
  } else if (const auto time = parse_time(text)) {
    return *time;
  }
  return bad_option("--split: expected a time such as 2026-11-23T12:00:00Z, or seconds since 1970");
}

}  // namespace

ReplaySettings ReplayOptions::settings(const coordinator::RollbackPolicy& policy) const {
  ReplaySettings out;
  out.policy = policy.agent_policy();
  out.alpha = given.alpha.value_or(policy.alpha);
  out.policy.error_ratio_effect = given.error_ratio_effect.value_or(policy.agent.error_ratio_effect);
  out.policy.latency_effect = given.latency_effect.value_or(policy.agent.latency_effect);
  out.policy.tolerance = given.tolerance.value_or(policy.agent.tolerance);
  out.policy.ignore.insert(out.policy.ignore.end(), given.ignore.begin(), given.ignore.end());
  return out;
}

Result<std::optional<ReplayOptions>> read_replay_options(const std::vector<std::string>& arguments, std::string& text) {
  namespace po = boost::program_options;
  ReplayOptions out;
  std::vector<std::string> files;
  std::string split;
  ReplayOptions::Given& given = out.given;
  const auto into = [](std::optional<double>& field) { return po::value<double>()->notifier([&field](double value) { field = value; }); };
  OptionTable table{usage};
  table.shown.add_options()
      ("baseline", po::value(&out.baseline)->multitoken()->composing(), "what the stable release showed")
      ("candidate", po::value(&out.candidate)->multitoken()->composing(), "what the release to judge showed")
      ("split", po::value(&split), "the files hold both; the candidate began then (RFC 3339, or seconds since 1970)")
      ("policy", po::value(&out.policy), "judge as this RollbackPolicy says: what kubectl get rollbackpolicy NAME -o json prints. The options below outrank it")
      ("alpha", into(given.alpha), "probability of a fail of a healthy release; 0.001 if nothing says otherwise")
      ("error-ratio-effect", into(given.error_ratio_effect), "rise of the share of failed requests that matters; 0.01")
      ("latency-effect", into(given.latency_effect), "rise of the share of slow requests that matters; 0.1")
      ("tolerance", into(given.tolerance), "share of these that is still no degradation; 0.5")
      ("ignore", po::value(&given.ignore)->composing(), "a metric family that is not judged, besides the policy's; may be given again")
      ("plot", po::value(&out.plot), "write the evidence over time to this file, as SVG");
  table.positional.add_options()("files", po::value(&files));
  table.positions.add("files", -1);
  const auto read = read_options(table, arguments, out.json, text);
  if (!read) return read.error();
  if (*read == OptionsRead::told) return std::optional<ReplayOptions>{};

  const auto share = [](const std::optional<double>& value, double most) { return !value || (*value > 0 && *value <= most); };
  if (!share(given.alpha, 0.5)) return bad_option("--alpha: expected a number above 0, at most 0.5");
  if (!share(given.error_ratio_effect, 1)) return bad_option("--error-ratio-effect: expected a number above 0, at most 1");
  if (!share(given.latency_effect, 1)) return bad_option("--latency-effect: expected a number above 0, at most 1");
  if (given.tolerance && !(*given.tolerance >= 0 && *given.tolerance < 1)) return bad_option("--tolerance: expected a number from 0, below 1");
  if (given.ignore.size() > 64) return bad_option("--ignore: at most 64");

  if (split.empty()) {
    if (!files.empty()) return bad_option(fmt::format("'{}': a file goes with --baseline, --candidate or --split", files.front()));
    if (out.baseline.empty() || out.candidate.empty()) return bad_option("--baseline FILE and --candidate FILE are needed, or --split TIME FILE; see --help");
  } else {
    if (!out.baseline.empty() || !out.candidate.empty()) return bad_option("--split takes FILE alone, without --baseline and --candidate");
    if (files.empty()) return bad_option("--split: FILE is needed");
    auto time = read_time(split);
    if (!time) return time.error();
    out.split = *time;
    out.baseline = std::move(files);
  }
  const auto from_stdin = std::count(out.baseline.begin(), out.baseline.end(), "-") + std::count(out.candidate.begin(), out.candidate.end(), "-") + (out.policy == "-" ? 1 : 0);
  if (from_stdin > 1) return bad_option("'-': standard input can be read only once, but is given more than once");
  return std::optional<ReplayOptions>(std::move(out));
}

}  // namespace charon::ctl
