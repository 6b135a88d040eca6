#include "ctl/command_line.hpp"

#include "ctl/option_reader.hpp"

#include <boost/url.hpp>
#include <fmt/format.h>

namespace charon::ctl {
namespace {

constexpr std::string_view usage = R"(Usage: charonctl VERB [NAMESPACE/NAME] [options]

  workloads                what Charon watches, and in which state it is
  explain NAMESPACE/NAME   releases, evidence, and what was done and why
  rollback NAMESPACE/NAME  back to the last stable release, or to the one named by --to
  promote NAMESPACE/NAME   the candidate is stable from now on
  freeze NAMESPACE/NAME    Charon changes nothing there until unfreeze
  unfreeze NAMESPACE/NAME
  replay                   judges recorded metrics, without a coordinator: see replay --help

)";

std::optional<Verb> verb_of(std::string_view name) {
  constexpr std::pair<std::string_view, Verb> verbs[] = {{"workloads", Verb::workloads}, {"explain", Verb::explain}, {"rollback", Verb::rollback},
                                                         {"promote", Verb::promote},     {"freeze", Verb::freeze},   {"unfreeze", Verb::unfreeze}};
  for (const auto& [text, verb] : verbs)
    if (text == name) return verb;
  return std::nullopt;
}

/// "https://host:8443", a path is not taken.
Result<void> read_server(const std::string& server, CommandLine& out) {
  if (server.empty()) return bad_option("--server (or CHARON_SERVER) is needed: https://HOST:8443");
  const std::string text = server.find("://") == std::string::npos ? "https://" + server : server;  // outlives the view
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "https" || url->host().empty()) return bad_option("--server: expected https://HOST[:PORT]");
  out.host = url->host_address();
  out.port = url->has_port() ? std::string(url->port()) : "8443";
  return {};
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

HttpRequest CommandLine::request() const {
  namespace urls = boost::urls;
  constexpr std::string_view actions[] = {"", "", "/rollback", "/promote", "/freeze", "/unfreeze"};
  const auto encoded = [](const std::string& text) { return urls::encode(text, urls::unreserved_chars); };
  HttpRequest out;
  out.headers.emplace_back("Authorization", "Bearer " + token);
  out.headers.emplace_back("User-Agent", "charonctl/" CHARON_VERSION);
  if (verb == Verb::workloads) {
    out.target = "/v1/workloads" + (ns.empty() ? "" : "?namespace=" + encoded(ns));
    return out;
  }
  out.target = fmt::format("/v1/workloads/{}/deployments/{}{}", encoded(ns), encoded(name), actions[static_cast<int>(verb)]);
  if (verb == Verb::explain) return out;
  out.method = "POST";
  out.target += dry_run ? "?dryRun=true" : "?dryRun=false";
  if (!to.empty()) out.target += "&to=" + encoded(to);
  return out;
}

Result<std::optional<CommandLine>> read_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings, std::string& text) {
  namespace po = boost::program_options;
  CommandLine out;
  std::string verb, workload, server, token_file, ca_file;
  OptionTable table{usage};
  table.shown.add_options()
      ("server", po::value(&server), "the coordinator: https://HOST:8443 (CHARON_SERVER)")
      ("server-name", po::value(&out.server_name), "the name in its certificate, where it differs, as with a port-forward (CHARON_SERVER_NAME)")
      ("ca", po::value(&ca_file), "file with the root it is trusted by; default: the system's roots (CHARON_CA)")
      ("token", po::value(&out.token), "who you are to the cluster (CHARON_TOKEN); anyone on this machine can see options")
      ("token-file", po::value(&token_file), "file with the token (CHARON_TOKEN_FILE)")
      ("namespace,n", po::value(&out.ns), "workloads: only those of this namespace")
      ("to", po::value(&out.to), "rollback: to this release (tag, digest or template hash)")
      ("dry-run", po::bool_switch(&out.dry_run), "say what would be done");
  table.positional.add_options()("verb", po::value(&verb))("workload", po::value(&workload));
  table.positions.add("verb", 1).add("workload", 1);
  const auto read = read_options(table, arguments, out.json, text);
  if (!read) return read.error();
  if (*read == OptionsRead::told) return std::optional<CommandLine>{};

  if (verb.empty()) return bad_option("a verb is needed, such as explain or replay; see --help");
  const auto known = verb_of(verb);
  if (!known) return bad_option(fmt::format("'{}' is not a verb; see --help", verb));
  out.verb = *known;
  if (out.verb == Verb::workloads) {
    if (!workload.empty()) return bad_option("workloads takes no name; see --namespace");
  } else {
    const std::size_t slash = workload.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == workload.size()) return bad_option(verb + ": expected NAMESPACE/NAME");
    out.ns = workload.substr(0, slash);
    out.name = workload.substr(slash + 1);
  }
  if (!out.to.empty() && out.verb != Verb::rollback) return bad_option("--to goes with rollback");

  const auto otherwise = [&](std::string& value, const char* name) {
    if (value.empty()) value = surroundings.variable(name);
  };
  otherwise(server, "CHARON_SERVER");
  otherwise(out.server_name, "CHARON_SERVER_NAME");
  otherwise(ca_file, "CHARON_CA");
  if (out.token.empty() && token_file.empty()) {
    otherwise(out.token, "CHARON_TOKEN");
    otherwise(token_file, "CHARON_TOKEN_FILE");
  }
  if (auto ok = read_server(server, out); !ok) return ok.error();
  if (out.token.empty() && !token_file.empty()) {
    auto token = surroundings.file(token_file);
    if (!token) return token.error();
    out.token = trimmed(std::move(*token));
  }
  if (out.token.empty()) return bad_option("--token-file or --token (CHARON_TOKEN_FILE, CHARON_TOKEN) is needed: kubectl create token NAME");
  if (!ca_file.empty()) {
    auto ca = surroundings.file(ca_file);
    if (!ca) return ca.error();
    out.ca_pem = std::move(*ca);
  }
  return std::optional<CommandLine>(std::move(out));
}

}  // namespace charon::ctl
