#include "injector/core/endpoint_discovery.hpp"

#include "injector/core/utf8_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace charon::injector {
namespace {

namespace json = boost::json;

/// Proxies of service meshes: their ports are not the application's.
constexpr std::array<std::string_view, 5> mesh_proxies{"istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane", "envoy"};
constexpr std::array<std::string_view, 3> metrics_port_names{"metrics", "http-metrics", "prom"};
constexpr std::size_t longest_path = 1024;

struct Port {
  std::uint16_t number = 0;
  std::string_view name, container;
};

std::vector<Port> tcp_ports(const PodView& pod, std::string_view only_container) {
  std::vector<Port> ports;
  for (const json::object* container : pod.containers()) {
    const std::string_view owner = text_of(*container, "name");
    if (only_container.empty() ? std::find(mesh_proxies.begin(), mesh_proxies.end(), owner) != mesh_proxies.end() : owner != only_container)
      continue;
    const json::array* listed = array_of(*container, "ports");
    if (!listed) continue;
    for (const json::value& value : *listed) {
      const json::object* port = value.if_object();
      if (!port) continue;
      const std::string_view protocol = text_of(*port, "protocol");
      if (!protocol.empty() && protocol != "TCP") continue;
      const json::value* number = port->if_contains("containerPort");
      boost::system::error_code ec;
      const auto parsed = number ? number->to_number<std::uint16_t>(ec) : std::uint16_t{0};
      if (ec || parsed == 0) continue;
      ports.push_back({parsed, text_of(*port, "name"), owner});
    }
  }
  return ports;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

const Port* port_named(const std::vector<Port>& ports, std::string_view name) {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return !name.empty() && port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

bool valid_path(std::string_view path) {
  return !path.empty() && path.size() <= longest_path && path.front() == '/' &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

bool valid_scheme(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

class Finder {
 public:
  explicit Finder(const PodView& pod) : pod_(pod) {}

  Discovery run() {
    find_container();
    const std::vector<Port> ports = tcp_ports(pod_, container_);
    Endpoint endpoint;
    const bool prometheus = pod_.annotation("prometheus.io/scrape") != "false";
    const auto named_by_prometheus = prometheus ? port_of("prometheus.io/port", ports) : std::nullopt;
    bool prometheus_describes_it = prometheus;
    if (const auto port = port_of("charon.dev/metrics-port", ports)) {
      take(endpoint, *port, "charon.dev/metrics-port");
      prometheus_describes_it = prometheus && (!named_by_prometheus || named_by_prometheus->number == port->number);
    } else if (named_by_prometheus) {
      take(endpoint, *named_by_prometheus, "prometheus.io/port");
    } else if (const Port* found = conventional(ports)) {
      take(endpoint, *found, fmt::format("port named {}", found->name));
    } else if (const Port* only = only_port(ports)) {
      take(endpoint, *only, "the only TCP port");
    }
    annotate("charon.dev/metrics-path", "prometheus.io/path", prometheus_describes_it, valid_path, endpoint.path,
             "a path such as /metrics");
    annotate("charon.dev/metrics-scheme", "prometheus.io/scheme", prometheus_describes_it, valid_scheme, endpoint.scheme,
             "http or https");
    if (endpoint.port != 0) out_.endpoint = std::move(endpoint);
    return std::move(out_);
  }

 private:
  void refuse(std::string_view annotation, std::string_view value, std::string_view expected) {
    out_.warnings.push_back(fmt::format("charon: {} '{}' is not {}; passed over", annotation, utf8_prefix(value, 40), expected));
  }

  void find_container() {
    const auto wanted = pod_.annotation("charon.dev/metrics-container");
    if (!wanted) return;
    const auto& all = pod_.containers();
    if (std::any_of(all.begin(), all.end(), [&](const json::object* c) { return text_of(*c, "name") == *wanted; }))
      container_ = *wanted;
    else
      refuse("charon.dev/metrics-container", *wanted, "a container of this pod");
  }

  std::optional<Port> port_of(std::string_view annotation, const std::vector<Port>& ports) {
    const auto value = pod_.annotation(annotation);
    if (!value) return std::nullopt;
    if (const Port* named = port_named(ports, *value)) return *named;
    const auto number = port_number(*value);
    if (!number) {
      refuse(annotation, *value, "a port");
      return std::nullopt;
    }
    const auto declared = std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.number == *number; });
    return declared != ports.end() ? *declared : Port{*number, {}, container_};
  }

  static const Port* conventional(const std::vector<Port>& ports) {
    for (const std::string_view name : metrics_port_names)
      if (const Port* found = port_named(ports, name)) return found;
    return nullptr;
  }

  static const Port* only_port(const std::vector<Port>& ports) {
    const bool one = !ports.empty() && std::all_of(ports.begin(), ports.end(), [&](const Port& p) { return p.number == ports.front().number; });
    return one ? &ports.front() : nullptr;
  }

  static void take(Endpoint& endpoint, const Port& port, std::string source) {
    endpoint.port = port.number;
    endpoint.container = std::string(port.container);
    endpoint.source = std::move(source);
  }

  void annotate(std::string_view own, std::string_view prometheus, bool prometheus_describes_it, bool (*valid)(std::string_view),
                std::string& out, std::string_view expected) {
    for (const std::string_view name : {own, prometheus}) {
      if (name == prometheus && !prometheus_describes_it) return;
      const auto value = pod_.annotation(name);
      if (!value) continue;
      if (valid(*value)) {
        out = std::string(*value);
        return;
      }
      refuse(name, *value, expected);
    }
  }

  const PodView& pod_;
  std::string_view container_;
  Discovery out_;
};

}  // namespace

Discovery discover_endpoint(const PodView& pod) { return Finder(pod).run(); }

}  // namespace charon::injector
