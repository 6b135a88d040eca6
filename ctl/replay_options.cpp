#include "ctl/replay_options.hpp"

#include "ctl/option_reader.hpp"

#include <fmt/format.h>

#include <charconv>

namespace charon::ctl {
namespace {

constexpr std::string_view usage = R"(Usage: charonctl replay --baseline FILE... --candidate FILE... [options]
       charonctl replay --split TIME FILE... [options]

Judges recorded metrics as the agents would have. FILE: the JSON of Prometheus' /api/v1/query_range (or of
/api/v1/query to a range selector), or OpenMetrics or Prometheus text with timestamps. "-" is standard input.
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

Result<std::optional<ReplayOptions>> read_replay_options(const std::vector<std::string>& arguments, std::string& text) {
  namespace po = boost::program_options;
  ReplayOptions out;
  std::vector<std::string> files;
  std::string split;
  wire::AgentPolicy& policy = out.settings.policy;
  OptionTable table{usage};
  table.shown.add_options()
      ("baseline", po::value(&out.baseline)->multitoken()->composing(), "what the stable release showed")
      ("candidate", po::value(&out.candidate)->multitoken()->composing(), "what the release to judge showed")
      ("split", po::value(&split), "the files hold both; the candidate began then (RFC 3339, or seconds since 1970)")
      ("alpha", po::value(&out.settings.alpha)->default_value(0.001, "0.001"), "probability of a fail of a healthy release")
      ("error-ratio-effect", po::value(&policy.error_ratio_effect)->default_value(policy.error_ratio_effect, "0.01"), "rise of the share of failed requests that matters")
      ("latency-effect", po::value(&policy.latency_effect)->default_value(policy.latency_effect, "0.1"), "rise of the share of slow requests that matters")
      ("tolerance", po::value(&policy.tolerance)->default_value(policy.tolerance, "0.5"), "share of these that is still no degradation")
      ("ignore", po::value(&policy.ignore)->composing(), "a metric family that is not judged; may be given again")
      ("levels-decide", po::bool_switch(&policy.levels_decide), "gauges, rates and mean durations have a part in the verdict, as under the policy's levelsDecide")
      ("plot", po::value(&out.plot), "write the evidence over time to this file, as SVG");
  table.positional.add_options()("files", po::value(&files));
  table.positions.add("files", -1);
  const auto read = read_options(table, arguments, out.json, text);
  if (!read) return read.error();
  if (*read == OptionsRead::told) return std::optional<ReplayOptions>{};

  const auto within = [](double value, double least, double most) { return value > least && value <= most; };
  if (!within(out.settings.alpha, 0, 0.5)) return bad_option("--alpha: expected a number above 0, at most 0.5");
  if (!within(policy.error_ratio_effect, 0, 1)) return bad_option("--error-ratio-effect: expected a number above 0, at most 1");
  if (!within(policy.latency_effect, 0, 1)) return bad_option("--latency-effect: expected a number above 0, at most 1");
  if (!(policy.tolerance >= 0 && policy.tolerance < 1)) return bad_option("--tolerance: expected a number from 0, below 1");
  if (policy.ignore.size() > 64) return bad_option("--ignore: at most 64");

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
  return std::optional<ReplayOptions>(std::move(out));
}

}  // namespace charon::ctl
