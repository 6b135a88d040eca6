#include "lib/detection/request_outcome.hpp"

#include <algorithm>
#include <array>

namespace charon::detection {
namespace {

using std::string_view;

constexpr auto status_labels = std::to_array<string_view>(
    {"code", "status", "status_code", "http_status", "http_status_code", "http_response_status_code", "response_code", "grpc_code",
     "grpc_status", "rpc_grpc_status_code", "outcome"});
constexpr auto path_labels = std::to_array<string_view>({"path", "handler", "uri", "route", "http_route", "url_path", "endpoint", "url"});
constexpr auto probe_paths = std::to_array<string_view>(
    {"/metrics", "/healthz", "/livez", "/readyz", "/health", "/ready", "/live", "/ping", "/actuator/prometheus", "/actuator/health",
     "/actuator/health/liveness", "/actuator/health/readiness", "/q/metrics", "/q/health"});
constexpr auto bad_words = std::to_array<string_view>(
    {"unknown", "deadlineexceeded", "unimplemented", "internal", "unavailable", "dataloss", "error", "failed", "failure", "servererror"});
constexpr auto bad_grpc_numbers = std::to_array<string_view>({"2", "4", "12", "13", "14", "15"});

template <std::size_t N>
bool one_of(const std::array<string_view, N>& list, string_view value) { return std::find(list.begin(), list.end(), value) != list.end(); }

/// Letters only, in lower case: "SERVER_ERROR", "DeadlineExceeded" and "DEADLINE_EXCEEDED" compare.
string_view letters(string_view value, std::array<char, 24>& buffer) {
  std::size_t size = 0;
  for (const char c : value) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower < 'a' || lower > 'z') continue;
    if (size == buffer.size()) return {};
    buffer[size++] = lower;
  }
  return {buffer.data(), size};
}

}  // namespace

bool is_status_label(string_view label) { return one_of(status_labels, label); }

bool is_bad_status(string_view label, string_view value) {
  if (label == "rpc_grpc_status_code" || label == "grpc_code" || label == "grpc_status")
    if (one_of(bad_grpc_numbers, value)) return true;
  if (value.size() == 3 && value[0] >= '0' && value[0] <= '9') return value[0] == '5';
  std::array<char, 24> buffer{};
  return one_of(bad_words, letters(value, buffer));
}

bool is_probe(string_view label, string_view value) { return one_of(path_labels, label) && one_of(probe_paths, value); }

}  // namespace charon::detection
