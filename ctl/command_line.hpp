#pragma once
/// The command line of charonctl's verbs but replay: what to ask of which coordinator, with which token (docs/charonctl.md).
#include "lib/base/error.hpp"
#include "lib/base/http_message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace charon::ctl {

enum class Verb { workloads, explain, rollback, promote, freeze, unfreeze };

struct CommandLine {
  Verb verb{};
  std::string ns, name;         ///< of the workload; workloads: ns is a filter
  std::string to;               ///< rollback: a release; empty: the last stable one
  bool dry_run = false;
  bool json = false;            ///< print the coordinator's answer as it is
  std::string host, port;       ///< of the server
  std::string server_name;      ///< in its certificate, where it differs from host (a port-forward)
  std::string ca_pem;           ///< empty: the system's roots
  std::string token;

  /// The call of the coordinator's API.
  HttpRequest request() const;
};

/// Reads files and the environment through these, so that it can be tested without them.
struct Surroundings {
  std::function<std::string(const char* name)> variable;                  ///< empty if unset
  std::function<Result<std::string>(const std::string& path)> file;
};

/// Empty: help or version was asked for; `text` holds it. Errors: invalid_input with what is wrong.
Result<std::optional<CommandLine>> read_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings, std::string& text);

}  // namespace charon::ctl
