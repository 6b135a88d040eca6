#pragma once
/// The bytes an API server sends, for ScriptedServer. Each answer closes its connection.
#include "lib/kube/client.hpp"
#include "tests/integration/net/loopback.hpp"

#include <fmt/format.h>

namespace kube_test {

using namespace charon;
using namespace charon::kube;
namespace json = boost::json;

inline ClientConfig plain(unsigned short port) {
  ClientConfig config;
  config.host = "127.0.0.1";
  config.port = std::to_string(port);
  config.token = "secret-token";
  return config;
}

inline std::string answer(unsigned status, std::string_view body, std::string_view headers = {}) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Type: application/json\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

inline std::string name(const json::object& object) { return std::string(object.at("metadata").at("name").as_string()); }

inline json::object pod(std::string_view name, std::string_view version) {
  return {{"metadata", json::object{{"name", name}, {"namespace", "ns"}, {"uid", name}, {"resourceVersion", version}}}};
}

inline std::string list(std::vector<std::string> names, std::string_view version, std::string_view next = {}) {
  json::array items;
  for (const std::string& name : names) items.push_back(pod(name, "1"));
  return json::serialize(json::object{{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", json::object{{"resourceVersion", version}, {"continue", next}}}, {"items", items}});
}

inline std::string event(std::string_view type, std::string_view name, std::string_view version) {
  return json::serialize(json::object{{"type", type}, {"object", pod(name, version)}}) + "\n";
}

const std::string watch_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string last_chunk = "0\r\n\r\n";
inline std::string chunk(std::string_view text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

}  // namespace kube_test
