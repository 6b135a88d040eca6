#include "injector/shell/settings.hpp"

#include "lib/base/log_level.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace charon::injector {
namespace {

std::optional<NativeSidecar> native_sidecar(std::string_view name) {
  for (const auto& [value, text] : names_of(NativeSidecar{}))
    if (text == name) return value;
  return std::nullopt;
}

/// Texts that become values of another type.
struct Raw {
  std::string level = "info", native = "auto", drain = "5s", retry = "5m";
  std::string cpu_request = "10m", cpu_limit = "100m", memory_request = "24Mi", memory_limit = "48Mi", storage_request = "8Mi", storage_limit = "128Mi";
};

Result<void> finalize(const Raw& raw, Settings& s) {
  const auto bad = [](std::string_view option, std::string_view expected) {
    return fail(Errc::invalid_input, "--" + std::string(option) + ": expected " + std::string(expected));
  };
  const auto level = parse_log_level(raw.level);
  if (!level) return bad("log-level", "debug, info, warn or error");
  s.log_level = *level;
  if (raw.level != "info") s.agent.log_level = raw.level;
  const auto native = native_sidecar(raw.native);
  if (!native) return bad("native-sidecar", "auto, always or never");
  s.native_sidecar = *native;
  const auto drain = parse_duration(raw.drain);
  if (!drain) return bad("drain", "a duration such as 5s");
  s.drain = *drain;
  const auto retry = parse_duration(raw.retry);
  if (!retry || *retry < std::chrono::seconds{1}) return bad("breaker-retry", "a duration of a second or more");
  s.breaker_retry = *retry;
  if (s.breaker_pods == 0) return bad("breaker-pods", "1 or more");
  if (s.agent.image.empty()) return bad("agent-image", "an image");
  if (!s.agent.coordinator.starts_with("https://")) return bad("coordinator", "https://host:port");

  AgentResources& r = s.agent.resources;
  for (const auto& [option, text, kind, out] :
       {std::tuple{"agent-cpu-request", &raw.cpu_request, ResourceKind::cpu, &r.cpu_request},
        std::tuple{"agent-cpu-limit", &raw.cpu_limit, ResourceKind::cpu, &r.cpu_limit},
        std::tuple{"agent-memory-request", &raw.memory_request, ResourceKind::memory, &r.memory_request},
        std::tuple{"agent-memory-limit", &raw.memory_limit, ResourceKind::memory, &r.memory_limit},
        std::tuple{"agent-ephemeral-storage-request", &raw.storage_request, ResourceKind::storage, &r.storage_request},
        std::tuple{"agent-ephemeral-storage-limit", &raw.storage_limit, ResourceKind::storage, &r.storage_limit}}) {
    const auto amount = amount_of(boost::json::string(*text), kind);
    if (!amount || *amount == 0) return bad(option, "a quantity such as 100m or 48Mi");
    *out = *amount;
  }
  if (r.cpu_request > r.cpu_limit || r.memory_request > r.memory_limit || r.storage_request > r.storage_limit)
    return bad("agent-*-request", "at most the limit");
  if (r.cpu_limit < least_cpu_limit || r.memory_limit < least_memory_limit || r.storage_limit < least_storage_limit)
    return bad("agent-*-limit", "at least 10m, 20Mi and 32Mi of ephemeral-storage");
  return {};
}

}  // namespace

Result<std::optional<Settings>> read_settings(int argc, const char* const* argv) {
  namespace po = boost::program_options;
  Settings s;
  Raw raw;
  s.agent.version = CHARON_VERSION;
  const auto text = [](std::string& out) { return po::value(&out)->default_value(out); };
  po::options_description options("charon-injector: gives the pods of labelled namespaces an agent");
  options.add_options()
      ("help", "show this")
      ("version", "show the version")
      ("listen", po::value(&s.listen)->default_value(s.listen), "port of the webhook (HTTPS)")
      ("admin", po::value(&s.admin)->default_value(s.admin), "port of /healthz, /readyz and /metrics (plain)")
      ("namespace", text(s.ns), "the injector's own namespace, which holds the certificate authority")
      ("service", text(s.service), "the Service that the API server calls")
      ("webhook-configuration", text(s.webhook_configuration), "the MutatingWebhookConfiguration whose caBundle is kept")
      ("coordinator-service", text(s.coordinator_service), "the Service that the coordinator's certificate is for")
      ("coordinator", po::value(&s.agent.coordinator), "what agents report to: https://host:port; default: that Service")
      ("agent-image", po::value(&s.agent.image), "the agent's image, by digest where it has one")
      ("agent-cpu-request", text(raw.cpu_request), "of the agent's container")
      ("agent-cpu-limit", text(raw.cpu_limit), "of the agent's container")
      ("agent-memory-request", text(raw.memory_request), "of the agent's container")
      ("agent-memory-limit", text(raw.memory_limit), "of the agent's container")
      ("agent-ephemeral-storage-request", text(raw.storage_request), "of the agent's container, in pods that request any")
      ("agent-ephemeral-storage-limit", text(raw.storage_limit), "of the agent's container, in pods that limit any")
      ("native-sidecar", text(raw.native), "auto (where the server and every node are 1.29 or later), always, never")
      ("breaker-pods", po::value(&s.breaker_pods)->default_value(s.breaker_pods), "injection stops when this many pods wait on the agent's image")
      ("breaker-retry", text(raw.retry), "and is tried again, one pod at a time, after this")
      ("drain", text(raw.drain), "served on after SIGTERM, until no API server calls any more")
      ("kube-host", po::value(&s.api.host), "the API server's address; default: that of the cluster the injector runs in")
      ("kube-port", text(s.api.port), "its port")
      ("kube-ca", po::value(&s.api.ca_file), "file with the roots it is trusted by")
      ("kube-token-file", po::value(&s.api.token_file), "file with the token to show to it")
      ("log-level", text(raw.level), "debug, info, warn or error");
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
  } catch (const po::error& error) {
    return fail(Errc::invalid_input, error.what());
  }
  if (s.agent.coordinator.empty()) s.agent.coordinator = "https://" + s.coordinator_service + "." + s.ns + ".svc:8443";
  if (const auto ok = finalize(raw, s); !ok) return ok.error();
  return std::optional<Settings>(std::move(s));
}

}  // namespace charon::injector
