#include "coordinator/core/api_route.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace charon::coordinator {
namespace {

struct Row {
  std::string_view method, path;  ///< "{...}" stands for one segment
  ApiCall call;
};
constexpr std::array table{
    Row{"POST", "/v1/agents/hello", ApiCall::hello},
    Row{"POST", "/v1/reports", ApiCall::report},
    Row{"GET", "/v1/agents/baseline", ApiCall::baseline},
    Row{"GET", "/v1/workloads", ApiCall::workloads},
    Row{"GET", "/v1/workloads/{ns}/{kind}/{name}", ApiCall::workload},
    Row{"POST", "/v1/workloads/{ns}/{kind}/{name}/rollback", ApiCall::rollback},
    Row{"POST", "/v1/workloads/{ns}/{kind}/{name}/freeze", ApiCall::freeze},
    Row{"POST", "/v1/workloads/{ns}/{kind}/{name}/unfreeze", ApiCall::unfreeze},
    Row{"POST", "/v1/workloads/{ns}/{kind}/{name}/promote", ApiCall::promote},
    Row{"POST", "/v1/registry/events", ApiCall::registry_events},
    Row{"POST", "/rollout", ApiCall::old_rollout},
    Row{"POST", "/rollback", ApiCall::old_rollback},
};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out += in[i];
      continue;
    }
    if (in.size() - i < 3 || hex(in[i + 1]) < 0 || hex(in[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex(in[i + 1]) * 16 + hex(in[i + 2]));
    i += 2;
  }
  return out;
}

std::vector<std::string_view> split(std::string_view in, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = in.find(separator, begin);
    out.push_back(in.substr(begin, end == in.npos ? in.npos : end - begin));
    if (end == in.npos) return out;
    begin = end + 1;
  }
}

/// A Kubernetes object name: a DNS subdomain (RFC 1123). Nothing else reaches a path or a log line.
bool object_name(std::string_view s) {
  if (s.empty() || s.size() > 253) return false;
  for (const char c : s)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) return false;
  return s.front() != '-' && s.front() != '.';
}

/// What people type for a kind; empty if Charon knows no such workload.
std::string_view plural(std::string_view kind) {
  std::string lower(kind);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (lower == "deployment" || lower == "deployments" || lower == "deploy") return "deployments";
  return {};
}

bool matches(std::string_view pattern, const std::vector<std::string_view>& segments) {
  const auto wanted = split(pattern, '/');
  if (wanted.size() != segments.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!wanted[i].starts_with('{') && wanted[i] != segments[i]) return false;
  return true;
}

using Answer = std::variant<ApiRoute, ApiRefusal>;

/// Query parameters that calls know; others are ignored, as older servers must live with newer clients.
std::optional<ApiRefusal> read_query(std::string_view query, ApiRoute& route) {
  if (query.empty()) return std::nullopt;
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const auto value = percent_decoded(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1));
    if (!value) return ApiRefusal{400, fmt::format("query: '{}' is not percent-encoded", name), {}};
    if (name == "dryRun") {
      if (*value != "true" && *value != "false") return ApiRefusal{400, "dryRun: expected true or false", {}};
      route.dry_run = *value == "true";
    } else if (name == "namespace" && route.call == ApiCall::workloads) {
      if (!value->empty() && !object_name(*value)) return ApiRefusal{400, "namespace: not a name", {}};
      route.ns = *value;
    } else if (name == "to" && route.call == ApiCall::rollback) {
      if (value->size() > 256) return ApiRefusal{400, "to: at most 256 bytes", {}};
      route.to = *value;
    } else if (name == "version" && route.call == ApiCall::baseline) {
      const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), route.version);
      if (error != std::errc{} || end != value->data() + value->size()) return ApiRefusal{400, "version: expected a whole number", {}};
    }
  }
  return std::nullopt;
}

Answer filled(ApiCall call, const std::vector<std::string_view>& segments, std::string_view query) {
  ApiRoute out;
  out.call = call;
  if (segments.size() >= 6) {  // "", v1, workloads, ns, kind, name
    const auto ns = percent_decoded(segments[3]), kind = percent_decoded(segments[4]), name = percent_decoded(segments[5]);
    if (!ns || !kind || !name) return ApiRefusal{400, "path: not percent-encoded", {}};
    if (!object_name(*ns) || !object_name(*name)) return ApiRefusal{404, "no object can have this name", {}};
    if (plural(*kind).empty()) return ApiRefusal{404, "the kind of workload must be deployment", {}};
    out.ns = *ns;
    out.kind = plural(*kind);
    out.name = *name;
  }
  if (auto refusal = read_query(query, out)) return *refusal;
  return out;
}

}  // namespace

Answer route(std::string_view method, std::string_view target) {
  if (target.size() > max_target_bytes) return ApiRefusal{414, fmt::format("the target is longer than {} bytes", max_target_bytes), {}};
  const std::size_t question = target.find('?');
  const auto segments = split(target.substr(0, question), '/');
  const std::string_view query = question == target.npos ? std::string_view{} : target.substr(question + 1);
  for (const Row& row : table) {
    if (!matches(row.path, segments)) continue;
    if (method != row.method) return ApiRefusal{405, fmt::format("this path takes {}", row.method), std::string(row.method)};
    return filled(row.call, segments, query);
  }
  return ApiRefusal{404, "no such path", {}};
}

}  // namespace charon::coordinator
