#include "coordinator/shell/settings.hpp"

#include "lib/base/log_level.hpp"

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <iostream>

namespace charon::coordinator {

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
      ("kube-host", po::value(&s.api.host), "the API server's address; default: that of the cluster the coordinator runs in")
      ("kube-port", po::value(&s.api.port)->default_value(s.api.port), "its port")
      ("kube-ca", po::value(&s.api.ca_file), "file with the roots it is trusted by")
      ("kube-token-file", po::value(&s.api.token_file), "file with the token to show to it")
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
    if (const auto known = parse_log_level(level))
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
