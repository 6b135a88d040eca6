#include "ctl/replay.hpp"

#include "ctl/printable.hpp"
#include "ctl/replay_file.hpp"
#include "ctl/replay_json.hpp"
#include "ctl/replay_options.hpp"
#include "ctl/replay_plot.hpp"
#include "ctl/replay_report.hpp"
#include "ctl/replay_text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <fstream>

namespace charon::ctl {
namespace {

Result<void> read_files(const std::vector<std::string>& paths, Recording& recording) {
  for (const std::string& path : paths) {
    auto file = RecordingFile::open(path);
    if (!file) return file.error();
    const std::string_view text = file->text();
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return fail(Errc::invalid_input, file->name() + ": empty");
    const bool json = text[first] == '{' || text[first] == '[';
    if (auto ok = json ? read_recorded_json(text, file->name(), recording) : read_recorded_text(text, file->name(), recording); !ok) return ok;
  }
  recording.finish();
  return {};
}

Result<ReplaySettings> settings_of(const ReplayOptions& options) {
  if (options.policy.empty()) return options.settings();
  const auto file = RecordingFile::open(options.policy, max_policy_bytes);
  if (!file) return file.error();
  const auto policy = read_policy_file(file->text(), file->name());
  if (!policy) return policy.error();
  return options.settings(*policy);
}

Result<ReplayResult> judge(const ReplayOptions& options) {
  const auto settings = settings_of(options);
  if (!settings) return settings.error();
  Recording baseline, candidate;
  if (auto ok = read_files(options.baseline, baseline); !ok) return ok.error();
  if (options.split) return replay(baseline, baseline, options.split, *settings);
  if (auto ok = read_files(options.candidate, candidate); !ok) return ok.error();
  return replay(baseline, candidate, std::nullopt, *settings);
}

int refused(const Error& error) {
  fmt::print(stderr, "charonctl replay: {}\n", printable(error.context));
  return replay_bad_input;
}

}  // namespace

int replay_command(const std::vector<std::string>& arguments) {
  std::string text;
  const auto options = read_replay_options(arguments, text);
  if (!options) return refused(options.error());
  if (!*options) {
    fmt::print("{}", text);
    return 0;
  }
  const auto result = judge(**options);
  if (!result) return refused(result.error());
  if (!(*options)->plot.empty()) {
    std::ofstream out((*options)->plot, std::ios::binary);
    out << replay_svg(*result);
    out.close();
    if (!out) return refused(fail(Errc::unavailable, "cannot write " + (*options)->plot));
  }
  if ((*options)->json) fmt::print("{}\n", boost::json::serialize(replay_json(*result)));
  else fmt::print("{}", replay_text(*result));
  return result->verdict == wire::Verdict::pass ? replay_pass : result->verdict == wire::Verdict::fail ? replay_fail : replay_inconclusive;
}

}  // namespace charon::ctl
