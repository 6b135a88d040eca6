#include "coordinator/shell/settings.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace charon::coordinator {
namespace {

std::optional<Level> log_level(std::string_view name) {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  for (int i = 0; i < 4; ++i)
    if (names[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

}  // namespace

Result<kube::ClientConfig> Settings::kube() const {
  if (kube_host.empty()) return kube::ClientConfig::in_cluster();
  kube::ClientConfig config;
  config.host = kube_host;
  config.port = kube_port;
  config.token_file = kube_token_file;
  if (!kube_ca.empty()) {
    std::ifstream file(kube_ca);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return fail(Errc::not_found, "cannot read " + kube_ca);
    config.ca_pem = text.str();
  }
  return config;
}

Result<std::optional<Settings>> read_settings(int argc, const char* const* argv) {
  namespace po = boost::program_options;
  Settings s;
  std::string level, settle;
  po::options_description options("charon-coordinator: gathers the agents' verdicts and returns workloads to their stable release");
  options.add_options()
      ("help", "show this")
      ("version", "show the version")
      ("listen", po::value(&s.listen)->default_value(s.listen), "port of the HTTPS API")
      ("admin", po::value(&s.admin)->default_value(s.admin), "port of /healthz, /readyz and /metrics (plain)")
      ("tls-dir", po::value(&s.tls_dir)->default_value(s.tls_dir), "directory with tls.crt, tls.key and ca.crt; waited for, and read again when they change")
      ("namespace", po::value(&s.ns)->default_value(s.ns), "the coordinator's own namespace, which holds the registries' secrets")
      ("kube-host", po::value(&s.kube_host), "the API server's address; default: that of the cluster the coordinator runs in")
      ("kube-port", po::value(&s.kube_port)->default_value(s.kube_port), "its port")
      ("kube-ca", po::value(&s.kube_ca), "file with the roots it is trusted by")
      ("kube-token-file", po::value(&s.kube_token_file), "file with the token to show to it")
      ("log-level", po::value(&level)->default_value("info"), "debug, info, warn or error")
      ("settle-time", po::value(&settle), "how long a release runs well before it is stable, where no RollbackPolicy says so: 30m");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, options), values);
    if (values.count("help")) {
      std::cout << options;
      return std::optional<Settings>{};
    }
    if (values.count("version")) {
      std::cout << CHARON_VERSION << '\n';
      return std::optional<Settings>{};
    }
    po::notify(values);
    if (const auto known = log_level(level))
      s.log_level = *known;
    else
      return fail(Errc::invalid_input, "--log-level: expected debug, info, warn or error");
    if (!settle.empty()) {
      const auto time = parse_duration(settle);
      if (!time) return fail(Errc::invalid_input, "--settle-time: expected a duration such as 30m");
      s.settle_time = *time;
    }
  } catch (const po::error& error) {
    return fail(Errc::invalid_input, error.what());
  }
  return std::optional<Settings>(std::move(s));
}

}  // namespace charon::coordinator
