#include "injector/core/admin_port.hpp"

#include <set>

namespace charon::injector {
namespace {

namespace json = boost::json;

void add_ports(const std::vector<const json::object*>& containers, std::set<std::uint16_t>& out) {
  for (const json::object* container : containers) {
    const json::array* ports = array_of(*container, "ports");
    if (!ports) continue;
    for (const json::value& value : *ports) {
      const json::object* port = value.if_object();
      const json::value* number = port ? port->if_contains("containerPort") : nullptr;
      boost::system::error_code ec;
      const auto parsed = number ? number->to_number<std::uint16_t>(ec) : std::uint16_t{0};
      if (!ec) out.insert(parsed);
    }
  }
}

}  // namespace

std::uint16_t admin_port(const PodView& pod, const Endpoint& endpoint) {
  std::set<std::uint16_t> taken{endpoint.port};
  add_ports(pod.containers(), taken);
  add_ports(pod.init_containers(), taken);
  // A pod that declares all 46,440 ports above finds the search at its end, and the agent without its own endpoint.
  std::uint16_t port = usual_admin_port;
  while (taken.contains(port) && port < 65535) ++port;
  return port;
}

}  // namespace charon::injector
