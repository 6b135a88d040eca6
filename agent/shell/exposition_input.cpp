#include "agent/shell/exposition_input.hpp"

#include "agent/core/exposition_parser.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace charon::agent {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

Result<std::string> read_all(const std::string& path, const std::string& name) {
  const auto unreadable = [&] { return fail(Errc::unavailable, fmt::format("{}: {}", name, std::strerror(errno))); };
  const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) return unreadable();
  // One byte more than the parser takes, so that it is the parser who says that the text is too long.
  const std::size_t most = ExpositionLimits{}.bytes + 1;
  std::string text;
  char buffer[65536];
  while (text.size() < most) {
    const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
    text.append(buffer, got);
    if (got == sizeof buffer) continue;
    if (std::ferror(file.get())) return unreadable();
    break;
  }
  return text;
}

}  // namespace

Result<ExpositionInput> read_exposition_input(const std::string& command, const std::vector<std::string>& arguments) {
  const auto usage = [&](const std::string& problem) {
    return fail(Errc::invalid_input, fmt::format("{}\nusage: charon-agent {} [--format auto|prometheus|openmetrics] [FILE]", problem, command));
  };
  std::string format = "auto", path = "-";
  bool have_path = false, only_files = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!only_files && argument == "--") {
      only_files = true;
    } else if (!only_files && argument == "--format") {
      if (++i == arguments.size()) return usage("--format wants a value");
      format = arguments[i];
    } else if (!only_files && argument.starts_with("--format=")) {
      format = argument.substr(std::strlen("--format="));
    } else if (!only_files && argument.size() > 1 && argument.starts_with('-')) {
      return usage("unknown option " + argument);
    } else if (have_path) {
      return usage("more than one FILE");
    } else {
      path = argument;
      have_path = true;
    }
  }
  if (format != "auto" && format != "prometheus" && format != "openmetrics") return usage("unknown format " + format);

  ExpositionInput input;
  input.name = path == "-" ? "<stdin>" : path;
  auto text = read_all(path, input.name);
  if (!text) return text.error();
  input.text = std::move(*text);
  if (format == "auto") input.dialect = dialect_of_text(input.text);
  else input.dialect = format == "openmetrics" ? Dialect::openmetrics : Dialect::prometheus;
  return input;
}

}  // namespace charon::agent
